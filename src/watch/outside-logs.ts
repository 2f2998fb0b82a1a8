/** Metrics about events: the logs of the last blocks, one request a block, and one for what was before the first. */

import type { Block, BlockLog, BlockReads, PastLog } from "../block-reads.ts";
import type { Address, Hex } from "../domain/primitives.ts";
import { eventTopic, judgeEvent, type LogsSeen } from "../domain/watch/log-reading.ts";
import type { OutsideReading } from "../domain/watch/outside.ts";
import type { EventSource } from "../domain/watch/sources.ts";
import { deepest, keptBlocks } from "./block-run.ts";
import type { AskedOutside } from "./outside-readings.ts";

export interface EventFilter {
  accounts: Address[];
  /** First topics. */
  events: Hex[];
}

export interface EventLogs {
  /** `given`: the block's logs, where somebody has fetched what the filter needs among others. */
  readings(
    asked: readonly AskedOutside[],
    block: Block,
    given?: readonly BlockLog[],
  ): Promise<[key: string, OutsideReading][]>;
}

/** Known logs of consecutive blocks. */
interface Run {
  from: bigint;
  /** Its newest blocks, oldest first. */
  newest: { number: bigint; hash: Hex }[];
  /** In the order of blocks. */
  logs: PastLog[];
  /** What was asked for in all of its blocks. */
  kinds: ReadonlySet<string>;
}

/** After downtime a chain is followed at its head and in the gap behind; a third is for a change of what is asked. */
const mostRuns = 3;
/** Newest logs of one kind that are kept: whether there was one is decided by the newest of them. */
const mostOfKind = 1_000;

/** What one eth_getLogs has to ask for, for all of these metrics. */
export function eventFilter(asked: readonly Pick<AskedOutside, "metric">[]): EventFilter {
  const sources = eventsOf(asked).map(({ read }) => read);
  return { accounts: [...new Set(sources.map((one) => one.address))], events: [...new Set(sources.map(eventTopic))] };
}

export function eventLogs(
  chain: Pick<BlockReads, "logsIn" | "logsOver" | "blocks">,
  onFault: (fault: Error) => void,
): EventLogs {
  let runs: Run[] = [];

  async function upTo(block: Block, sources: readonly Wanted[], given?: readonly BlockLog[]): Promise<Run> {
    const first = sources.reduce((least, one) => (one.first < least ? one.first : least), block.number);
    const kinds = new Set(sources.map(({ read }) => kindOf(read.address, eventTopic(read))));
    const { accounts, events } = eventFilter(sources);
    const isKnown = runs.find((run) => covers(run, block, first, kinds));
    const [logs, before] = await Promise.all([
      given ?? chain.logsIn(block.hash, accounts, events),
      isKnown ?? history(block, first, kinds, { accounts, events }),
    ]);
    const place = before.newest.findIndex((one) => one.hash === block.parent);
    const now = logs.map(({ address, topics, transaction: transactionHash }) => ({
      ...{ address, topics, blockNumber: block.number, transactionHash },
    }));
    // A reorganisation may go on from an earlier block, which looks back further.
    const kept = first > BigInt(deepest) ? first - BigInt(deepest) : 0n;
    const run: Run = {
      from: before.from > kept ? before.from : kept,
      newest: [...before.newest.slice(0, place + 1), block].slice(-keptBlocks),
      logs: thinned([...before.logs.filter((one) => one.blockNumber < block.number), ...now], kept, kinds),
      kinds,
    };
    runs = [run, ...runs.filter((one) => one !== isKnown)].slice(0, mostRuns);
    return run;
  }

  /** What was before a block whose parent is in no run. */
  async function history(block: Block, from: bigint, kinds: Run["kinds"], filter: EventFilter): Promise<Run> {
    if (from >= block.number) return { from: block.number, newest: [], logs: [], kinds };
    const to = block.number - 1n;
    const logs = await chain.logsOver(from, to, filter.accounts, filter.events);
    const [parent] = await chain.blocks([to]);
    if (parent?.hash !== block.parent)
      throw new Error("The chain moved on to another branch while old events were read.");
    return { from, newest: [parent], logs, kinds };
  }

  return {
    async readings(asked, block, given) {
      const sources = eventsOf(asked).map((one) => ({ ...one, first: firstOf(one, block) }));
      if (sources.length === 0) return [];
      const run = await upTo(block, sources, given).catch((fault: Error) => {
        onFault(fault);
        return undefined;
      });
      return sources.map(({ key, metric, read, since = 0n }) => {
        const seen: LogsSeen | null = run === undefined ? null : { from: since, to: block.number, logs: run.logs };
        return [key, judgeEvent(metric, read, seen)];
      });
    },
  };
}

interface Wanted extends AskedOutside {
  read: EventSource;
  /** The first block that counts. */
  first: bigint;
}

function eventsOf<T extends Pick<AskedOutside, "metric">>(asked: readonly T[]): (T & { read: EventSource })[] {
  return asked.flatMap((one) => (one.metric.read.kind === "event" ? [{ ...one, read: one.metric.read }] : []));
}

function firstOf({ read, since = 0n }: AskedOutside & { read: EventSource }, { number }: Block): bigint {
  const start = number - read.within + 1n;
  return start > since ? start : since;
}

const kindOf = (address: Address, topic: Hex | undefined) => `${address.toLowerCase()} ${topic}`;

function covers(run: Run, block: Block, first: bigint, kinds: Run["kinds"]): boolean {
  const isOn = run.newest.some((one) => one.hash === block.parent);
  return isOn && run.from <= first && [...kinds].every((kind) => run.kinds.has(kind));
}

/** What others asked for, what is too old to count, and more of a kind than decides anything, is not kept. */
function thinned(logs: readonly PastLog[], from: bigint, kinds: Run["kinds"]): PastLog[] {
  const counts = new Map<string, number>();
  return logs
    .toReversed()
    .filter(({ address, topics, blockNumber }) => {
      const kind = kindOf(address, topics[0]);
      const count = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, count);
      return blockNumber >= from && count <= mostOfKind && kinds.has(kind);
    })
    .reverse();
}
