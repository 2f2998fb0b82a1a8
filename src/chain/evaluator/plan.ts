/** Which entries of a catalogue go into one eth_call: as many as its gas and the size of a message allow. */

import type { Catalogue } from "../../domain/watch/catalogue.ts";

/** Entries that follow each other among those of their kind. */
export interface Part {
  judged: "call" | "slots";
  from: number;
  to: number;
}

export interface Limits {
  /** For one eth_call, the bytes it carries paid. */
  gas: bigint;
  /** For one message, in characters. */
  message: number;
}

/** What an entry is taken to use before it was measured: a proxy asked for the first time in a call takes 7,000. */
const firstGuess = 9_000;
/** Of the gas there is, what a part is planned to use: values move. */
const fill = 0.8;

/** What is known of the entries of one kind: their indices in the catalogue, the catalogue's bytes, and the gas they took. */
export interface Kind {
  judged: Part["judged"];
  indices: number[];
  /** Hexadecimal, without 0x. */
  code: string;
  /** Where each entry begins in `code`, and where the last one ends, in characters. */
  starts: number[];
  gas: number[];
}

export function kindsOf(catalogue: Catalogue): Kind[] {
  return (["call", "slots"] as const).flatMap((judged) => {
    const indices = [...catalogue.entries.keys()].filter((index) => catalogue.entries[index]?.judged === judged);
    if (indices.length === 0) return [];
    const starts = [0];
    let code = "";
    for (const index of indices) {
      code += catalogue.entries[index]?.code.slice(2) ?? "";
      starts.push(code.length);
    }
    return [{ judged, indices, code, starts, gas: indices.map(() => firstGuess) }];
  });
}

/** Characters of a part's entries. */
export function lengthOf({ starts }: Kind, { from, to }: Part): number {
  return (starts[to] ?? 0) - (starts[from] ?? 0);
}

/** Each entry of a part, hexadecimal without 0x. */
export function entriesOf({ code, starts }: Kind, { from, to }: Part): string[] {
  return starts.slice(from, to).map((start, nth) => code.slice(start, starts[from + nth + 1]));
}

/** Every part has one entry at least; `isSent`: whether the entries themselves are sent, and their bytes paid. */
export function partsOf(kind: Kind, from: number, to: number, limits: Limits, isSent: boolean): Part[] {
  const parts: Part[] = [];
  let part: Part = { judged: kind.judged, from, to: from };
  let gas = 0;
  for (let at = from; at < to; at += 1) {
    const length = lengthOf(kind, { ...part, from: at, to: at + 1 });
    const own = (kind.gas[at] ?? firstGuess) + (isSent ? length * 8 : 0);
    const isFull = gas + own > Number(limits.gas) * fill || (isSent && lengthOf(kind, part) + length > limits.message);
    if (isFull && part.to > part.from) {
      parts.push(part);
      part = { judged: kind.judged, from: at, to: at };
      gas = 0;
    }
    part.to = at + 1;
    gas += own;
  }
  return part.to > part.from ? [...parts, part] : parts;
}

/** Remembers what the first `judged` entries of a part used, spread over all of it: what is left is likely to be alike. */
export function learn(kind: Kind, { from, to }: Part, judged: number, gas: bigint): void {
  if (judged > 0) kind.gas.fill(Math.ceil(Number(gas) / judged), from, to);
}
