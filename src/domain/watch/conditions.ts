/** What a value has to be: compared with a number, or with what it was before; and whether two conditions can both hold. */

import { z } from "zod";
import { int } from "./sources.ts";

/** A comparison with a fixed value, or with the baseline times `bps` / 10,000, and `plus` on top of that. */
export const condition = z.strictObject({
  is: z.enum(["<", "<=", "=", ">=", ">"]),
  value: int.optional(),
  baselineBps: int.optional(),
  /** In the metric's unit; with it a condition says "at most 100 less than before". */
  plus: int.optional(),
});
export type Condition = z.output<typeof condition>;

/** What a condition may be compared with: said in policy, read at the block before execution, or by the simulation. */
export const baseline = z.discriminatedUnion("mode", [
  z.strictObject({ mode: z.literal("fixed"), value: int }),
  z.strictObject({ mode: z.literal("preUpgradeBlock") }),
  z.strictObject({ mode: z.literal("simulation") }),
]);

/**
 * The whole number that a condition compares with, so that an integer meets it exactly where it meets the fraction;
 * undefined where it needs a baseline that is not known. `=` to a fraction holds for no integer: it gives undefined too.
 */
export function boundOf(rule: Condition, known: bigint | undefined): bigint | undefined {
  if (rule.value !== undefined) return rule.value;
  if (known === undefined || rule.baselineBps === undefined) return undefined;
  const times = known * rule.baselineBps;
  const down = times >= 0n || times % 10_000n === 0n ? times / 10_000n : times / 10_000n - 1n;
  const isWhole = times % 10_000n === 0n;
  const plus = rule.plus ?? 0n;
  switch (rule.is) {
    case "<":
    case ">=":
      return (isWhole ? down : down + 1n) + plus;
    case "<=":
    case ">":
      return down + plus;
    case "=":
      return isWhole ? down + plus : undefined;
  }
}

/** Undefined where the baseline it needs is not known. */
export function holds(rule: Condition, value: bigint, known: bigint | undefined): boolean | undefined {
  const limit = boundOf(rule, known);
  if (limit === undefined) return known === undefined && rule.value === undefined ? undefined : false;
  switch (rule.is) {
    case "<":
      return value < limit;
    case "<=":
      return value <= limit;
    case "=":
      return value === limit;
    case ">=":
      return value >= limit;
    case ">":
      return value > limit;
  }
}

/** The integers that meet a condition, ends included; undefined for an end there is none. */
interface Range {
  from: bigint | undefined;
  to: bigint | undefined;
}

function rangeOf({ is }: Condition, limit: bigint): Range {
  switch (is) {
    case "<":
      return { from: undefined, to: limit - 1n };
    case "<=":
      return { from: undefined, to: limit };
    case "=":
      return { from: limit, to: limit };
    case ">=":
      return { from: limit, to: undefined };
    case ">":
      return { from: limit + 1n, to: undefined };
  }
}

/** A value that meets both, for a baseline; undefined where there is none. */
function meeting(a: Condition, b: Condition, known: bigint | undefined): bigint | undefined {
  const [first, second] = [boundOf(a, known), boundOf(b, known)];
  if (first === undefined || second === undefined) return undefined;
  const [x, y] = [rangeOf(a, first), rangeOf(b, second)];
  const from = x.from === undefined || (y.from !== undefined && y.from > x.from) ? y.from : x.from;
  const to = x.to === undefined || (y.to !== undefined && y.to < x.to) ? y.to : x.to;
  if (from !== undefined && to !== undefined && from > to) return undefined;
  return from ?? to ?? 0n;
}

/** Baselines a relative condition is tried with: what overlaps only for others is not worth a warning. */
const triedBaselines = [10_000n, 10n ** 18n];

/** A value for which both hold: there `fail` wins, and whoever wrote the policy is told. Undefined where none was found. */
export function overlap(pass: Condition, fail: Condition, fixed?: bigint): bigint | undefined {
  const tried = fixed === undefined ? triedBaselines : [fixed];
  const isRelative = pass.value === undefined || fail.value === undefined;
  // Of one against a number and one against a baseline nobody can say before the baseline is read.
  if (isRelative && fixed === undefined && (pass.value === undefined) !== (fail.value === undefined)) return undefined;
  for (const known of tried) {
    const found = meeting(pass, fail, known);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether a value meets the condition with `margin` to spare; `=` knows no margin. */
export function holdsBeyond(rule: Condition, margin: bigint, value: bigint, known: bigint | undefined): boolean {
  const spared = rule.is === "=" ? value : rule.is === "<" || rule.is === "<=" ? value + margin : value - margin;
  return holds(rule, spared, known) === true;
}
