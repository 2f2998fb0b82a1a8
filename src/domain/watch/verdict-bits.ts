/** A block's verdicts as they are kept: two bits each, and a list of those that could not be given. */

import type { Verdict } from "../metrics.ts";

export interface PackedVerdicts {
  /** Four verdicts a byte, the first in the lowest bits. */
  bits: Uint8Array;
  /** Ranges of indices that are stale (`s`) or errors (`e`), both ends included: `e0,s3-7`. */
  others: string;
}

/** Code 3 stands for both that are named in the list. */
const codes: readonly Verdict[] = ["pass", "fail", "inconclusive"];
const inList = 3;

export function packVerdicts(verdicts: readonly Verdict[]): PackedVerdicts {
  const bits = new Uint8Array(Math.ceil(verdicts.length / 4));
  for (const [index, verdict] of verdicts.entries()) {
    const code = codes.indexOf(verdict);
    const at = index >> 2;
    bits[at] = (bits[at] ?? 0) | ((code < 0 ? inList : code) << ((index & 3) * 2));
  }
  return { bits, others: ranges(verdicts).join(",") };
}

function ranges(verdicts: readonly Verdict[]): string[] {
  const found: string[] = [];
  for (let from = 0; from < verdicts.length; ) {
    const verdict = verdicts[from];
    let to = from;
    while (verdicts[to + 1] === verdict && to + 1 < verdicts.length) to += 1;
    if (verdict === "stale" || verdict === "error")
      found.push(`${verdict === "stale" ? "s" : "e"}${from}${to === from ? "" : `-${to}`}`);
    from = to + 1;
  }
  return found;
}

/** `count` verdicts back. Throws where the two parts contradict each other: what is not there is no pass. */
export function unpackVerdicts({ bits, others }: PackedVerdicts, count: number): Verdict[] {
  if (bits.length !== Math.ceil(count / 4)) throw new RangeError(`${bits.length} bytes do not hold ${count} verdicts.`);
  const verdicts = Array.from({ length: count }, (_none, index): Verdict | undefined => {
    return codes[((bits[index >> 2] ?? 0) >> ((index & 3) * 2)) & 3];
  });
  for (const one of others === "" ? [] : others.split(",")) {
    const [, kind, from = "", to = from] = /^([se])(\d+)(?:-(\d+))?$/.exec(one) ?? [];
    if (kind === undefined) throw new RangeError(`"${one}" is no range of verdicts.`);
    for (let index = Number(from); index <= Number(to); index += 1) {
      if (index >= count || verdicts[index] !== undefined) throw new RangeError(`Verdict ${index} is said twice.`);
      verdicts[index] = kind === "s" ? "stale" : "error";
    }
  }
  return verdicts.map((verdict, index) => {
    if (verdict === undefined) throw new RangeError(`Verdict ${index} is missing.`);
    return verdict;
  });
}
