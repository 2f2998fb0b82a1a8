/** The same call in other surroundings: code that behaves when it is watched behaves otherwise in one of them. */

import type { Finding } from "../../domain/events.ts";
import type { Address, Hex } from "../../domain/primitives.ts";
import type { Environment, Fork, Trace, TracedCall } from "../../fork.ts";
import { findings } from "../gate.ts";
import { moneyLeaving, type Purses } from "./money.ts";

const { refuse } = findings("simulation");

interface Surroundings {
  what: string;
  environment: Environment;
  call?: Partial<TracedCall>;
}

export interface Trials {
  /** Everything but the time that is tried alone. */
  together: Surroundings;
  /** Tried each time, too. */
  others: Surroundings[];
  /** One thing each: tried where something showed, to say which it was. */
  alone: Surroundings[];
}

/** Who builds the block where it is tried with somebody. */
export const somebody: Address = "0x95222290DD7278Aa3Ddd389Cc1E1d165CC4BAfe5";
const gwei = 1_000_000_000n;

/** `time`: block time at which it is tried; `until`: the last at which it may run. */
export function surroundings(time: bigint, until: bigint, number: bigint, otherSender: Address | undefined): Trials {
  const later = time + (until > time ? (until - time) / 2n : 0n);
  const alone: Surroundings[] = [
    { what: "a block builder's address", environment: { time, coinbase: somebody } },
    { what: "a base fee and a gas price", environment: { time, baseFee: 30n * gwei }, call: { gasPrice: 40n * gwei } },
    { what: "another random value", environment: { time, prevRandao: `0x${"a7".repeat(32)}` } },
    { what: "another block number", environment: { time, number: number + 7_200n } },
    { what: "another gas limit of the block", environment: { time, gasLimit: 45_000_000n } },
    { what: "a later block time", environment: { time: later } },
  ];
  const sameTime = alone.filter((one) => one.environment.time === time);
  const together: Surroundings = {
    what: "another builder, fees, random value, block number and gas limit at once",
    environment: Object.assign({}, ...sameTime.map((one) => one.environment)),
    call: Object.assign({}, ...sameTime.map((one) => one.call)),
  };
  const others: Surroundings[] = [
    {
      what: "everything as on a live chain",
      environment: {
        time: later,
        coinbase: somebody,
        baseFee: 30n * gwei,
        prevRandao: `0x${"5c".repeat(32)}`,
        number: number + 3n,
        gasLimit: 36_000_000n,
      },
      call: { gasPrice: 35n * gwei },
    },
    ...(otherSender === undefined
      ? []
      : [{ what: "another executor", environment: { time }, call: { from: otherSender } }]),
  ];
  return { together, others, alone };
}

interface Step {
  fork: Fork;
  name: string;
  call: TracedCall;
  /** Block time at which it is compared with, in seconds. */
  time: bigint;
}

/** Compares what a call does in other surroundings with what it does in none; and says what money that moves. */
export async function judgeSurroundings(
  step: Step,
  { together, others, alone }: Trials,
  purses: Purses,
): Promise<Finding[]> {
  const { fork, name, call, time } = step;
  const [plain, first, ...traces] = await fork.trace([
    { ...call, environment: { time } },
    ...[together, ...others].map(within(call)),
  ]);
  if (plain === undefined || first === undefined) throw new Error("a call was not traced");
  const atOnce = differences(step, plain, [together], [first]);
  const found = differences(step, plain, others, traces);
  const shows = atOnce.length + found.length > 0;
  const each = shows ? differences(step, plain, alone, await fork.trace(alone.map(within(call)))) : [];
  // What it is says more than that it is one of them.
  return [...(each.length > 0 ? each : atOnce), ...found, ...moneyLeaving(name, plain, purses)];
}

const within =
  (call: TracedCall) =>
  (one: Surroundings): TracedCall => ({ ...call, ...one.call, environment: one.environment });

function differences(
  { name, call, time }: Step,
  plain: Trace,
  list: readonly Surroundings[],
  traces: readonly Trace[],
): Finding[] {
  return list.flatMap((one, index) => {
    const trace = traces[index];
    if (trace === undefined) throw new Error("a call was not traced");
    const difference = differs(
      plain,
      trace,
      [time, one.environment.time ?? time],
      [call.from, one.call?.from ?? call.from],
    );
    if (difference === undefined) return [];
    return [
      refuse(
        "environment",
        `The step "${name}" does something else with ${one.what}: the code can tell that it is being simulated, or hangs on what nobody controls.`,
        {
          evidence: difference,
          fix: "Read the new code where it asks for the block, the gas price or the origin, and take that out.",
        },
      ),
    ];
  });
}

/** What is not the same, in a clause. Where the block's time is another, numbers may be too: then it is looked at who and where. */
function differs(
  a: Trace,
  b: Trace,
  times: readonly [bigint, bigint],
  senders: readonly [Address, Address],
): string | undefined {
  if (a.success !== b.success)
    return a.success ? `it fails there: ${b.reason}` : `it succeeds there, and fails otherwise: ${a.reason}`;
  if (!a.success) return undefined;
  const sameTime = times[0] === times[1];
  const shown = (trace: Trace, from: Address) => {
    const value = (word: Hex) =>
      sameTime || isAddress(word) ? word.replaceAll(from.slice(2).toLowerCase(), "the sender".padEnd(40)) : "a number";
    return [
      ...trace.storage.map((one) => `slot ${one.slot} of ${one.address} = ${value(one.after)}`).sort(),
      ...trace.events.map(
        (one) =>
          `event of ${one.address} ${one.topics[0]} ${one.topics.slice(1).map(value).join(" ")} ${sameTime ? value(one.data) : ""}`,
      ),
      ...trace.codeChanged.map((one) => `code of ${one}`),
    ];
  };
  const [mine, theirs] = [shown(a, senders[0]), shown(b, senders[1])];
  const more = theirs.find((one) => !mine.includes(one));
  if (more !== undefined) return `only there: ${more}`;
  const less = mine.find((one) => !theirs.includes(one));
  return less === undefined ? undefined : `not there: ${less}`;
}

const isAddress = (word: Hex) => /^0x0{24}(?!0{20})[0-9a-f]{40}$/.test(word);
