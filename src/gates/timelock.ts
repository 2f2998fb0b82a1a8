/** Timelock: what a schedule asks of it. Its delay is policy's, it waits for nothing strange, and nobody queued it before. */

import { encodeAbiParameters, keccak256, parseAbiParameters } from "viem";
import type { OperationState } from "../chain-facts.ts";
import type { DecodedCall } from "../domain/decode-calls.ts";
import { spelledOut } from "../domain/duration.ts";
import type { Finding } from "../domain/events.ts";
import { type Address, type ChainId, type Hex, zeroHash } from "../domain/primitives.ts";
import { callTx } from "../domain/safe-signatures.ts";
import { operationId, scheduleBatchData } from "../domain/timelock.ts";
import { findings, type Gate, type GateInput } from "./gate.ts";
import { callsOf, functionsOf, placeOf, type Signed, signedBy } from "./signed-calls.ts";
import { longestDelay } from "./timelock-delays.ts";

const { refuse, info } = findings("timelock");

/** One operation that would be scheduled, and what the chain knows of it and of the one it waits for. */
interface Scheduled {
  signed: Signed;
  call: DecodedCall;
  chain: ChainId;
  id: Hex;
  predecessor: Hex;
  /** Seconds. */
  delay: bigint;
}

interface Known {
  /** Seconds that policy demands at least. */
  leastDelay: bigint;
  /** The council's timelock on the chain; undefined where policy does not know the chain. */
  timelock: Address | undefined;
  state: OperationState;
  predecessorState: OperationState;
  /** Whether an earlier part of the same subject schedules the predecessor. */
  predecessorIsOurs: boolean;
}

export const timelockGate: Gate = {
  name: "timelock",
  proof: () => {
    const to: Address = "0x0000000000000000000000000000000000000001";
    const batch = { calls: [], predecessor: zeroHash, salt: zeroHash };
    const data = scheduleBatchData(batch, 1n);
    const signed = {
      name: "proof",
      tx: callTx({ chain: "eip155:1", safe: to, safeVersion: "1.4.1", nonce: 0n, to, data }),
    };
    const known = { timelock: to, state: "Unset", predecessorState: "Unset", predecessorIsOurs: false } as const;
    return scheduledIn([signed], new Map()).flatMap((one) => judge(one, { ...known, leastDelay: 2n }));
  },
  async run(input) {
    const all = signedBy(input.subject);
    const named = functionsOf(input.policy);
    const scheduled = scheduledIn(all, named);
    const perOperation = await Promise.all(
      scheduled.map(async (one, index) => judge(one, await knownOf(one, scheduled.slice(0, index), input))),
    );
    const delays = all.flatMap((signed) =>
      callsOf(signed, named).flatMap((call) => newDelay(signed, call, leastDelay(input))),
    );
    return { findings: [...perOperation.flat(), ...delays] };
  },
};

export function scheduledIn(all: readonly Signed[], named: ReturnType<typeof functionsOf>): Scheduled[] {
  return all.flatMap((signed) =>
    callsOf(signed, named).flatMap((call) => {
      const operation = operationOf(call);
      return operation === undefined ? [] : [{ signed, call, chain: signed.tx.chain, ...operation }];
    }),
  );
}

const singleParameters = parseAbiParameters("address, uint256, bytes, bytes32, bytes32");

/** keccak256 of the five parts as OpenZeppelin's `hashOperation` and `hashOperationBatch` take them. */
function operationOf({ known, args }: DecodedCall): { id: Hex; predecessor: Hex; delay: bigint } | undefined {
  if (known?.signature === "scheduleBatch(address[],uint256[],bytes[],bytes32,bytes32,uint256)") {
    const [targets, values, payloads, predecessor, salt, delay] = args as [
      Address[],
      bigint[],
      Hex[],
      Hex,
      Hex,
      bigint,
    ];
    const calls = targets.map((to, index) => ({ to, value: values[index] ?? 0n, data: payloads[index] ?? "0x" }));
    return { id: operationId({ calls, predecessor, salt }), predecessor, delay };
  }
  if (known?.signature === "schedule(address,uint256,bytes,bytes32,bytes32,uint256)") {
    const [to, value, data, predecessor, salt, delay] = args as [Address, bigint, Hex, Hex, Hex, bigint];
    const encoded = encodeAbiParameters(singleParameters, [to, value, data, predecessor, salt]);
    return { id: keccak256(encoded), predecessor, delay };
  }
  return undefined;
}

