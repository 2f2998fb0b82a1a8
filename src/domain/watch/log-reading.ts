/** Events that must or must not occur: what the logs of the last blocks say. */

import { type AbiEvent, parseAbiItem, toEventSelector } from "viem";
import { judge, type Metric } from "../metrics.ts";
import type { Address, Hex } from "../primitives.ts";
import { type OutsideReading, unreadable } from "./outside.ts";
import type { EventSource } from "./sources.ts";

export interface FoundLog {
  address: Address;
  topics: readonly Hex[];
  blockNumber: bigint;
  transactionHash: Hex;
}

/** Logs of consecutive blocks of one chain, as they are on it now. */
export interface LogsSeen {
  /** The first block whose logs are known, or from which on they count: after an execution the one behind it. */
  from: bigint;
  /** The measured block. */
  to: bigint;
  logs: readonly FoundLog[];
}

/** Topic 0 of the event (https://docs.soliditylang.org/en/latest/abi-spec.html#events). */
export function eventTopic({ signature }: EventSource): Hex {
  return toEventSelector(parseAbiItem(signature as "event X()") as AbiEvent);
}

/** `seen` is null where the logs could not be read: that is no absence of events. */
export function judgeEvent(metric: Metric, source: EventSource, seen: LogsSeen | null): OutsideReading {
  if (seen === null) return unreadable("the logs could not be read");
  const topic = eventTopic(source);
  const start = seen.to - source.within + 1n;
  const found = seen.logs.filter(
    (one) =>
      one.address.toLowerCase() === source.address.toLowerCase() &&
      one.topics[0] === topic &&
      one.blockNumber >= start &&
      one.blockNumber >= seen.from &&
      one.blockNumber <= seen.to,
  );
  const last = found.at(-1);
  // What should have occurred may have done so before anybody looked.
  if (last === undefined && source.must === "occur" && seen.from > start)
    return {
      verdict: "inconclusive",
      value: null,
      reason: `not since block ${seen.from}, and it has ${source.within} blocks`,
    };
  const value = (last !== undefined) === (source.must === "occur") ? 1n : 0n;
  const reason =
    last === undefined
      ? `not in the blocks ${start} to ${seen.to}`
      : `${found.length} time${found.length === 1 ? "" : "s"}, last in block ${last.blockNumber} by ${last.transactionHash}`;
  return { verdict: judge(metric, value, undefined), value, reason };
}
