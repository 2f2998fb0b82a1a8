/** The samples of the phase under its canary, or of another, drawn; the same samples are drawn once. */

import { z } from "zod";
import { phaseSamples } from "./ceremonies/canary-facts.ts";
import { marksOf } from "./charts/chart-marks.ts";
import type { CeremonyState } from "./domain/ceremony.ts";
import type { LoggedEvent } from "./domain/events.ts";
import type { Policy } from "./domain/policy.ts";
import { metricsOf } from "./domain/watch/measured.ts";
import type { Store } from "./ports.ts";
import type { Caches } from "./store/cache.ts";
import type { Picture } from "./view.ts";

const pictureShape = z.object({ title: z.string(), alt: z.string(), svg: z.string() });

export async function canaryPictures(
  state: CeremonyState,
  { store, policy }: { store: Store; policy: Policy },
  history: (id: string) => Promise<LoggedEvent[]>,
  caches: Caches,
  index = state.currentPhase,
): Promise<Picture[]> {
  const { executedAt } = state.phases.find((one) => one.phase === index) ?? {};
  const phase = state.package.phases[index];
  if (executedAt === undefined || phase === undefined) return [];
  const samples = await phaseSamples(store, state, index);
  const cache = caches.namespace("charts", 3600n);
  const key = `${state.id}/${index}/${samples.length}/${samples.at(-1)?.blockHash}/${state.seq}`;
  const kept = pictureShape.safeParse(await cache.get(key));
  if (kept.success) return [kept.data];
  const { canaryChart } = await import("./charts/canary-chart.ts");
  const title = `Canary ${phase.id} of ${state.id}`;
  const events = await history(state.id);
  const { metric: exposure } = phase.exposure;
  const panels = metricsOf(state, executedAt.chain, policy, index).map((metric) => ({
    metric,
    rows: samples.filter((one) => one.metric === metric.id),
    marks: marksOf(events, metric),
    isExposure: metric.id === exposure,
  }));
  const picture = canaryChart(title, panels);
  if (picture === undefined) return [];
  await cache.set(key, picture);
  return [picture];
}
