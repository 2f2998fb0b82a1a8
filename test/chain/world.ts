/** A small world on a real anvil for the chain tests: funded people, Safes of any version, a timelock, proxies. */

import { createRequire } from "node:module";
import { dirname } from "node:path";
import {
  type Abi,
  type Address,
  createTestClient,
  encodeFunctionData,
  getContractAddress,
  type Hex,
  http,
  keccak256,
  parseAbi,
  publicActions,
  stringToBytes,
  toHex,
  walletActions,
  zeroAddress,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { type Anvil, startAnvil } from "../../src/chain/anvil.ts";
import { type OpenChains, openChains } from "../../src/chain/open.ts";
import type { ChainId } from "../../src/domain/primitives.ts";
import type { Chain } from "../../src/ports.ts";

const require = createRequire(import.meta.url);

export interface Artefact {
  abi: Abi;
  bytecode: Hex;
}

/** An artefact out of an npm package, or out of this repository by a path from its root. */
export function artefact(path: string): Artefact {
  const { abi, bytecode } = require(path.startsWith("src/") ? `../../${path}` : path);
  return { abi, bytecode };
}

export const openzeppelin = (name: string) => artefact(`@openzeppelin/contracts/build/contracts/${name}.json`);

/** A key that only tests know: keccak256 of the name. */
export function person(name: string) {
  return privateKeyToAccount(keccak256(stringToBytes(`quorate test ${name}`)));
}

export const gasKey = keccak256(stringToBytes("quorate test gas"));
export const safeAbi = parseAbi([
  "function setup(address[] owners, uint256 threshold, address to, bytes data, address fallbackHandler, address paymentToken, uint256 payment, address paymentReceiver)",
  "function getTransactionHash(address to, uint256 value, bytes data, uint8 operation, uint256 safeTxGas, uint256 baseGas, uint256 gasPrice, address gasToken, address refundReceiver, uint256 nonce) view returns (bytes32)",
  "function nonce() view returns (uint256)",
  "function enableModule(address module)",
]);

export type World = Awaited<ReturnType<typeof startWorld>>;

/** Starts anvil with chain id 31900 and the gas key funded; the caller stops it. `hardfork` such as "shanghai". */
export async function startWorld({ hardfork }: { hardfork?: string } = {}) {
  const anvil: Anvil = await startAnvil({ chainId: 31900, ...(hardfork === undefined ? {} : { hardfork }) });
  const id: ChainId = "eip155:31900";
  const client = createTestClient({ mode: "anvil", transport: http(anvil.url), pollingInterval: 10 })
    .extend(publicActions)
    .extend(walletActions);
  const deployer = person("deployer");
  const chains: OpenChains = openChains({ rpc: { [id]: anvil.url }, gasKey, timeoutMs: 5_000 });
  const chain: Chain = chains.get(id);
  for (const account of [deployer.address, chain.gasAccount])
    await client.setBalance({ address: account, value: 10n ** 24n });

  /** Sends from any account, without its key, and waits until it is mined. */
  async function send(from: Address, to: Address | null, data: Hex, value = 0n): Promise<Hex> {
    await client.impersonateAccount({ address: from });
    await client.setBalance({ address: from, value: 10n ** 24n });
    const hash = await client.sendTransaction({ account: from, to, data, value, chain: null });
    const receipt = await client.waitForTransactionReceipt({ hash });
    if (receipt.status !== "success") throw new Error("a transaction of the test's own set-up reverted");
    return hash;
  }

  async function deploy({ abi, bytecode }: Artefact, args: readonly unknown[] = []): Promise<Address> {
    const { encodeDeployData } = await import("viem");
    const nonce = BigInt(await client.getTransactionCount({ address: deployer.address }));
    await send(deployer.address, null, encodeDeployData({ abi, bytecode, args }));
    return getContractAddress({ from: deployer.address, nonce });
  }

  /** A Safe of the given singleton behind a plain Safe proxy, set up with owners and threshold. */
  async function safe(singleton: Artefact, proxy: Artefact, owners: Address[], threshold: number): Promise<Address> {
    const account = await deploy(proxy, [await deploy(singleton)]);
    const setup = encodeFunctionData({
      abi: safeAbi,
      functionName: "setup",
      args: [owners, BigInt(threshold), zeroAddress, "0x", zeroAddress, zeroAddress, 0n, zeroAddress],
    });
    await send(deployer.address, account, setup);
    return account;
  }

  return {
    anvil,
    id,
    client,
    chain,
    deployer: deployer.address,
    send,
    deploy,
    safe,
    call: (abi: Abi, functionName: string, args: readonly unknown[] = []) =>
      encodeFunctionData({ abi, functionName, args }),
    async stop() {
      chains.close();
      await anvil.stop();
    },
  };
}

const safePackages = {
  "1.4.1": dirname(require.resolve("@safe-global/safe-contracts/package.json")),
  "1.5.0": dirname(require.resolve("@safe-global/safe-smart-account/package.json")),
} as const;
/** Bare artefact of the last version whose domain has no chain id. */
export const safe120 = () => artefact(require.resolve("safe-contracts-1.2/build/contracts/GnosisSafe.json"));
export type ModernVersion = keyof typeof safePackages;

export function safeArtefact(version: ModernVersion, path: string): Artefact {
  return artefact(`${safePackages[version]}/build/artifacts/contracts/${path}`);
}

export function deploySafe(
  world: World,
  version: ModernVersion,
  owners: Address[],
  threshold: number,
): Promise<Address> {
  const proxy = safeArtefact(version, "proxies/SafeProxy.sol/SafeProxy.json");
  return world.safe(safeArtefact(version, "Safe.sol/Safe.json"), proxy, owners, threshold);
}

/** 32 bytes out of a number, for salts and such. */
export function word(number: number): Hex {
  return toHex(number, { size: 32 });
}
