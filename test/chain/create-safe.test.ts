import Safe from "@safe-global/protocol-kit";
import type { Address } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { predictSafe } from "../../src/chain/create-safe.ts";
import { callTx } from "../../src/domain/safe-signatures.ts";
import { safeTxHashes } from "../../src/domain/safe-tx.ts";
import { type ModernVersion, person, safeArtefact, startWorld, type World } from "./world.ts";

const owners = ["ada", "ben", "caro"].map((name) => person(name).address);
const versions: ModernVersion[] = ["1.4.1", "1.5.0"];
let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

async function deployContracts(version: ModernVersion) {
  const put = (path: string) => world.deploy(safeArtefact(version, path));
  return {
    safeSingletonAddress: await put("Safe.sol/Safe.json"),
    safeProxyFactoryAddress: await put("proxies/SafeProxyFactory.sol/SafeProxyFactory.json"),
    multiSendAddress: await put("libraries/MultiSend.sol/MultiSend.json"),
    multiSendCallOnlyAddress: await put("libraries/MultiSendCallOnly.sol/MultiSendCallOnly.json"),
    fallbackHandlerAddress: await put("handler/CompatibilityFallbackHandler.sol/CompatibilityFallbackHandler.json"),
    signMessageLibAddress: await put("libraries/SignMessageLib.sol/SignMessageLib.json"),
    createCallAddress: await put("libraries/CreateCall.sol/CreateCall.json"),
    simulateTxAccessorAddress: await put("accessors/SimulateTxAccessor.sol/SimulateTxAccessor.json"),
  };
}

test.each(versions)("a Safe %s is where it was predicted, and protocol-kit hashes as we do", async (version) => {
  const contracts = await deployContracts(version);
  const wanted = { chain: world.id, rpcUrl: world.anvil.url, owners, threshold: 2, saltNonce: 7n, version, contracts };
  const { address, deployment } = await predictSafe(wanted);
  expect((await predictSafe({ ...wanted, saltNonce: 8n })).address).not.toBe(address);
  await expect(world.chain.safe(address)).rejects.toThrow("is not a Safe");
  await world.send(person("anybody").address, deployment.to, deployment.data, deployment.value);
  expect(await world.chain.safe(address)).toEqual({ address, version, nonce: 0n, threshold: 2, owners, modules: [] });

  const contractNetworks = { "31900": contracts };
  const kit = await Safe.init({ provider: world.anvil.url, safeAddress: address, contractNetworks });
  const to: Address = person("target").address;
  const ours = callTx({ chain: world.id, safe: address, safeVersion: version, nonce: 3n, to, data: "0x1234" });
  const theirs = await kit.createTransaction({
    transactions: [{ to, value: "0", data: "0x1234" }],
    options: { nonce: 3, safeTxGas: "0" },
  });
  expect(await kit.getTransactionHash(theirs)).toBe(safeTxHashes(ours).safeTxHash);
});
