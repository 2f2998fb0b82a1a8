/** The digest of a phase that is over, as it stays: made of the log and the stored samples, so that a restart says the same. */

import { reportOn } from "../domain/canary.ts";
import type { CeremonyState } from "../domain/ceremony.ts";
import { livePhase, metricsOf } from "../domain/watch/measured.ts";
import { metricsNow } from "../domain/watch/metric-now.ts";
import type { OutboxItem } from "../ports.ts";
import type { Card } from "../view.ts";
import { canaryCard, canaryView } from "./cards/canary-card.ts";
import type { EffectParts } from "./effects.ts";

/** Without a button: one that is left on it would be pressed. */
export async function showLastDigest({ payload }: OutboxItem, parts: EffectParts): Promise<Record<string, unknown>> {
  const { ceremony, phase, platform: name } = payload as { ceremony: string; phase: string; platform: string };
  const platform = parts.platforms.find((one) => one.name === name);
  if (platform === undefined) return { skipped: `${name} is not configured any more` };
  const state = await parts.ledger.load(ceremony);
  if (state === undefined) throw new Error(`There is no ceremony ${ceremony}.`);
  const card = await lastDigest(state, phase, parts);
  if (card === undefined) return { skipped: "nothing was measured in it, so it has no digest" };
  await platform.show(card);
  return { shownOn: name };
}

async function lastDigest(
  state: CeremonyState,
  id: string,
  { tallies, policy, draw }: EffectParts,
): Promise<Card | undefined> {
  const index = state.package.phases.findIndex((one) => one.id === id);
  const phase = state.package.phases[index];
  const { executedAt } = state.phases.find((one) => one.phase === index) ?? {};
  const tally = await tallies.of(state, index);
  if (phase === undefined || executedAt === undefined || tally?.newest === undefined) return undefined;
  const { time, number } = tally.newest;
  const { metrics: catalogue } = policy;
  // Nothing waits any more for blocks to become final, and no node is asked for it.
  const report = reportOn(livePhase(phase, catalogue), tally, { headTime: time, finalTo: number, metrics: catalogue });
  const metrics = metricsNow(metricsOf(state, executedAt.chain, policy, index), tally.metrics);
  return canaryCard(state, phase, canaryView(phase, report, metrics, await draw(state, index)), number);
}
