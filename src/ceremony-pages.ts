/** Gathers what a ceremony's page shows from every part that knows some of it, and makes all of it inert. */

import { stringToBytes } from "viem";
import { authorityPictures } from "./authority-pictures.ts";
import { withBreachesNow } from "./ceremonies/canary-facts.ts";
import { ceremonyCard } from "./ceremonies/cards/ceremony-card.ts";
import { eventSentence } from "./ceremonies/cards/event-sentence.ts";
import { frozenSection } from "./ceremonies/cards/frozen-section.ts";
import { nameOf, sentencesOf, utc } from "./ceremonies/cards/sentences.ts";
import type { Ledger } from "./ceremonies/ledger.ts";
import { marksOf, signsInWords } from "./charts/chart-marks.ts";
import { mostDrawn } from "./charts/metric-drawing.ts";
import { inertLines } from "./chat/inert-text.ts";
import { canonicalJson } from "./domain/canonical.ts";
import type { BlockRef, CeremonyState } from "./domain/ceremony.ts";
import type { Policy } from "./domain/policy.ts";
import type { ChainId } from "./domain/primitives.ts";
import { Refused } from "./domain/refusal.ts";
import { canonicalForm } from "./domain/release-package.ts";
import type { Quorate } from "./main.ts";
import type { PhaseTallies } from "./phase-tallies.ts";
import type { Clock, SampleRow, Store } from "./ports.ts";
import type { MeasuredPhase, PageFacts } from "./web/ceremony-page/facts.ts";
import { ceremonyPage, noticePage } from "./web/ceremony-page/page.ts";
import type { CeremonyPages } from "./web/ceremony-page/routes.ts";

export interface CeremonyPagesParts {
  quorate: Quorate;
  policy: Policy;
  store: Store;
  clock: Clock;
}

export function createCeremonyPages(parts: CeremonyPagesParts): CeremonyPages {
  const { quorate, store } = parts;
  const find = (ceremony: string) => known(quorate.services.find(ceremony));
  return {
    async html(ceremony, code, live) {
      // One pass over all of it: whatever a person or a chain wrote, and wherever it stands, is in there.
      try {
        const state = await find(ceremony);
        return state === undefined
          ? undefined
          : inertLines(await ceremonyPage(await gathered(parts, state, code, live)));
      } catch (fault) {
        if (fault instanceof Refused)
          return inertLines(await noticePage(`${ceremony} cannot be shown.`, fault.message));
        throw fault;
      }
    },
    async packageFile(ceremony) {
      const state = await find(ceremony);
      return state === undefined ? undefined : stringToBytes(canonicalJson(canonicalForm(state.package)));
    },
    async evidenceFile(ceremony) {
      const state = await find(ceremony);
      return state === undefined ? undefined : evidenceOf(state, store);
    },
  };
}

async function gathered(
  { quorate, policy, store, clock }: CeremonyPagesParts,
  state: CeremonyState,
  code: string,
  live: boolean,
): Promise<PageFacts> {
  const [told, history, measured, heads, evidence, authority, canary, exits, { metricChart }] = await Promise.all([
    withBreachesNow(state, { store, policy }),
    quorate.services.history(state.id),
    measuredPhases(state, quorate.tallies),
    headsOf(state, quorate.ledger),
    evidenceOf(state, store),
    authorityPictures(state, policy, store),
    quorate.services.canaryReport(state).catch(() => undefined),
    quorate.services.exits(state).catch(() => []),
    import("./charts/metric-chart.ts"),
  ]);
  return {
    ...{ state: told, policy, history, measured, heads, authority, canary, exits, code, live },
    now: clock.now(),
    card: ceremonyCard(told, policy),
    frozen: frozenSection(state, policy),
    hasEvidence: evidence !== undefined,
    words: {
      utc,
      event: (one) => eventSentence(state, one, policy),
      calls: (call) => sentencesOf(call, policy),
      nameOf: (address) => nameOf(policy, address),
      signs: signsInWords,
      draw: (metric, tally, rows, id) => metricChart(metric, tally, rows, marksOf(history, metric), id),
    },
  };
}

/** What was measured after each execution, and of every metric what is drawn of it. */
async function measuredPhases(state: CeremonyState, tallies: PhaseTallies): Promise<PageFacts["measured"]> {
  const found = new Map<number, MeasuredPhase>();
  for (const { phase: index } of state.phases) {
    const tally = await tallies.of(state, index);
    const phase = state.package.phases[index];
    if (tally === undefined || phase === undefined) continue;
    const newest = new Map<string, readonly SampleRow[]>();
    for (const id of new Set([...phase.metrics, ...phase.stopOn]))
      newest.set(id, await tallies.newest(state, index, id, mostDrawn));
    found.set(index, { tally, newest });
  }
  return found;
}

/** Undefined where it is not kept, or not as it was: everything else can be shown all the same. */
async function evidenceOf({ check }: CeremonyState, store: Store): Promise<Uint8Array | undefined> {
  return check === undefined ? undefined : store.blob(check.evidenceHash).catch(() => undefined);
}

/** Undefined where there is none. Throws {@link Refused} where its log does not verify. */
async function known(state: Promise<CeremonyState>): Promise<CeremonyState | undefined> {
  try {
    return await state;
  } catch (fault) {
    if (fault instanceof Refused && fault.refusal.code === "ceremony/unknown") return undefined;
    throw fault;
  }
}

/** A chain that does not answer is left out: the page says so, and everything else is in the log. */
async function headsOf({ package: pkg }: CeremonyState, ledger: Ledger): Promise<BlockRef[]> {
  const ids = [...new Set(pkg.legs.map((leg) => leg.chain))];
  const read = (chain: ChainId) => ledger.now({ ...pkg, legs: pkg.legs.filter((leg) => leg.chain === chain) });
  const heads = await Promise.allSettled(ids.map(read));
  return heads.flatMap((one) => (one.status === "fulfilled" ? one.value.chains : []));
}
