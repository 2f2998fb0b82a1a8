/** The composition root: the only file that knows every part. */

import { toHex } from "viem";
import { commands } from "../commands/index.ts";
import { type AlertDesk, createAlertDesk } from "./alert-desk.ts";
import { authorityPictures } from "./authority-pictures.ts";
import type { BlockWatch } from "./block-watch.ts";
import type { Builds } from "./build-facts.ts";
import { canaryPictures } from "./canary-pictures.ts";
import { brokenLogCard } from "./ceremonies/cards/broken-log-card.ts";
import { gasCard } from "./ceremonies/cards/gas-card.ts";
import { pagerCard } from "./ceremonies/cards/pager-card.ts";
import { consequences, showings } from "./ceremonies/consequences.ts";
import { createIntake } from "./ceremonies/intake.ts";
import { createLedger, type Ledger } from "./ceremonies/ledger.ts";
import { isAct, isUrgent, type OutboxWorker, startOutboxWorker } from "./ceremonies/outbox-worker.ts";
import { createServices } from "./ceremonies/services.ts";
import { createTelemetry } from "./ceremonies/telemetry.ts";
import { preconditionsCodeHash } from "./chain/preconditions/preconditions.ts";
import type { Intake, Services } from "./command.ts";
import { createDispatch, type Dispatch } from "./dispatch.ts";
import { unwatchedSentence } from "./domain/alerts/watchdog.ts";
import type { CeremonyState } from "./domain/ceremony.ts";
import { allRules, type Rules } from "./domain/decision.ts";
import { system } from "./domain/events.ts";
import type { Policy } from "./domain/policy.ts";
import type { Address } from "./domain/primitives.ts";
import { startHealth } from "./health-desk.ts";
import { incidentEntries } from "./incident-entries.ts";
import type { Pager } from "./pager-port.ts";
import type { PeopleLog } from "./people/people-log.ts";
import { createPeopleDesk, type PeopleDesk } from "./people-desk.ts";
import { createPhaseTallies, type PhaseTallies } from "./phase-tallies.ts";
import type { Chains, ChatPlatform, Clock, Store } from "./ports.ts";
import { type SafeMirror, startSafeMirror } from "./safe-mirror.ts";
import type { Allowance } from "./safe-service/budget.ts";
import { createSigningDesk, type SigningDesk } from "./signing-desk.ts";
import { type Caches, openCache } from "./store/cache.ts";
import type { Card } from "./view.ts";
import { startExitWatch } from "./watch/exits.ts";
import { watchGasLevel } from "./watch/gas-level.ts";
import { unhurriedHeads } from "./watch/unhurried-heads.ts";
import type { Watch } from "./watch/watch.ts";
import { neverArmed, type WatchdogOptions, watchdogOf } from "./watchdog-parts.ts";
import { startWatching } from "./watching.ts";

export interface Parts {
  /** Its people are read anew all the time: that of {@link Parts.people}. */
  policy: Policy;
  people: PeopleLog;
  store: Store;
  chains: Chains;
  builds: Builds;
  clock: Clock;
  /** May grow after the start: a platform shows its first card as soon as it is there. */
  platforms: readonly ChatPlatform[];
  rules?: Rules;
  /** Address of the signing page, without a token; without one, wallets hand in by the terminal. */
  signingPage?: string | undefined;
  /** The wallet that a platform holds for somebody, and could link to them. */
  localWallet?(person: string): Address | undefined;
  /** Key for Safe's Transaction Service, where policy names one for a chain. */
  safeApiKey?: string | undefined;
  /** What pages people besides chat. */
  pagers?: readonly Pager[];
  /** Sends heartbeats, without which no ceremony goes on; left out, nobody waits for any. */
  watchdog?: WatchdogOptions | undefined;
  /** What may be asked of Safe's Transaction Service; by default what it allows with that key, or without one. */
  safeAllowance?: Allowance | undefined;
  /** See watching.ts. */
  blocksOnDemand?: boolean;
  /** For what may be lost, such as drawn pictures; in memory where not given. */
  caches?: Caches;
  onFault(where: string, fault: unknown): void;
}