async function knownOf(one: Scheduled, before: readonly Scheduled[], input: GateInput): Promise<Known> {
  const { chain, call, id, predecessor } = one;
  const at = input.chains.get(chain);
  const stateOf = async (operation: Hex) => (await at.operation(call.to, operation)).state;
  return {
    leastDelay: leastDelay(input),
    timelock: input.policy.chains.find((known) => known.id === chain)?.timelock,
    state: await stateOf(id),
    predecessorState: predecessor === zeroHash ? "Done" : await stateOf(predecessor),
    predecessorIsOurs: before.some((other) => other.id === predecessor && other.call.to === call.to),
  };
}

/** A transaction by itself has no lane: the shorter delay of emergencies is for packages that say they are one. */
function leastDelay({ subject, policy }: GateInput): bigint {
  return policy.lanes[subject.kind === "package" ? subject.package.lane : "routine"].minDelay;
}

function judge(one: Scheduled, known: Known): Finding[] {
  const { id, delay, predecessor, call } = one;
  const place = placeOf(one.signed, call);
  const evidence = `operation ${id}, predecessor ${predecessor}, delay ${delay} seconds, on ${call.to}`;
  const found: Finding[] = [];
  const say = (code: string, message: string, fix: string) => found.push(refuse(code, message, { evidence, fix }));
  if (known.timelock !== undefined && known.timelock !== call.to)
    say(
      "other-timelock",
      `The schedule in ${place} goes to ${call.to}, which is not the council's timelock.`,
      `Schedule it on the council's timelock ${known.timelock}.`,
    );
  if (delay < known.leastDelay)
    say(
      "delay",
      `The schedule in ${place} waits ${spelledOut(delay)}, and policy demands ${spelledOut(known.leastDelay)}: nobody would have the time to look at it or to leave.`,
      `Schedule it with a delay of ${spelledOut(known.leastDelay)} (${known.leastDelay} seconds) or more.`,
    );
  if (delay > longestDelay(known.leastDelay))
    say(
      "delay-too-long",
      `The schedule in ${place} waits ${spelledOut(delay)}: nobody remembers by then what it was for, and the state it was checked on is gone.`,
      `Schedule it with a delay of ${spelledOut(known.leastDelay)} (${known.leastDelay} seconds), or a little more.`,
    );
  if (known.state !== "Unset")
    say(
      "queued",
      known.state === "Done"
        ? `The operation in ${place} has run already; it cannot run again.`
        : `The operation in ${place} stands in the timelock already (${known.state}): somebody else has queued these very calls.`,
      "Find out who queued it, have the guardians cancel it, and schedule with a salt of your own.",
    );
  if (predecessor !== zeroHash && known.predecessorState !== "Done" && !known.predecessorIsOurs)
    say(
      "predecessor",
      known.predecessorState === "Unset"
        ? `The operation in ${place} waits for an operation that nobody has scheduled, so it may never run, or run when a stranger lets it.`
        : `The operation in ${place} waits for somebody else's operation (${known.predecessorState}): whoever runs that one decides when this one can run.`,
      "Schedule it without a predecessor, or behind an operation of the same package.",
    );
  return found.length > 0
    ? found
    : [info("scheduled", `The schedule in ${place} waits ${spelledOut(delay)}, as policy demands.`, { evidence })];
}

/** A delay that sinks takes away the time in which a bad operation would be seen; one of years lets nothing through any more. */
function newDelay(signed: Signed, { known, args, to, place }: DecodedCall, least: bigint): Finding[] {
  const [wanted] = args;
  if (known?.signature !== "updateDelay(uint256)" || typeof wanted !== "bigint") return [];
  if (wanted > longestDelay(least))
    return [
      refuse(
        "longer-delay",
        `Call ${place} of ${signed.name} raises the delay of the timelock ${to} to ${spelledOut(wanted)}: no upgrade, no fix and no lower delay could come through it before that is over.`,
        {
          evidence: `updateDelay(${wanted})`,
          fix: `Compare the unit (it is seconds); policy demands ${spelledOut(least)}.`,
        },
      ),
    ];
  if (wanted >= least) return [];
  return [
    refuse(
      "shorter-delay",
      `Call ${place} of ${signed.name} lowers the delay of the timelock ${to} to ${spelledOut(wanted)}; policy demands ${spelledOut(least)}.`,
      {
        evidence: `updateDelay(${wanted})`,
        fix: "Leave it out: a shorter delay is a decision of its own, made in policy first.",
      },
    ),
  ];
}
