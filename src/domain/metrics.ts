/** Invariants and metrics: what is read, and what a value means (notes on canaries; MISSION 1-7). */

import { z } from "zod";
import { address, chainId, slug, uint } from "./primitives.ts";

const int = z.union([z.bigint(), z.number().int(), z.string().regex(/^-?[0-9]+$/)]).transform((value) => BigInt(value));

/** A view function that returns one integer, bool or address: `function totalAssets() view returns (uint256)`. */
const callSource = z.strictObject({
  kind: z.literal("call"),
  to: address,
  signature: z.string().max(300),
  args: z.array(address).default([]),
});

export const source = z.discriminatedUnion("kind", [
  callSource,
  /** numerator * 10,000 / denominator; no value while the denominator is zero. */
  z.strictObject({ kind: z.literal("ratioBps"), numerator: callSource, denominator: callSource }),
  /** The block's timestamp minus the value read: the age of a price, in seconds. */
  z.strictObject({ kind: z.literal("age"), of: callSource }),
  /** The address a view returns, as a number, compared with `equals`. */
  z.strictObject({ kind: z.literal("addressIs"), of: callSource, equals: address }),
]);
export type Source = z.output<typeof source>;

/** A comparison with a fixed value, or with the value at the block before execution times `bps` / 10,000. */
export const condition = z.strictObject({
  is: z.enum(["<", "<=", "=", ">=", ">"]),
  value: int.optional(),
  baselineBps: int.optional(),
});
export type Condition = z.output<typeof condition>;

export const metric = z
  .strictObject({
    id: slug,
    title: z.string().min(1).max(120),
    class: z.enum(["asset", "authorization", "economic", "liveness"]),
    chain: chainId,
    read: source,
    unit: z.enum(["wei", "bps", "count", "s", "usd_e8", "none"]),
    /** Both must be said; a value that meets neither is inconclusive. */
    pass: condition,
    fail: condition,
    /** Breach after `failN` of the last `ofM` conclusive samples. */
    failN: uint.default(1n),
    ofM: uint.default(1n),
    /** A head older than this many seconds is stale. */
    maxBlockAge: uint.default(60n),
    severity: z.union([z.literal(1), z.literal(2), z.literal(3)]),
    /** Id of the prepared containment. A metric without one is not a control. */
    containment: slug,
    /** Person id. */
    owner: slug,
    runbook: z.string().max(500).default(""),
  })
  .superRefine((candidate, context) => {
    for (const side of ["pass", "fail"] as const)
      if ((candidate[side].value === undefined) === (candidate[side].baselineBps === undefined))
        context.addIssue({ code: "custom", path: [side], message: "say either value or baselineBps" });
  });
export type Metric = z.output<typeof metric>;

export type Verdict = "pass" | "fail" | "inconclusive" | "stale" | "error";

/** The value a condition compares with; undefined where it needs a baseline that is not known. */
function bound(rule: Condition, baseline: bigint | undefined): bigint | undefined {
  if (rule.value !== undefined) return rule.value;
  if (baseline === undefined || rule.baselineBps === undefined) return undefined;
  return (baseline * rule.baselineBps) / 10_000n;
}

function holds(rule: Condition, value: bigint, baseline: bigint | undefined): boolean | undefined {
  const limit = bound(rule, baseline);
  if (limit === undefined) return undefined;
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

/** What a value means. `fail` wins where both conditions hold; neither is inconclusive; no value is an error. */
export function judge(one: Metric, value: bigint | null, baseline: bigint | undefined): Verdict {
  if (value === null) return "error";
  if (holds(one.fail, value, baseline) === true) return "fail";
  if (holds(one.pass, value, baseline) === true) return "pass";
  return "inconclusive";
}

/** A condition in words: "at least 10,000 bps"; what passes, unless what fails is asked for. */
export function conditionInWords(one: Metric, side: "pass" | "fail" = "pass"): string {
  const rule = one[side];
  const words = { "<": "below", "<=": "at most", "=": "exactly", ">=": "at least", ">": "above" };
  const limit = rule.value ?? `${rule.baselineBps} bps of the value before the upgrade`;
  return `${words[rule.is]} ${limit} ${one.unit === "none" || rule.value === undefined ? "" : one.unit}`.trim();
}
