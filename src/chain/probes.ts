/** Many calls of one sender in one `eth_call`: see prober/Prober.sol, which takes the sender's place for it. */

import { numberToHex } from "viem";
import type { Address, Hex } from "../domain/primitives.ts";
import type { Attempt, PlainCall } from "../fork.ts";
import artefact from "./prober/artefacts/Prober.json" with { type: "json" };

/** As `eth_call` and its kin take it, with the state that has to be pretended. */
export interface Probe {
  call: { from: Address; to: Address; data: Hex; gas: Hex; gasPrice: Hex };
  state: Record<Address, { code: Hex }>;
}

/** What it is told to do, as its first byte. */
const kinds = { answers: "01", attempts: "02" } as const;
type Kind = keyof typeof kinds;
const code = artefact.runtimeBytecode as Hex;
/** Calls in one probe: a few of them are one message, and none is answered so long that it holds others up. */
const together = 1_000;

/** What each call gives, asked by `from`. */
export const answerProbes = (from: Address, calls: readonly PlainCall[]): Probe[] => probes("answers", from, calls);
/** What each call comes to, tried by `from`. */
export const attemptProbes = (from: Address, calls: readonly PlainCall[]): Probe[] => probes("attempts", from, calls);

/** The same calls are made at several times and on several states: they are written once. */
const written = new WeakMap<readonly PlainCall[], { key: string; probes: Probe[] }>();

function probes(kind: Kind, from: Address, calls: readonly PlainCall[]): Probe[] {
  const key = `${kind} ${from}`;
  const known = written.get(calls);
  if (known?.key === key) return known.probes;
  const parts = Array.from({ length: Math.ceil(calls.length / together) }, (_, index) =>
    calls.slice(index * together, (index + 1) * together),
  );
  const made = parts.map((part) => probeFor(kind, from, part));
  written.set(calls, { key, probes: made });
  return made;
}

/** As Prober.sol reads it: calls are much alike, and what they share is told once. */
function probeFor(kind: Kind, from: Address, calls: readonly PlainCall[]): Probe {
  const [targets, words, tails] = [numbered(), numbered(), numbered()];
  const list = calls.map(({ to, data }) => {
    const head = data.slice(2, 10);
    const which = inHex(targets.of(to.slice(2)), 2) + inHex(tails.of(data.slice(10)), 2);
    return `${which}0${head.length / 2}${head.padEnd(8, "0")}`;
  });
  const told = tails.all().map((tail) => {
    const parts = (tail.match(/.{1,64}/g) ?? []).map((word) => inHex(words.of(word.padEnd(64, "0")), 3));
    return inHex(tail.length / 2, 3) + parts.join("");
  });
  const counts = [inHex(calls.length, 2), inHex(targets.all().length, 2), inHex(words.all().length, 3)];
  const head = kinds[kind] + counts.join("") + inHex(told.length, 2);
  const data: Hex = `0x${[head, ...targets.all(), ...words.all(), ...told, ...list].join("")}`;
  // More than all of them may use together: what one call may use is the prober's to say.
  const gas = numberToHex(40_000_000n * BigInt(calls.length));
  return { call: { from, to: from, data, gas, gasPrice: "0x0" }, state: { [from]: { code } } };
}

/** Texts in the order in which they came first, and the place of each. */
function numbered() {
  const places = new Map<string, number>();
  return {
    of(text: string): number {
      const place = places.get(text) ?? places.size;
      places.set(text, place);
      return place;
    },
    all: () => [...places.keys()],
  };
}

const inHex = (value: number, bytes: number) => value.toString(16).padStart(2 * bytes, "0");

/** Null where a call failed. `results`: what the probes of `count` calls gave. */
export function answersIn(results: readonly Hex[], count: number): (Hex | null)[] {
  const all: (Hex | null)[] = [];
  for (const result of results)
    for (let at = 2; at < result.length; ) {
      const end = at + 8 + 2 * Number.parseInt(result.slice(at, at + 8), 16);
      // What a call gave stands behind a byte that says that it went through.
      all.push(end === at + 8 ? null : `0x${result.slice(at + 10, end)}`);
      at = end;
    }
  if (all.length !== count) throw new Error("the prober did not answer every question");
  return all;
}

const verdicts: readonly Attempt[] = ["fails", "only reads", "changes state", "reads at length"];

export function attemptsIn(results: readonly Hex[], count: number): Attempt[] {
  const all = results.flatMap((verdicts) => verdicts.slice(2).match(/../g) ?? []);
  if (all.length !== count) throw new Error("the prober did not answer for every call");
  return all.map((byte) => verdicts[Number(byte)] ?? "fails");
}
