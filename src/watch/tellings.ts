/** What samples lead to in a ceremony's log: breaches first, and at once. Levels, not edges: said again until the log says it. */

import type { BlockRef, CeremonyState } from "../domain/ceremony.ts";
import type { Observation } from "../domain/intent.ts";
import type { Metric } from "../domain/metrics.ts";
import type { ChainId } from "../domain/primitives.ts";
import { breachClause } from "../domain/watch/breach-now.ts";
import type { SampleRow } from "../ports.ts";
import type { Stepped } from "./windows.ts";

/** A sample with what it may lead to. */
export interface Sample extends SampleRow {
  suspected: boolean;
  mayContain: boolean;
  agreeing: number;
  asked: number;
}

export interface Telling {
  chain: ChainId;
  /** Whether everything before these samples is known: otherwise nothing is cleared. */
  mayClear: boolean;
}

/** Of the samples of one ceremony. */
export function tellings(state: CeremonyState, stepped: readonly Stepped<Sample>[], telling: Telling): Observation[] {
  const worstFirst = stepped
    .filter(({ changes }) => changes.length > 0)
    .sort((a, b) => a.measured.metric.severity - b.measured.metric.severity);
  const isOpen = ({ measured }: Stepped<Sample>) =>
    state.breaches.some((one) => one.metric === measured.metric.id && one.open);
  const breaches = worstFirst.filter((one) => has(one, "breach") && !isOpen(one));
  const cleared = worstFirst.filter((one) => has(one, "cleared") && isOpen(one));
  return [
    ...breaches.map(({ measured, sample }) => breachOf(measured.metric, sample)),
    ...stepped.flatMap((one) => suspicion(state, one, telling)),
    ...unwatched(state, stepped, telling),
    ...(telling.mayClear ? cleared : []).map(({ measured, sample }): Observation => {
      return { what: "cleared", metric: measured.metric.id, block: blockOf(sample) };
    }),
  ];
}

const has = ({ changes }: Stepped<Sample>, kind: string) => changes.some((one) => one.kind === kind);

/** Of a sample, or of one that was kept: what sources said of that is not known any more. */
export function breachOf(metric: Metric, at: SampleRow & Partial<Sample>): Observation {
  const sentence = breachClause(metric, at.value);
  const { agreeing, asked, mayContain = false } = at;
  const sources = agreeing === undefined || asked === undefined ? undefined : { agree: agreeing, of: asked };
  return {
    what: "breach",
    metric: metric.id,
    block: blockOf(at),
    value: String(at.value),
    sentence,
    mayContain,
    sources,
  };
}

function suspicion(
  state: CeremonyState,
  { measured, sample, track }: Stepped<Sample>,
  { chain }: Telling,
): Observation[] {
  const { metric } = measured;
  const isKnown = state.doubts.some(
    (one) => one.open && one.about === "suspected" && one.block.chain === chain && one.metrics.includes(metric.id),
  );
  const { suspected } = track.alert.window;
  if (suspected === isKnown) return [];
  const found = { about: "suspected", metrics: [metric.id], block: blockOf(sample) } as const;
  if (!suspected) return [{ what: "doubtOver", ...found, metrics: [metric.id] }];
  const sentence = `${metric.title} may have failed, and the sources are not of one mind: ${sample.reason}`;
  return [{ what: "doubted", ...found, metrics: [metric.id], sentence }];
}

/** All metrics of a ceremony on a chain together: a node that is gone is one thing to be told. */
function unwatched(state: CeremonyState, stepped: readonly Stepped<Sample>[], { chain }: Telling): Observation[] {
  const known = state.doubts.find((one) => one.open && one.about === "unwatched" && one.block.chain === chain);
  const blind = stepped.filter(({ track }) => track.alert.window.unwatched);
  const seen = stepped.filter(({ track }) => !track.alert.window.unwatched).map(({ measured }) => measured.metric.id);
  const metrics = [
    ...new Set([
      ...(known?.metrics.filter((id) => !seen.includes(id)) ?? []),
      ...blind.map(({ measured }) => measured.metric.id),
    ]),
  ];
  const [at] = blind.length === 0 ? stepped : blind;
  if (at === undefined) return [];
  const block = blockOf(at.sample);
  if (metrics.length === 0)
    return known === undefined ? [] : [{ what: "doubtOver", about: "unwatched", metrics: known.metrics, block }];
  if (metrics.every((id) => known?.metrics.includes(id))) return [];
  const names = blind.slice(0, 3).map(({ measured }) => measured.metric.title);
  const more = blind.length > names.length ? ` and ${blind.length - names.length} more` : "";
  const sentence = `${names.join(", ")}${more} cannot be measured: ${at.sample.reason}`;
  return [{ what: "doubted", about: "unwatched", metrics, sentence, block }];
}

export const blockOf = (row: SampleRow): BlockRef => ({
  chain: row.chain,
  number: row.blockNumber,
  hash: row.blockHash,
  timestamp: row.blockTime,
});
