/** Invariants and metrics: what is read, and what a value means (notes on canaries; MISSION 1-7). */

import { z } from "zod";
import { amount, grouped, valueInWords } from "./amount.ts";
import { chainId, slug, uint } from "./primitives.ts";
import { baseline, type Condition, condition, holds } from "./watch/conditions.ts";
import { isOfState, isYesOrNo, source } from "./watch/sources.ts";

const atLeastOne = uint.refine((value) => value >= 1n, "it must not be less than 1");

const metricShape = z.strictObject({
  id: slug,
  title: z.string().min(1).max(120),
  class: z.enum(["asset", "authorization", "economic", "liveness"]),
  chain: chainId,
  /** When it is judged: in the check before approval, while it runs, before the next phase or a rollback is let through. */
  stage: z
    .array(z.enum(["pre", "live", "rollback-gate"]))
    .min(1)
    .default(["live"]),
  read: source,
  /** `bool` and `bytes32` are numbers too, and only `=` makes sense of them. */
  valueType: z.enum(["int256", "bool", "bytes32"]).default("int256"),
  unit: z.enum(["wei", "bps", "count", "s", "usd_e8", "none"]),
  /** What `baselineBps` is a part of; the value at the block before execution where nothing is said. */
  baseline: baseline.default({ mode: "preUpgradeBlock" }),
  /** Both must be said; a value that meets neither is inconclusive. */
  pass: condition,
  fail: condition,
  /** Which blocks are measured: every new one, or only what is safe or final. Going on needs final ones whatever stands here. */
  finality: z.enum(["latest", "safe", "finalized"]).default("latest"),
  /** How many of the chain's RPC sources must say the same of one block. */
  agree: z.number().int().min(1).max(9).default(1),
  /** Seconds of block time between samples; 0 is every block. */
  interval: uint.default(0n),
  /** Seconds after execution in which a fail is recorded and breaches nothing, unless it is an invariant. */
  warmup: uint.default(0n),
  /** It must hold in every block, also during warm-up. Left out: so it is for severity 1. */
  invariant: z.boolean().optional(),
  /** Conclusive samples before its phase may go on. */
  minSamples: uint.default(1n),
  /** Breach after `failN` of the last `ofM` conclusive samples. Left out: 1 of 1 for an invariant of severity 1, else 3 of 5. */
  failN: atLeastOne.optional(),
  ofM: atLeastOne.optional(),
  /** Passes in a row, none of them within `clearMargin` of the bound, after which a breach is over. Left out: `ofM`. */
  clearN: atLeastOne.optional(),
  /** In the metric's unit. */
  clearMargin: uint.default(0n),
  /** A head older than this many seconds is stale. */
  maxBlockAge: uint.default(60n),
  /** Samples in a row without a value, stale ones among them, after which it counts as unwatched and somebody is told. */
  errorLimit: atLeastOne.default(5n),
  severity: z.union([z.literal(1), z.literal(2), z.literal(3)]),
  /** Id of the prepared containment. A metric without one is not a control. */
  containment: slug,
  /** Why that containment, where its kind does not answer a breach of this class (domain/containment.ts). */
  containmentReason: z.string().min(1).max(300).optional(),
  /**
   * Its breach has the containment sent without a person's word, once a ceremony: only where enough sources agree, and
   * only where the check showed that no stranger could bring the breach about.
   */
  automatic: z.boolean().default(false),
  /** `shadow`: measured and shown, and nothing comes of it. */
  mode: z.enum(["shadow", "enforce"]).default("enforce"),
  /** Its value is kept of every block, and not only where it fails. */
  report: z.boolean().default(false),
  /** Person id. */
  owner: slug,
  runbook: z.string().max(500).default(""),
});

export const metric = metricShape
  .superRefine((candidate, context) => {
    const issue = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
    for (const side of ["pass", "fail"] as const) {
      const { value, baselineBps, plus, is } = candidate[side];
      if ((value === undefined) === (baselineBps === undefined)) issue(side, "say either value or baselineBps");
      if (plus !== undefined && baselineBps === undefined) issue(side, "plus goes with baselineBps");
      if (candidate.valueType !== "int256" && is !== "=") issue(side, `a ${candidate.valueType} is compared by =`);
      if (isYesOrNo(candidate.read) && value !== 0n && value !== 1n)
        issue(side, `a source of the kind ${candidate.read.kind} gives 1 or 0: compare with one of them`);
    }
    const isElsewhere = candidate.stage.some((one) => one !== "live");
    if (isElsewhere && !isOfState(candidate.read))
      issue("stage", "pre and rollback-gate are judged by a call: an event or another server's value is only live");
    if (isElsewhere && !candidate.stage.includes("live") && comparesWithBefore(candidate))
      issue("stage", "what compares with the value before the upgrade is live as well: that is when it is read");
    if (candidate.read.kind === "http" && comparesWithBefore(candidate))
      issue("baseline", "another server is not asked what was before: compare with a value, or with a fixed baseline");
    if (candidate.failN !== undefined && candidate.failN > widthOf(candidate))
      issue("failN", `${candidate.failN} of the last ${widthOf(candidate)} samples can never fail`);
  })
  .transform((given) => {
    const { invariant = given.severity === 1, failN = isStrict(given) ? 1n : 3n } = given;
    const ofM = widthOf(given);
    return { ...given, invariant, failN: failN > ofM ? ofM : failN, ofM, clearN: given.clearN ?? ofM };
  });
