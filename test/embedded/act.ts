/** Acting on the embedded chain in tests: calls tried out, and transactions of impersonated accounts. */

import type { Address, Hex } from "viem";
import { tradeOnce } from "../../src/embedded/trade.ts";
import type { World } from "../../src/embedded/world.ts";

/** Whether this call by `from` would go through now. */
export async function wouldSucceed(world: World, from: Address, to: Address, data: Hex): Promise<boolean> {
  try {
    await world.node.request("eth_call", { from, to, data }, "latest");
    return true;
  } catch (error) {
    if (String(error).includes("revert")) return false;
    throw error;
  }
}

/** Sends without a signature, mines a trading block, and returns the receipt's status. */
export async function actAs(world: World, from: Address, to: Address, data: Hex): Promise<boolean> {
  await world.node.request("anvil_impersonateAccount", from);
  await world.node.request("anvil_setBalance", from, "0xde0b6b3a7640000");
  const hash = await world.node.request("eth_sendTransaction", { from, to, data, gas: "0x1e8480" });
  await tradeOnce(world);
  const receipt = (await world.node.request("eth_getTransactionReceipt", hash)) as { status: string };
  return receipt.status === "0x1";
}
