/** What commands can have done: reads the facts an intent needs, and hands both to the ledger. */

import type { Builds } from "../build-facts.ts";
import type { CanaryView } from "../canary-view.ts";
import { checkInWords, overrideInWords } from "../check-view.ts";
import type { AlertServices, Outcome, PeopleServices, ProposalSource, Services } from "../command.ts";
import { canaryReport, notClean } from "../domain/canary.ts";
import { type CeremonyState, transactionById } from "../domain/ceremony.ts";
import type { Actor } from "../domain/events.ts";
import { legsToRollBack, oldestSample } from "../domain/guarding.ts";
import { endings } from "../domain/lifecycle.ts";
import type { Person, Policy } from "../domain/policy.ts";
import type { Hex } from "../domain/primitives.ts";
import { Refused, refusal } from "../domain/refusal.ts";
import { phaseAt } from "../domain/release.ts";
import { legById } from "../domain/release-package.ts";
import { executeBatchData } from "../domain/timelock.ts";
import { rollbackBatch, timelockOf, upgradeBatch } from "../domain/transactions.ts";
import { measuredRun, metricsOf } from "../domain/watch/measured.ts";
import { metricsNow } from "../domain/watch/metric-now.ts";
import { operationOf } from "../domain/wind-down.ts";
import { examine } from "../gates/index.ts";
import type { LinkPurpose } from "../links.ts";
import type { PhaseTallies } from "../phase-tallies.ts";
import type { Chains, Store } from "../ports.ts";
import type { Picture, TransactionItem } from "../view.ts";
import { buildPackage, parsePackage } from "./build-package.ts";
import { gateOf, measuredPhase, reportOf, stillContained, withBreachesNow } from "./canary-facts.ts";
import { canaryView } from "./cards/canary-card.ts";
import { ceremonyCard } from "./cards/ceremony-card.ts";
import { sentencesOf } from "./cards/sentences.ts";
import { whileUnwatched } from "./cards/unwatched-card.ts";
import { readLegs, readSafe, readSafes, readUnsentSafes } from "./facts.ts";
import type { Ledger } from "./ledger.ts";

export interface ServiceParts {
  people: PeopleServices;
  alerts: AlertServices;
  incidents: Services["incidents"];
  /** Why nothing goes on while nobody would be woken; undefined where somebody would. */
  unwatched(): string | undefined;
  ledger: Ledger;
  store: Store;
  tallies: PhaseTallies;
  chains: Chains;
  builds: Builds;
  policy: Policy;
  preconditionsCodeHash: Hex;
  /** Draws who can do what before and after, as the check found it. */
  authority: Services["authority"];
  /** Draws the samples of a phase. */
  draw(state: CeremonyState): Promise<Picture[]>;
  /** Resolves once what was decided so far has been worked off: used before answering, so that cards are true. */
  settle(ceremony: string): Promise<void>;
  health: Services["health"];
  exits: Services["exits"];
  link(person: Person, account: string, state: CeremonyState, purpose: LinkPurpose): Promise<string | undefined>;
}

