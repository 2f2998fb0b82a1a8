/** Keeps the canary's card up to date. It may be lost: the samples themselves are in the store. */

import type { CanaryView } from "../command.ts";
import type { CeremonyState } from "../domain/ceremony.ts";
import { phaseAt } from "../domain/release.ts";
import type { ChatPlatform, SampleStore } from "../ports.ts";
import { canaryCard } from "./cards/canary-card.ts";

export interface TelemetryParts {
  store: SampleStore;
  platforms: readonly ChatPlatform[];
  canary(state: CeremonyState): Promise<CanaryView | undefined>;
}

/** Blocks between two edits while nothing changes for the worse. */
const EVERY = 5n;

export function createTelemetry({ store, platforms, canary }: TelemetryParts): (state: CeremonyState) => Promise<void> {
  const shown = new Map<string, { block: bigint; breaches: number; status: string }>();
  return async (state) => {
    const [newest] = await store.samples(state.id, undefined, { newest: 1 });
    const run = state.phases.find((one) => one.phase === state.currentPhase);
    if (newest === undefined || run?.executedAt === undefined || newest.blockNumber < run.executedAt.number) return;
    const key = `${state.id}/${state.currentPhase}`;
    const breaches = state.breaches.filter((one) => one.open).length;
    const last = shown.get(key);
    const same = last !== undefined && last.breaches === breaches && last.status === state.status;
    if (same && newest.blockNumber < last.block + EVERY) return;
    shown.set(key, { block: newest.blockNumber, breaches, status: state.status });
    const view = await canary(state);
    if (view === undefined) return;
    const card = canaryCard(state, phaseAt(state), view.report, view.pictures, newest.blockNumber);
    await Promise.allSettled(platforms.map((platform) => platform.show(card)));
  };
}