export interface Quorate {
  dispatch: Dispatch;
  intake: Intake;
  /** Undefined where there is no signing page. */
  desk: SigningDesk | undefined;
  people: PeopleDesk;
  alerts: AlertDesk;
  services: Services;
  tallies: PhaseTallies;
  ledger: Ledger;
  watch: Watch;
  /** Every block of every chain: incidents, and what is missing. */
  blocks: BlockWatch;
  outbox: OutboxWorker;
  /** Undefined where policy names no Transaction Service. */
  safeMirror: SafeMirror | undefined;
  /** Resolves once everything decided so far is worked off and seen on the chain. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

/** Puts the parts together and takes up what an earlier run left undone. Owns nothing it was given. */
export function compose(parts: Parts): Quorate {
  const { policy, store, chains, clock } = parts;
  const caches = parts.caches ?? openCache({ memory: true }, (fault) => parts.onFault("cache", fault));
  const names = () => parts.platforms.map((one) => one.name);
  /** For what no event asks for. */
  const started = clock.now();
  const announce = (card: Card, on = names()) => {
    const showing = showings(card, `${card.key}:${card.revision}`, `alarm:${card.key}`, on);
    store.enqueue("alarms", showing).then(
      () => outbox.wake(),
      (fault: unknown) => parts.onFault(card.key, fault),
    );
  };
  const unwatched = () => (watchdog === undefined ? undefined : unwatchedSentence(watchdog.now()));
  const tallies = createPhaseTallies(store, policy);
  const ledger = createLedger({
    store,
    chains,
    clock,
    policy,
    rules: parts.rules ?? allRules,
    consequences: (state, events) => consequences(state, events, policy, names(), unwatched()),
    appended(state, owed) {
      watching.saw(state);
      const acts = owed.some(isAct);
      if (!isTold(state) || owed.some(isUrgent)) outbox.wake();
      // Whoever is to be called comes first, after what contains; nothing else is looked for meanwhile.
      if (isTold(state)) outbox.first(acts ? outbox.acted().then(() => follow(state)) : follow(state));
      safeMirror?.wake();
    },
    ...(parts.watchdog === undefined ? {} : { watchdog: () => watchdog?.now() ?? neverArmed }),
    incidents: () => blocks.barring(),
  });
  const follow = (state: CeremonyState) =>
    alerts.follow(state).catch((fault: unknown) => parts.onFault(`alerts of ${state.id}`, fault));
  const alarmed = new Set<string>();
  /** A log that cannot be trusted is said in the channel, once a start; the watch of the others goes on. */
  const alarm = (id: string, fault: Error) => {
    if (alarmed.has(id)) return;
    alarmed.add(id);
    parts.onFault(id, fault);
    announce(brokenLogCard(id, fault.message, policy.onCall.sev1, started));
  };
  const alerts = createAlertDesk({
    ...{ store, policy, clock, platforms: names, pagers: (parts.pagers ?? []).map((one) => one.name) },
    wake: () => outbox.wake(),
    isRechecking: (ceremony, metric) => watching.isRechecking(ceremony, metric),
    failing: (ceremony, metric) => watching.failing(ceremony, metric),
    broken: (fault) => alarm("watch", fault),
    onFault: parts.onFault,
  });
  const watchdog = watchdogOf(parts, alerts, () => outbox.wake());
  const unhurried = unhurriedHeads(chains, () => outbox.calm());
  const watching = startWatching({
    ...{ store, chains, unhurried, clock, policy, follow, blocksOnDemand: parts.blocksOnDemand ?? false },
    list: () => ledger.list(alarm),
    load: (id) => ledger.load(id),
    record: (id, seen) => ledger.handle(id, { kind: "observe", by: system, seen }),
    sampled: (state) => telemetry(state),
    policyMoved: () => parts.people.state().seq > 0,
    signal: (signal) => alerts.act({ kind: "signal", by: system, signal }),
    wake: () => outbox.wake(),
    calm: () => outbox.calm(),
    broken: (fault) => alarm("incidents", fault),
    outbox: (after, events) => incidentEntries(after, events, policy, names()),
    onFault: parts.onFault,
  });
  const { watch, blocks, lookAgain } = watching;
  const exits = startExitWatch({
    ...{ chains: unhurried.chains, policy, rules: parts.rules ?? allRules, onFault: parts.onFault },
    list: () => ledger.list(alarm),
    signature: (hash) => store.blob(hash).then((bytes) => bytes && toHex(bytes)),
    record: (id, seen) => ledger.handle(id, { kind: "observe", by: system, seen }),
  });
  const intake = createIntake({ ledger, chains, policy, onFault: parts.onFault });
  const safeMirror = startSafeMirror({
    ...{ policy, clock, apiKey: parts.safeApiKey, allowance: parts.safeAllowance, announce, onFault: parts.onFault },
    delegate(id) {
      const chain = chains.get(id);
      return { account: chain.gasAccount, sign: (tx) => chain.signAsDelegate(tx) };
    },
    list: () => ledger.list(alarm),
    history: (id) => ledger.history(id),
    confirm: intake.confirmation,
    record: (id, seen) => ledger.handle(id, { kind: "observe", by: system, seen }),
  });
  const draw = (state: CeremonyState, phase?: number) =>
    canaryPictures(state, { tallies, policy }, ledger.history, caches, phase);
  const outbox = startOutboxWorker(
    {
      ...{ store, clock, policy, ledger, platforms: parts.platforms, mirror: safeMirror?.put },
      chains: unhurried.chains,
      rules: parts.rules ?? allRules,
      pagers: parts.pagers ?? [],
      pagerRefused: (pager, sentence) => announce(pagerCard(pager, sentence, clock.now())),
      async heartbeat(platform, at) {
        await watchdog?.delivered(platform, at);
      },
      observe: (id) => watch.observe(id),
      ...{ draw, tallies },
    },
    (item, fault) => parts.onFault(`outbox ${item?.key ?? ""}`, fault),
  );
  const { signingPage: page } = parts;
  const desk =
    page === undefined
      ? undefined
      : createSigningDesk({
          ...{ policy, rules: parts.rules ?? allRules, links: store, clock, intake, page },
          load: (id) => ledger.load(id),
          now: (state) => ledger.now(state.package),
          observe: (id) => watch.observe(id),
        });
  const people = createPeopleDesk({
    ...{ log: parts.people, chains, clock, page, localWallet: parts.localWallet, onFault: parts.onFault },
    showings: (cards) => cards.flatMap((card) => showings(card, `${card.key}:${card.revision}`, card.key, names())),
    changed() {
      outbox.wake();
      lookAgain();
    },
  });
  const services = createServices({
    people,
    alerts,
    incidents: blocks,
    unwatched,
    ledger,
    store,
    tallies,
    chains,
    builds: parts.builds,
    policy,
    preconditionsCodeHash,
    exits: (state) => exits.current(state.id),
    authority: (state) => authorityPictures(state, policy, store),
    draw,
    settle: () => outbox.settled(),
    link: async (person, account, state, purpose) => desk?.issue(person, account, state, purpose),
    health: () => health.all(),
  });
  const telemetry = createTelemetry({
    ...{ store, policy, platforms: parts.platforms, canary: (state) => services.canary(state) },
  });
  const gas = watchGasLevel({
    chains: unhurried.chains,
    policy,
    low: (sentence, chain) => announce(gasCard(sentence, chain, clock.now())),
    onFault: parts.onFault,
  });
  const health = startHealth({
    ...{ policy, chains, clock, platforms: parts.platforms, announce, onFault: parts.onFault },
    mirror: () => safeMirror?.health() ?? [],
    watchdog: () => watchdog?.health() ?? [],
  });
  // What was breached before this start, and may not have been told: said again until the alerts say the same.
  ledger.list(alarm).then(
    (all) => all.filter(isTold).forEach(follow),
    (fault: unknown) => parts.onFault("alerts", fault),
  );
  const onFault = (fault: unknown, { command, account }: { command: string; account: string }) =>
    parts.onFault(`${command} by ${account}`, fault);
  return {
    dispatch: createDispatch({ commands, policy, services, deliveries: store, clock, onFault }),
    intake,
    desk,
    people,
    alerts,
    services,
    tallies,
    ledger,
    watch,
    blocks,
    outbox,
    safeMirror,
    async settle() {
      await outbox.settled();
      await watch.all();
      await exits.all();
      await alerts.tick();
      await watchdog?.look();
      await outbox.settled();
    },
    async stop() {
      await watchdog?.stop();
      await alerts.stop();
      gas.stop();
      people.stop();
      health.stop();
      await safeMirror?.stop();
      await exits.stop();
      await watching.stop();
      await outbox.stop();
    },
  };
}

/** Its log says something that somebody has to be woken for, or was. */
const isTold = ({ breaches, doubts, lostExits }: CeremonyState) =>
  breaches.length + doubts.length + lostExits.length > 0;