export function createServices(parts: ServiceParts): Services {
  const { ledger, chains, policy } = parts;

  async function find(id: string | undefined): Promise<CeremonyState> {
    if (id === undefined) return onlyLive(await ledger.list());
    const wanted = id.trim().toUpperCase();
    const state = await ledger.load(wanted);
    if (state === undefined)
      throw new Refused(
        refusal("ceremony/unknown", `There is no ceremony ${wanted}. Use /upgrade list to see those there are.`),
      );
    return state;
  }

  async function canary(state: CeremonyState): Promise<CanaryView | undefined> {
    const measured = await measuredPhase(parts, state);
    const from = state.phases.find((one) => one.phase === state.currentPhase)?.executedAt;
    if (measured === undefined || from === undefined) return undefined;
    const { report, tally } = measured;
    const metrics = metricsNow(metricsOf(state, from.chain, policy), tally.metrics);
    return canaryView(phaseAt(state), report, metrics, await parts.draw(state));
  }

  return {
    people: parts.people,
    alerts: parts.alerts,
    incidents: parts.incidents,
    list: () => ledger.list(),
    health: parts.health,
    exits: parts.exits,
    link: parts.link,
    find,
    measuredNow: (state) => withBreachesNow(state, parts),
    history: (id) => ledger.history(id),
    async propose(by, source, revises) {
      const revised = revises === undefined ? undefined : await find(revises);
      return propose(parts, by, source, revised?.id);
    },
    check: (by, id, progress) => check(parts, by, id, progress),
    vote: (intent, id) => ledger.handle(id, intent),
    async schedule(by, id) {
      const state = await find(id);
      const legs =
        state.review === undefined
          ? []
          : await readLegs(
              chains,
              state,
              state.package.legs.map((leg) => leg.id),
              "upgrade",
            );
      return ledger.handle(state.id, { kind: "schedule", by, safes: await readSafes(chains, state), legs });
    },
    async execute(by, id, sender) {
      const state = await find(id);
      const legs = state.review === undefined ? [] : await readLegs(chains, state, phaseAt(state).legs, "upgrade");
      return ledger.handle(state.id, { kind: "execute", by, legs, sender });
    },
    async rollback(by, id, reason, sender) {
      const state = await find(id);
      const legs = state.review === undefined ? [] : await readLegs(chains, state, legsToRollBack(state), "rollback");
      const safes = await readUnsentSafes(chains, state);
      const gate = state.review === undefined ? [] : await gateOf(parts, state);
      return ledger.handle(state.id, { kind: "rollback", by, reason, legs, safes, sender, gate });
    },
    executorItems: (state, person) => executorItems(state, person, policy),
    async advance(by, id) {
      const state = await find(id);
      const report = (await reportOf(parts, state)) ?? canaryReport(phaseAt(state), [], { headTime: 0n });
      return ledger.handle(state.id, { kind: "advance", by, report, gate: await gateOf(parts, state) });
    },
    async resume(by, id, cause) {
      const state = await find(id);
      // What runs is what is measured: while a phase waits, the one before it.
      const report = await reportOf(parts, state, measuredRun(state)?.phase);
      return ledger.handle(state.id, {
        kind: "resume",
        by,
        cause,
        stillContained: await stillContained(parts, state),
        report,
      });
    },
    async contain(by, id, wanted, reason) {
      const state = await find(id);
      const containment =
        wanted ?? state.breaches.find((one) => one.open)?.containment ?? state.package.containment[0]?.id ?? "";
      const prepared =
        transactionById(state, `containment/${containment}`) ??
        transactionById(state, `containment/${state.package.containment[0]?.id}`);
      const [chain] = policy.chains;
      const at = prepared?.tx ?? { chain: chain?.id ?? "eip155:1", safe: chain?.guardian ?? "0x" };
      return ledger.handle(state.id, {
        kind: "contain",
        by,
        containment,
        reason,
        safe: await readSafe(chains, at.chain, at.safe),
      });
    },
    canary,
    canaryReport: (state) => reportOf(parts, state),
    async canaryLacks(state) {
      if (state.status !== "canary" || state.closing) return undefined;
      const report = await reportOf(parts, state).catch(() => undefined);
      return report && notClean(phaseAt(state), report, oldestSample);
    },
    authority: parts.authority,
    findings: (state, severities) => checkInWords(state, policy, severities),
    overrides: (state) => state.overrides.map((one) => `${one.code}, ${overrideInWords(one, policy)}`),
    sentences: (tx) => sentencesOf(tx.tx, policy),
    async card(state) {
      const told = await withBreachesNow(state, parts);
      const card = ceremonyCard(told, policy, state.status === "canary" ? await parts.draw(state) : []);
      return whileUnwatched(card, state, parts.unwatched());
    },
  };
}

function onlyLive(all: CeremonyState[]): CeremonyState {
  const live = all.filter((one) => !endings.includes(one.status));
  const [only] = live.length === 1 ? live : all.length === 1 ? all : [];
  if (only !== undefined) return only;
  if (all.length === 0)
    throw new Refused(refusal("ceremony/none", "There is no ceremony yet. Start one with /upgrade propose."));
  throw new Refused(
    refusal(
      "ceremony/which",
      `Say which ceremony you mean: ${live.map((one) => one.id).join(", ") || "none is live; see /upgrade list"}.`,
    ),
  );
}

