/**
 * Keeps the canary's card up to date while a phase is measured. It may be lost: the samples themselves are in the store, and
 * what the card says once the phase is over is owed by the outbox, see last-digest.ts.
 */

import type { CanaryView } from "../canary-view.ts";
import type { CeremonyState } from "../domain/ceremony.ts";
import type { Policy } from "../domain/policy.ts";
import { phaseAt } from "../domain/release.ts";
import type { ChatPlatform, SampleRow, SampleStore } from "../ports.ts";
import { withBreachesNow } from "./canary-facts.ts";
import { canaryCard, phaseOver } from "./cards/canary-card.ts";

export interface TelemetryParts {
  store: SampleStore;
  policy: Policy;
  platforms: readonly ChatPlatform[];
  canary(state: CeremonyState): Promise<CanaryView | undefined>;
}

/** Seconds of block time between two edits while nothing changes: chats limit how often a message may be edited. */
const EVERY = 30n;

interface Shown {
  /** Block time. */
  time: bigint;
  /** What of it somebody has to know at once. */
  news: string;
}

export function createTelemetry({
  store,
  policy,
  platforms,
  canary,
}: TelemetryParts): (state: CeremonyState) => Promise<void> {
  const shown = new Map<string, Shown>();
  return async (state) => {
    const phase = phaseAt(state);
    if (phaseOver(state, state.currentPhase) !== undefined) return;
    const newest = await newestOf(store, state);
    if (newest === undefined) return;
    const [{ blockTime: time, blockNumber: block }] = newest;
    const key = `${state.id}/${phase.id}`;
    const last = shown.get(key);
    const news = newsOf(state, newest);
    if (last?.news === news && time < last.time + EVERY) return;
    const view = await canary(state);
    if (view === undefined) return;
    shown.set(key, { time, news });
    const card = canaryCard(await withBreachesNow(state, { store, policy }), phase, view, block);
    await Promise.allSettled(platforms.map((platform) => platform.show(card)));
  };
}

/** The samples of the newest block that was measured in the current phase. */
async function newestOf(store: SampleStore, state: CeremonyState): Promise<[SampleRow, ...SampleRow[]] | undefined> {
  const from = state.phases.find((one) => one.phase === state.currentPhase)?.executedAt?.number;
  const { metrics, stopOn } = phaseAt(state);
  const rows = await store.samples(state.id, undefined, { newest: metrics.length + stopOn.length });
  const last = rows.at(-1);
  if (from === undefined || last === undefined || last.blockNumber < from) return undefined;
  return [last, ...rows.filter((one) => one.blockHash === last.blockHash)];
}

/** Changed, it is shown at once. */
function newsOf({ status, breaches, budget }: CeremonyState, newest: readonly SampleRow[]): string {
  const open = breaches.filter((one) => one.open).map((one) => one.metric);
  const others = new Set(newest.filter((one) => one.verdict !== "pass").map((one) => `${one.metric} ${one.verdict}`));
  return JSON.stringify([status, open, budget?.left, [...others].sort()]);
}
