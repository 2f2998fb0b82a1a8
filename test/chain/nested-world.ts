/** Trees of Safes of mixed versions on a real anvil, and people who sign for them. */

import { createRequire } from "node:module";
import { type Address, encodeFunctionData, type Hex, keccak256, zeroAddress } from "viem";
import type { BoundSafe } from "../../src/domain/events.ts";
import { approvalsIn, approvalTypedData, type SafeApproval } from "../../src/domain/nested-safes.ts";
import { callTx } from "../../src/domain/safe-signatures.ts";
import type { SafeTx } from "../../src/domain/safe-tx.ts";
import { person, safeAbi, safeArtefact, type World } from "./world.ts";

const require = createRequire(import.meta.url);

export const versions = ["1.3.0", "1.4.1", "1.5.0"] as const;
export type Version = (typeof versions)[number];

/** A Safe to be: its owners are people by name, addresses, or Safes to be. */
export interface Planned {
  version: Version;
  threshold: number;
  owners: (string | Address | Planned)[];
}

interface Published {
  bytecode: Hex;
  codeHash: Hex;
}

/** Safe 1.3.0 is in no package that is installed: its bytecode is checked against the code hash that Safe publishes. */
const published = require("./artefacts/safe-1.3.0.json") as Record<
  "GnosisSafe" | "CompatibilityFallbackHandler",
  Published
>;

export interface NestedWorld {
  /** Deploys a tree, children first; the root's facts as the program reads them. */
  plant(root: Planned): Promise<BoundSafe>;
  read(safe: Address): Promise<BoundSafe>;
}

/** Deploys every version's contracts once. */
export async function nestedWorld(world: World): Promise<NestedWorld> {
  const contracts = {
    "1.3.0": [await put(world, published.GnosisSafe), await put(world, published.CompatibilityFallbackHandler)],
    "1.4.1": await modern(world, "1.4.1"),
    "1.5.0": await modern(world, "1.5.0"),
  } as const;
  const proxy = safeArtefact("1.4.1", "proxies/SafeProxy.sol/SafeProxy.json");
  async function deploy({ version, threshold, owners }: Planned): Promise<Address> {
    const addresses: Address[] = [];
    for (const owner of owners)
      addresses.push(
        typeof owner === "object" ? await deploy(owner) : /^0x/.test(owner) ? (owner as Address) : addressOf(owner),
      );
    const [singleton, handler] = contracts[version];
    const account = await world.deploy(proxy, [singleton]);
    const args = [addresses, BigInt(threshold), zeroAddress, "0x", handler, zeroAddress, 0n, zeroAddress] as const;
    await world.send(world.deployer, account, encodeFunctionData({ abi: safeAbi, functionName: "setup", args }));
    return account;
  }
  async function read(address: Address): Promise<BoundSafe> {
    const { version, nonce, threshold, owners } = await world.chain.safe(address);
    const nested = await world.chain.nestedSafes(owners);
    return { address, chain: world.id, version, nonce, threshold, owners, nested };
  }
  return { read, plant: async (root) => read(await deploy(root)) };
}

export const addressOf = (name: string): Address => person(name).address;

async function put(world: World, { bytecode, codeHash }: Published): Promise<Address> {
  const account = await world.deploy({ abi: [], bytecode });
  const code = await world.client.getCode({ address: account });
  if (keccak256(code ?? "0x") !== codeHash) throw new Error("the bytecode of Safe 1.3.0 is not the published one");
  return account;
}

async function modern(world: World, version: "1.4.1" | "1.5.0"): Promise<readonly [Address, Address]> {
  return [
    await world.deploy(safeArtefact(version, "Safe.sol/Safe.json")),
    await world.deploy(
      safeArtefact(version, "handler/CompatibilityFallbackHandler.sol/CompatibilityFallbackHandler.json"),
    ),
  ];
}

/** A plain call out of a Safe at its present nonce. */
export function txOf(safe: BoundSafe, data: Hex = "0xabcd"): SafeTx {
  const { chain, address, version, nonce } = safe;
  return callTx({ chain, safe: address, safeVersion: version, nonce, to: addressOf("target"), data });
}

export async function signed(name: string, tx: SafeTx, approval: SafeApproval) {
  const signature = await person(name).signTypedData(approvalTypedData(tx, approval));
  return { owner: addressOf(name), via: approval.via, signature, contract: false };
}

/** Where a name is an owner: the first place in the tree. */
export function placeOf(name: string, tx: SafeTx, safe: BoundSafe): SafeApproval {
  const found = approvalsIn(tx, safe).find((one) => one.safe.owners.includes(addressOf(name)));
  if (found === undefined) throw new Error(`${name} can sign nowhere.`);
  return found;
}
