/** The samples of the phase under its canary, or of another, drawn; the same samples are drawn once. */

import { z } from "zod";
import { marksOf } from "./charts/chart-marks.ts";
import { mostDrawn } from "./charts/metric-drawing.ts";
import type { CeremonyState } from "./domain/ceremony.ts";
import type { LoggedEvent } from "./domain/events.ts";
import type { Policy } from "./domain/policy.ts";
import { metricsOf } from "./domain/watch/measured.ts";
import type { PhaseTallies } from "./phase-tallies.ts";
import type { Caches } from "./store/cache.ts";
import type { Picture } from "./view.ts";

const pictureShape = z.object({ title: z.string(), alt: z.string(), svg: z.string() });

export async function canaryPictures(
  state: CeremonyState,
  { tallies, policy }: { tallies: PhaseTallies; policy: Policy },
  history: (id: string) => Promise<LoggedEvent[]>,
  caches: Caches,
  index = state.currentPhase,
): Promise<Picture[]> {
  const chain = state.phases.find((one) => one.phase === index)?.executedAt?.chain;
  const phase = state.package.phases[index];
  const tally = await tallies.of(state, index);
  if (chain === undefined || phase === undefined || tally === undefined) return [];
  const cache = caches.namespace("charts", 3600n);
  const samples = [...tally.metrics.values()].reduce((sum, one) => sum + one.samples, 0);
  const key = `${state.id}/${index}/${samples}/${tally.newest?.hash}/${state.seq}`;
  const kept = pictureShape.safeParse(await cache.get(key));
  if (kept.success) return [kept.data];
  const { canaryChart } = await import("./charts/canary-chart.ts");
  const title = `Canary ${phase.id} of ${state.id}`;
  const events = await history(state.id);
  const { metric: exposure } = phase.exposure;
  const panels = metricsOf(state, chain, policy, index).flatMap((metric) => {
    const own = tally.metrics.get(metric.id);
    return own === undefined
      ? []
      : [{ metric, tally: own, marks: marksOf(events, metric), isExposure: metric.id === exposure }];
  });
  const picture = await canaryChart(title, panels, (metric) => tallies.newest(state, index, metric.id, mostDrawn));
  if (picture === undefined) return [];
  await cache.set(key, picture);
  return [picture];
}
