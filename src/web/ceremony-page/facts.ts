/** What the ceremony page is made from: the state and its log, and words for what other parts know how to say. */

import type { CanaryReport } from "../../domain/canary.ts";
import type { BlockRef, CeremonyState } from "../../domain/ceremony.ts";
import type { LoggedEvent } from "../../domain/events.ts";
import type { ExitReading } from "../../domain/exits/judge.ts";
import type { Metric } from "../../domain/metrics.ts";
import type { Policy } from "../../domain/policy.ts";
import type { MetricTally, PhaseTally } from "../../domain/watch/phase-tally.ts";
import type { SampleRow } from "../../ports.ts";
import type { Card, Picture, Section, Tone } from "../../view.ts";

export interface PageFacts {
  state: CeremonyState;
  policy: Policy;
  /** The card in the channel: page and chat say the same. */
  card: Pick<Card, "tone" | "status" | "summary">;
  /** What of a person who was frozen does not count. */
  frozen: readonly Section[];
  /** Oldest first. */
  history: readonly LoggedEvent[];
  /** Wall time in seconds at which all of it was read. */
  now: bigint;
  /** The newest block of every chain that answered; windows and delays are counted by its time. */
  heads: readonly BlockRef[];
  /** By phase, of those that were executed. */
  measured: ReadonlyMap<number, MeasuredPhase>;
  /** Of the current phase; undefined before it was executed, and where its chain does not answer. */
  canary: CanaryReport | undefined;
  /** Pauses and rollbacks as the newest block shows them; none where nothing is prepared. */
  exits: readonly ExitReading[];
  /** Who can do what before and after, a chain each; none where the check did not get that far. */
  authority: readonly Picture[];
  /** Findings and simulation reports of the check can be downloaded. */
  hasEvidence: boolean;
  words: Words;
  /** The page's own last part, from which its links go on. */
  code: string;
  /** It was asked for with `?live`: it reloads itself while there is something to wait for. */
  live: boolean;
}

export interface MeasuredPhase {
  tally: PhaseTally;
  /** By metric: the samples that are drawn, oldest first. */
  newest: ReadonlyMap<string, readonly SampleRow[]>;
}

/** One picture as an SVG element without style, script or id that another one has too. */
export interface Chart {
  svg: string;
  /** The same in words. */
  alt: string;
}

export interface Words {
  event(one: LoggedEvent): { tone: Tone; text: string };
  utc(seconds: bigint): string;
  /** What a call does, one sentence a line; calls inside it follow with their number. */
  calls(call: { to: string; value: bigint; data: `0x${string}` }): string[];
  /** An address with the name that policy has for it. */
  nameOf(address: string): string;
  /** What the signs in a drawing mean. */
  signs: string;
  /** Undefined where there never was a value. `id` is unique within the page. */
  draw(metric: Metric, tally: MetricTally, samples: readonly SampleRow[], id: string): Chart | undefined;
}
