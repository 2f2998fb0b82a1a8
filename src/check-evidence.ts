/** What the check found, as it is kept beside the log: the evidence whose hash the votes bind. */

import { z } from "zod";
import type { CeremonyState } from "./domain/ceremony.ts";
import { measuredRun } from "./domain/watch/measured.ts";
import { int } from "./domain/watch/sources.ts";
import type { EventStore } from "./ports.ts";

/** Its JSON; undefined where nothing was checked, or nothing is kept. Rejects where what is kept was changed. */
export async function checkEvidence({ check }: CeremonyState, store: Pick<EventStore, "blob">): Promise<unknown> {
  const bytes = check === undefined ? undefined : await store.blob(check.evidenceHash);
  if (bytes === undefined) return undefined;
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return undefined;
  }
}

const ofPhase = z.object({ phase: z.string(), values: z.array(z.object({ metric: z.string(), value: int })) });
/** Evidence from before metrics were compared with simulations has none. */
const reports = z.object({
  reports: z.array(z.object({ chain: z.string(), phaseValues: z.array(ofPhase).default([]) })),
});

/** What the metrics of the phase executed last came to in the simulation, by metric; empty where it says nothing. */
export async function simulatedValues(
  state: CeremonyState,
  store: Pick<EventStore, "blob">,
): Promise<ReadonlyMap<string, bigint>> {
  const read = reports.safeParse(await checkEvidence(state, store));
  const run = measuredRun(state);
  const phase = state.package.phases[run?.phase ?? -1]?.id;
  const own = (read.success ? read.data.reports : [])
    .filter((one) => one.chain === run?.executedAt?.chain)
    .flatMap((one) => one.phaseValues.filter((values) => values.phase === phase));
  return new Map(own.flatMap(({ values }) => values.map(({ metric, value }): [string, bigint] => [metric, value])));
}
