/** Blocks with trades in them: one, or many while time moves forward. */

import type { Head } from "../chain-facts.ts";
import type { Hex } from "../domain/primitives.ts";
import { tradesOfBlock } from "./traders.ts";
import type { World } from "./world.ts";

/**
 * Mines exactly one block with this block's trades and whatever else waits to be mined. `timestamp` is in seconds and
 * must lie after the block before; by default it is the chain's time.
 */
export function tradeOnce(world: World, timestamp?: bigint): Promise<Head> {
  return world.inTurn(() => mineTrades(world, timestamp));
}

/**
 * Moves the chain's time forward by so many seconds and mines `blocks` trading blocks spread evenly over them, the last
 * one exactly at the end, with no other block in between.
 */
export function advanceTime(world: World, seconds: bigint, blocks = 12): Promise<Head> {
  if (blocks < 1 || seconds < BigInt(blocks))
    throw new RangeError("Moving time forward needs at least one block, and one second a block.");
  return world.inTurn(async () => {
    world.time.reached((await latest(world)).timestamp);
    const from = world.time.now();
    let head: Head | undefined;
    for (let block = 1n; block <= blocks; block++)
      head = await mineTrades(world, from + (seconds * block) / BigInt(blocks));
    return head as Head;
  });
}

/**
 * As {@link tradeOnce}, but only when somebody's transaction waits to be mined. Inside the turn, because our own trades
 * wait there too for a moment.
 */
export function tradeIfPending(world: World): Promise<Head | undefined> {
  return world.inTurn(async () => {
    const { pending } = (await world.node.request("txpool_status")) as { pending: Hex };
    return BigInt(pending) > 0n ? mineTrades(world) : undefined;
  });
}

async function mineTrades(world: World, timestamp?: bigint): Promise<Head> {
  const { node, time } = world;
  const parent = await latest(world);
  const soonest = parent.timestamp + 1n;
  const now = time.now();
  const at = timestamp ?? (now > soonest ? now : soonest);
  if (at < soonest)
    throw new RangeError(`A block cannot be mined at ${at}: the one before it is of ${parent.timestamp}.`);
  const trades = tradesOfBlock(world, parent.number + 1n);
  await node.requests(trades.map((trade) => ({ method: "eth_sendTransaction", params: [trade] })));
  await node.request("evm_mine", Number(at));
  time.reached(at);
  return latest(world);
}

async function latest(world: World): Promise<Head> {
  const block = (await world.node.request("eth_getBlockByNumber", "latest", false)) as Record<string, Hex>;
  const { number, hash, timestamp } = block;
  if (!number || !hash || !timestamp) throw new Error("The embedded chain answered a block without a number.");
  return { number: BigInt(number), hash, timestamp: BigInt(timestamp) };
}
