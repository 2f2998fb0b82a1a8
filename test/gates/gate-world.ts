/** The embedded world as gates are asked about it: its chain, the sample policy, and contracts of a test's own on it. */

import { getAddress, type Hex } from "viem";
import { expect } from "vitest";
import { type OpenChains, openChains } from "../../src/chain/open.ts";
import type { Policy } from "../../src/domain/policy.ts";
import type { Address } from "../../src/domain/primitives.ts";
import { embeddedGasAccount, keylessAccount } from "../../src/embedded/people.ts";
import { tradeOnce } from "../../src/embedded/trade.ts";
import { type StartedWorld, startWorld } from "../../src/embedded/world.ts";
import { samplePolicy } from "../support/sample-policy.ts";

export interface GateWorld {
  world: StartedWorld;
  policy: Policy;
  chains: OpenChains;
  stop(): Promise<void>;
}

export async function startGateWorld(): Promise<GateWorld> {
  const [world, policy] = await Promise.all([startWorld(), samplePolicy()]);
  const chains = openChains({ rpc: { "eip155:31337": world.url }, gasKey: embeddedGasAccount.privateKey });
  const stop = async () => {
    chains.close();
    await world.stop();
  };
  return { world, policy, chains, stop };
}

/** Where the code with its constructor's arguments is then. */
export async function create(world: StartedWorld, bytecode: Hex): Promise<Address> {
  const from = keylessAccount("a deployer");
  await world.node.request("anvil_impersonateAccount", from);
  await world.node.request("anvil_setBalance", from, "0xde0b6b3a7640000");
  const hash = await world.node.request("eth_sendTransaction", { from, data: bytecode, gas: "0x7a1200" });
  await tradeOnce(world);
  const receipt = (await world.node.request("eth_getTransactionReceipt", hash)) as {
    status: string;
    contractAddress: Hex;
  };
  expect(receipt.status).toBe("0x1");
  return getAddress(receipt.contractAddress);
}