export type Metric = z.output<typeof metric>;

type Given = z.output<typeof metricShape>;

const isStrict = ({ severity, invariant = severity === 1 }: Given) => severity === 1 && invariant;

/** `ofM`, or as many as `failN` needs at least. */
function widthOf(given: Given): bigint {
  if (given.ofM !== undefined) return given.ofM;
  const usual = isStrict(given) ? 1n : 5n;
  return given.failN !== undefined && given.failN > usual ? given.failN : usual;
}

export type Verdict = "pass" | "fail" | "inconclusive" | "stale" | "error";

/**
 * What a value means. `fail` wins where both conditions hold; neither is inconclusive; no value is an error. `known` is the
 * baseline that was read; one that policy itself says needs none.
 */
export function judge(one: Metric, value: bigint | null, known: bigint | undefined): Verdict {
  if (value === null || (one.valueType === "bool" && value !== 0n && value !== 1n)) return "error";
  const base = baselineOf(one, known);
  if (holds(one.fail, value, base) === true) return "fail";
  if (holds(one.pass, value, base) === true) return "pass";
  return "inconclusive";
}

/** The number that `baselineBps` is a part of: policy's own, or what was read. */
export function baselineOf({ baseline: from }: Metric, known: bigint | undefined): bigint | undefined {
  return from.mode === "fixed" ? from.value : known;
}

/** Whether one of its conditions compares with a value that has to be known first. */
export const needsBaseline = (one: Metric): boolean => comparesWithBefore(one);

/** Whether that value is what the simulation of the check gave. */
export const comparesWithSimulation = (one: Metric): boolean =>
  needsBaseline(one) && one.baseline.mode === "simulation";

function comparesWithBefore({ pass, fail, baseline: from }: Given): boolean {
  return from.mode !== "fixed" && (pass.baselineBps !== undefined || fail.baselineBps !== undefined);
}

/** A condition in words: "at least 10,000 bps", "yes"; what passes, unless what fails is asked for. */
export function conditionInWords(one: Metric, side: "pass" | "fail" = "pass"): string {
  const rule = one[side];
  const words = { "<": "below", "<=": "at most", "=": "exactly", ">=": "at least", ">": "above" };
  if (rule.value === undefined) return `${words[rule.is]} ${relativeInWords(one, rule)}`;
  const bound = valueInWords(one, rule.value);
  return isYesOrNo(one.read) ? bound : `${words[rule.is]} ${bound}`;
}

function relativeInWords({ baseline: from, unit }: Metric, { baselineBps, plus = 0n }: Condition): string {
  const of = {
    fixed: from.mode === "fixed" ? amount(from.value, unit) : "",
    preUpgradeBlock: "the value before the upgrade",
    simulation: "the value that the simulation gave",
  };
  const offset = plus === 0n ? "" : plus > 0n ? ` plus ${amount(plus, unit)}` : ` less ${amount(-plus, unit)}`;
  return `${grouped(baselineBps ?? 0n)} bps of ${of[from.mode]}${offset}`;
}

/** The defaults of what was added after councils had approved catalogues: said or not, they mean the same. */
const laterDefaults: { [K in keyof Metric]?: Metric[K] } = metricShape
  .pick({
    ...{ stage: true, valueType: true, baseline: true, finality: true, agree: true, interval: true, warmup: true },
    ...{ minSamples: true, clearMargin: true, errorLimit: true, mode: true, report: true, automatic: true },
  } as const)
  .parse({});

/**
 * What of a metric decides anything, for the catalogue's hash: no texts, and nothing that is at the default of a setting that
 * came later, so that an upgrade of the program changes no hash that people voted on.
 */
export function decisivePart(one: Metric): Record<string, unknown> {
  const {
    title: _title,
    runbook: _runbook,
    owner: _owner,
    containmentReason: _reason,
    invariant,
    clearN,
    ...rest
  } = one;
  const isDefault = ([key, value]: [string, unknown]) =>
    key in laterDefaults && sameJson(value, laterDefaults[key as keyof Metric]);
  return {
    ...Object.fromEntries(Object.entries(rest).filter((entry) => !isDefault(entry))),
    ...(invariant === (one.severity === 1) ? {} : { invariant }),
    ...(clearN === one.ofM ? {} : { clearN }),
  };
}

function sameJson(a: unknown, b: unknown): boolean {
  const text = (value: unknown) =>
    JSON.stringify(value, (_key, item: unknown) => (typeof item === "bigint" ? `${item}` : item));
  return text(a) === text(b);
}
