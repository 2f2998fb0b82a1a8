/** Many calls of one sender in one `eth_call`: see prober/Prober.sol, which takes the sender's place for it. */

import { decodeFunctionResult, encodeFunctionData, numberToHex, parseAbi } from "viem";
import type { Address, Hex } from "../domain/primitives.ts";
import type { Attempt, PlainCall } from "../fork.ts";
import artefact from "./prober/artefacts/Prober.json" with { type: "json" };

/** As `eth_call` and its kin take it, with the state that has to be pretended. */
export interface Probe {
  call: { from: Address; to: Address; data: Hex; gas: Hex; gasPrice: Hex };
  state: Record<Address, { code: Hex }>;
}

const abi = parseAbi([
  "function attempts(bytes calls, bytes[] tails) returns (bytes verdicts)",
  "function answers(bytes calls, bytes[] tails) returns (bytes[] all)",
]);
const code = artefact.runtimeBytecode as Hex;
/** Calls in one probe: a few of them are one message, and none is answered so long that it holds others up. */
const together = 1_000;

/** What each call gives, asked by `from`. */
export const answerProbes = (from: Address, calls: readonly PlainCall[]): Probe[] => probes("answers", from, calls);
/** What each call comes to, tried by `from`. */
export const attemptProbes = (from: Address, calls: readonly PlainCall[]): Probe[] => probes("attempts", from, calls);

/** The same calls are made at several times and on several states: they are written once. */
const written = new WeakMap<readonly PlainCall[], { kind: string; probes: Probe[] }>();

function probes(functionName: "answers" | "attempts", from: Address, calls: readonly PlainCall[]): Probe[] {
  const kind = `${functionName} ${from}`;
  const known = written.get(calls);
  if (known?.kind === kind) return known.probes;
  const made = probesFor(functionName, from, calls);
  written.set(calls, { kind, probes: made });
  return made;
}

function probesFor(functionName: "answers" | "attempts", from: Address, calls: readonly PlainCall[]): Probe[] {
  const parts = Array.from({ length: Math.ceil(calls.length / together) }, (_, index) =>
    calls.slice(index * together, (index + 1) * together),
  );
  return parts.map((part) => {
    const data = encodeFunctionData({ abi, functionName, args: packed(part) });
    // More than all of them may use together: what one call may use is the prober's to say.
    const call = {
      from,
      to: from,
      data,
      gas: numberToHex(40_000_000n * BigInt(part.length)),
      gasPrice: "0x0" as const,
    };
    return { call, state: { [from]: { code } } };
  });
}

/** As Prober.sol reads it. */
function packed(calls: readonly PlainCall[]): [Hex, Hex[]] {
  const tails = new Map<Hex, number>();
  const all = calls.map(({ to, data }) => {
    const tail: Hex = `0x${data.slice(10)}`;
    const place = tails.get(tail) ?? tails.size;
    tails.set(tail, place);
    const head = data.slice(2, 10);
    return `${to.slice(2)}0${head.length / 2}${head.padEnd(8, "0")}${place.toString(16).padStart(4, "0")}`;
  });
  return [`0x${all.join("")}`, [...tails.keys()]];
}

/** Null where a call failed. `results`: what the probes of `count` calls gave. */
export function answersIn(results: readonly Hex[], count: number): (Hex | null)[] {
  const all = results.flatMap(bytesArray);
  if (all.length !== count) throw new Error("the prober did not answer every question");
  return all.map((one): Hex | null => (one.startsWith("01") ? `0x${one.slice(2)}` : null));
}

/** The digits of each element of an ABI-encoded `bytes[]`: the prober's own encoding, which needs no second look. */
function bytesArray(encoded: Hex): string[] {
  const digits = encoded.slice(2 + 64);
  const wordAt = (at: number) => Number.parseInt(digits.slice(at, at + 64), 16);
  return Array.from({ length: wordAt(0) }, (_, index) => {
    const start = 64 + 2 * wordAt(64 + 64 * index);
    return digits.slice(start + 64, start + 64 + 2 * wordAt(start));
  });
}

export function attemptsIn(results: readonly Hex[], count: number): Attempt[] {
  const all = results
    .map((data) => decodeFunctionResult({ abi, functionName: "attempts", data }))
    .flatMap((verdicts) => verdicts.slice(2).match(/../g) ?? []);
  if (all.length !== count) throw new Error("the prober did not answer for every call");
  return all.map((byte) => (byte === "01" ? "only reads" : byte === "02" ? "changes state" : "fails"));
}
