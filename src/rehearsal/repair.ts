/** Makes the pilot pool whole and opens it again, as a council might after a breach: only ever on a chain of our own. */

import { encodeFunctionData, parseAbi, parseEther } from "viem";
import type { Address, Hex } from "../domain/primitives.ts";
import { advanceTime } from "../embedded/trade.ts";
import { users } from "../embedded/traders.ts";
import type { World } from "../embedded/world.ts";

const abi = parseAbi(["function transfer(address to, uint256 amount)", "function unpause()"]);

/** Blocks with trades afterwards, and seconds: for every breach rule to see that it is over, and as long as the pilot has to last. */
const [BLOCKS, SECONDS] = [14, 840n];

export async function reopened(world: World): Promise<void> {
  const [giver = world.timelock] = users;
  const donation = encodeFunctionData({ abi, functionName: "transfer", args: [world.pilotPool, parseEther("100000")] });
  const unpause = encodeFunctionData({ abi, functionName: "unpause" });
  await impersonated(world, giver, world.asset, donation);
  // The timelock is the pool's owner; on a real chain this takes the council and the whole delay.
  await impersonated(world, world.timelock, world.pilotPool, unpause);
  await advanceTime(world, SECONDS, BLOCKS);
}

/** A transaction of an account without its key; mined with the next block. */
async function impersonated({ node }: World, from: Address, to: Address, data: Hex): Promise<void> {
  await node.requests([
    { method: "anvil_impersonateAccount", params: [from] },
    { method: "anvil_setBalance", params: [from, "0x8ac7230489e80000"] },
  ]);
  await node.request("eth_sendTransaction", { from, to, data, gas: "0x7a120" });
}
