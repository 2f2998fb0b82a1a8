/**
 * Where the watch is not sure: metrics that could not be measured for too long, and one source of several that says a metric
 * fails. Both wake people, and neither runs anything.
 */

import { z } from "zod";
import type { AlertSignal } from "../alerts/watch-intent.ts";
import type { BlockRef, CeremonyState } from "../ceremony.ts";
import type { Policy } from "../policy.ts";
import { bytes32, type ChainId, chainId, slug, uint } from "../primitives.ts";

const block = z.strictObject({ chain: chainId, number: uint, hash: bytes32, timestamp: uint });
const about = z.enum(["unwatched", "suspected"]);

export const doubtShapes = {
  /** `metrics`: one that is suspected, or all of a chain that cannot be measured. */
  doubted: z.strictObject({ about, metrics: z.array(slug).min(1), sentence: z.string().max(4000), block }),
  doubtOver: z.strictObject({ about, metrics: z.array(slug).min(1), block }),
} as const;

export interface Doubt {
  about: z.output<typeof about>;
  metrics: string[];
  /** Without a full stop. */
  sentence: string;
  block: BlockRef;
  open: boolean;
}

export type DoubtObservation =
  | { what: "doubted"; about: Doubt["about"]; metrics: string[]; sentence: string; block: BlockRef }
  | { what: "doubtOver"; about: Doubt["about"]; metrics: string[]; block: BlockRef };

interface Subject {
  about: Doubt["about"];
  metrics: readonly string[];
  block: { chain: ChainId };
}

/** One of a chain's being unwatched, and one of each metric that is suspected. */
function isSame(a: Subject, b: Subject): boolean {
  return (
    a.about === b.about && a.block.chain === b.block.chain && (a.about === "unwatched" || a.metrics[0] === b.metrics[0])
  );
}

/** Whether it is nothing new: said of the same metrics, or over before it began. */
export function isKnownDoubt({ doubts }: Pick<CeremonyState, "doubts">, seen: DoubtObservation): boolean {
  const known = doubts.find((one) => one.open && isSame(one, seen));
  if (seen.what === "doubtOver") return known === undefined;
  return known !== undefined && seen.metrics.every((id) => known.metrics.includes(id));
}

/** The fold's part. */
export function doubtsAfter(
  doubts: readonly Doubt[],
  one: { type: keyof typeof doubtShapes; data: Omit<Doubt, "open" | "sentence"> & { sentence?: string } },
): Doubt[] {
  const { about: kind, metrics, block: at, sentence = "" } = one.data;
  const others = doubts.filter((known) => !isSame(known, one.data));
  const before = doubts.find((known) => isSame(known, one.data));
  return one.type === "doubted"
    ? [...others, { about: kind, metrics, sentence, block: at, open: true }]
    : [...others, ...(before === undefined ? [] : [{ ...before, open: false }])];
}

/** As the alerts hear of them: a suspicion is of the metric itself, so that its breach is the same alert. */
export function doubtSignals(state: CeremonyState, policy: Policy): AlertSignal[] {
  return state.doubts.map((doubt): AlertSignal => {
    const { chain, number, hash } = doubt.block;
    const known = policy.metrics.filter((one) => doubt.metrics.includes(one.id));
    const sources = policy.chains.find((one) => one.id === chain)?.sources ?? { agree: 1, of: 1 };
    const [metric = "unwatched"] = doubt.about === "suspected" ? doubt.metrics : [];
    const worst = known.reduce<1 | 2 | 3>((a, { severity }) => (severity < a ? severity : a), 3);
    return {
      ...{ ceremony: state.id, chain, metric, target: state.package.target, severity: known.length === 0 ? 1 : worst },
      condition: doubt.open ? "firing" : "cleared",
      facts: {
        what: doubt.sentence.slice(0, 400),
        block: { number, hash },
        sources: { agree: doubt.about === "unwatched" ? 0 : 1, of: sources.of },
        digest: state.review?.digest,
        exposure: "",
        runbook: known[0]?.runbook ?? "",
        containment: undefined,
      },
    };
  });
}

/** Signals of breaches and of doubts: what is said of one subject twice is what is worse. */
export function withDoubts(signals: readonly AlertSignal[], state: CeremonyState, policy: Policy): AlertSignal[] {
  const doubts = doubtSignals(state, policy);
  const isSaid = (one: AlertSignal, among: readonly AlertSignal[]) =>
    among.some(({ metric, chain }) => metric === one.metric && chain === one.chain);
  const open = doubts.filter((one) => one.condition === "firing" && !isSaid(one, signals.filter(isFiring)));
  const over = doubts.filter((one) => !isFiring(one) && !isSaid(one, [...signals, ...open]));
  return [...signals.filter((one) => isFiring(one) || !isSaid(one, open)), ...open, ...over];
}

const isFiring = ({ condition }: AlertSignal) => condition === "firing";
