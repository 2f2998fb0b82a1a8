/** The samples of the phase under its canary, drawn; the same samples are drawn once. */

import { z } from "zod";
import type { CeremonyState } from "./domain/ceremony.ts";
import type { Policy } from "./domain/policy.ts";
import { metricsOf } from "./domain/watch/measured.ts";
import type { Store } from "./ports.ts";
import type { Caches } from "./store/cache.ts";
import type { Picture } from "./view.ts";

const pictureShape = z.object({ title: z.string(), alt: z.string(), svg: z.string() });

export async function canaryPictures(
  state: CeremonyState,
  { store, policy }: { store: Store; policy: Policy },
  caches: Caches,
): Promise<Picture[]> {
  const run = state.phases.find((one) => one.phase === state.currentPhase);
  const { executedAt } = run ?? {};
  if (executedAt === undefined) return [];
  const samples = (await store.samples(state.id)).filter((row) => row.blockNumber >= executedAt.number);
  const cache = caches.namespace("charts", 3600n);
  const key = `${state.id}/${state.currentPhase}/${samples.length}/${samples.at(-1)?.blockHash}`;
  const kept = pictureShape.safeParse(await cache.get(key));
  if (kept.success) return [kept.data];
  const { canaryChart } = await import("./charts/canary-chart.ts");
  const title = `Canary ${state.package.phases[state.currentPhase]?.id} of ${state.id}`;
  const picture = canaryChart(title, metricsOf(state, executedAt.chain, policy), samples);
  if (picture === undefined) return [];
  await cache.set(key, picture);
  return [picture];
}
