/** How soon people are called: from the chain's judgement of a block to the request leaving that names them, and to Slack having it. */

import { getAddress, keccak256, toHex } from "viem";
import type { Address, Hex } from "../../src/domain/primitives.ts";
import { tradeOnce } from "../../src/embedded/trade.ts";
import { users } from "../../src/embedded/traders.ts";
import { percentile } from "../chat/acks.ts";
import { type LiveWatch, startLiveWatch } from "./live.ts";

export interface Pages {
  breaches: number;
  left: Spread;
  arrived: Spread;
}

/** Milliseconds. */
interface Spread {
  median: number;
  p95: number;
  max: number;
}

const breaches = 20;

/** Accounts that must stay empty, each an invariant, are paid one after another. */
export async function measurePages(): Promise<Pages> {
  const empty = Array.from({ length: breaches + 1 }, (_none, nth) => emptyAccount(nth));
  const live = await startLiveWatch(empty.map(({ metric }) => metric));
  try {
    const times: Page[] = [];
    // What is made at first use is made by the first.
    for (const one of empty) times.push(await breach(live, one));
    const [, ...counted] = times;
    return {
      breaches,
      left: spread(counted.map((one) => one.left)),
      arrived: spread(counted.map((one) => one.arrived)),
    };
  } finally {
    await live.stop();
  }
}

interface Page {
  left: number;
  arrived: number;
}

function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: percentile(sorted, 50), p95: percentile(sorted, 95), max: percentile(sorted, 100) };
}

interface Empty {
  account: Address;
  metric: { id: string; title: string };
}

function emptyAccount(nth: number): Empty {
  const account = getAddress(`0x${keccak256(toHex(`empty ${nth}`)).slice(26)}`);
  const metric = {
    ...{ id: `empty-${nth}`, title: `Account ${nth} is empty`, class: "asset", chain: "eip155:31337", unit: "wei" },
    read: { kind: "balance", of: account },
    ...{ pass: { is: "=", value: 0 }, fail: { is: ">", value: 0 } },
    ...{ severity: 1, containment: "pause-pilot", owner: "dev", runbook: "Contain with pause-pilot." },
  };
  return { account, metric };
}

async function breach({ running, slack, decidedAt, leftBy }: LiveWatch, { account, metric }: Empty): Promise<Page> {
  const { world, quorate } = running;
  await quorate.settle();
  const transaction = { from: users.at(-1), to: account, value: "0x1" };
  const hash = await world.node.request("eth_sendTransaction", transaction);
  await tradeOnce(world);
  const pagedAt = await slack.ask("paged", { about: metric.title });
  const { blockHash } = (await world.node.request("eth_getTransactionReceipt", hash)) as { blockHash: Hex };
  const decided = decidedAt.get(blockHash);
  if (decided === undefined) throw new Error(`Nothing was decided in the block that broke ${metric.id}.`);
  return { left: leftBy(pagedAt) - decided, arrived: pagedAt - decided };
}