async function propose(
  { ledger, chains, builds, policy, preconditionsCodeHash }: ServiceParts,
  by: Actor,
  source: ProposalSource,
  revises?: string,
): Promise<Outcome> {
  const pkg = source.kind === "file" ? parsePackage(source.text) : await buildPackage(source, policy, chains, builds);
  for (const leg of pkg.legs.filter((one) => policy.chains.some((chain) => chain.id === one.chain)))
    if ((await chains.get(leg.chain).codeHash(leg.preconditionsAt)) !== preconditionsCodeHash)
      throw new Refused(
        refusal(
          "propose/preconditions",
          `Nothing was proposed: the contract at ${leg.preconditionsAt} on ${leg.chain} is not Quorate's Preconditions contract. Deploy it with quorate deploy preconditions, or correct chains.yaml.`,
        ),
      );
  return revises === undefined
    ? ledger.start({ kind: "propose", by, package: pkg })
    : ledger.handle(revises, { kind: "revise", by, package: pkg });
}

/** Gates first, without holding anything; then one event with what they found. The review opens as its consequence. */
async function check(parts: ServiceParts, by: Actor, id: string, progress: (text: string) => void): Promise<Outcome> {
  const { ledger, chains, builds, policy, preconditionsCodeHash } = parts;
  const state = await ledger.load(id);
  if (state === undefined) return ledger.handle(id, { kind: "withdraw", by });
  if (state.status === "contained" || (state.status === "held" && state.executedLegs.length > 0))
    return resimulate(parts, by, state, progress);
  const { findings, evidence, evidenceHash, reports } = await examine({
    subject: { kind: "package", package: state.package, packageHash: state.packageHash },
    policy,
    chains,
    builds,
    preconditionsCodeHash,
    progress,
  });
  const [leg] = state.package.legs;
  const chain = leg?.chain ?? "eip155:1";
  const block = { chain, ...(reports[0]?.block ?? (await chains.get(chain).head())) };
  const intent = { kind: "recordCheck", by, revision: state.revision, findings, evidenceHash, block } as const;
  // What the votes bind has to be there to be read: kept with the event, in its transaction.
  const outcome = await ledger.handle(id, intent, [{ hash: evidenceHash, bytes: evidence }]);
  await parts.settle(id);
  return outcome;
}

/** The gates have judged the package before; what counts now is how it goes on from where it was stopped. */
async function resimulate(
  { ledger, chains }: ServiceParts,
  by: Actor,
  state: CeremonyState,
  progress: (text: string) => void,
): Promise<Outcome> {
  const { examineResumption } = await import("../gates/simulation/resumption.ts");
  const { findings, evidence, evidenceHash, block } = await examineResumption(state, chains, progress);
  const intent = { kind: "recordResimulation", by, findings, evidenceHash, block } as const;
  return ledger.handle(state.id, intent, [{ hash: evidenceHash, bytes: evidence }]);
}

/** The batches the executor's wallet has to send now, as plain transactions. */
function executorItems(state: CeremonyState, person: Person, policy: Policy): TransactionItem[] {
  if (state.review === undefined) return [];
  const rollingBack = state.rollbackBy !== undefined;
  const purpose = rollingBack ? "rollback" : "upgrade";
  const due = (rollingBack ? state.rollbackBy?.legs : phaseAt(state).legs) ?? [];
  const anchor = { packageHash: state.packageHash, auditHead: state.review.auditHead };
  return due
    .filter(
      (id) => ![...state.executedLegs, ...state.gasRequests].some((one) => one.leg === id && one.purpose === purpose),
    )
    .map((id) => {
      const leg = legById(state.package, id);
      const batch = (rollingBack ? rollbackBatch : upgradeBatch)(state.package, leg, anchor);
      const { timelock } = timelockOf(leg);
      const value = batch.calls.reduce((sum, one) => sum + one.value, 0n);
      const data = executeBatchData(batch);
      return {
        kind: "transaction",
        purpose: `${rollingBack ? "Roll back" : "Execute"} ${id}`,
        from: person.wallets,
        call: { chain: leg.chain, to: timelock, value, data },
        operationId: operationOf(state, id, purpose),
        sentences: sentencesOf({ to: timelock, value, data }, policy),
      };
    });
}
