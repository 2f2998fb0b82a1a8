/** The shell around the pure core: load, fold, decide, append. Nothing here knows what an upgrade is. */

import type { Outcome } from "../command.ts";
import type { WatchdogNow } from "../domain/alerts/watchdog.ts";
import { eventHash, genesisHash } from "../domain/audit-log.ts";
import type { BlockRef, CeremonyState } from "../domain/ceremony.ts";
import { decide } from "../domain/decide.ts";
import type { Rules } from "../domain/decision.ts";
import { type Actor, type CeremonyEvent, event, type LoggedEvent, storedData } from "../domain/events.ts";
import { evolve } from "../domain/evolve.ts";
import type { Intent, IntentKind, Now } from "../domain/intent.ts";
import { endings } from "../domain/lifecycle.ts";
import type { Policy } from "../domain/policy.ts";
import type { ChainId } from "../domain/primitives.ts";
import { type Refusal, Refused } from "../domain/refusal.ts";
import type { ReleasePackage } from "../domain/release-package.ts";
import type { OpenIncident } from "../domain/watch/incidents.ts";
import type { KeptContent } from "../kept-content.ts";
import type { Chains, Clock, OutboxEntry, OutboxItem, Store } from "../ports.ts";
import { traced } from "../tracing.ts";
import { createLogReader } from "./log-reader.ts";

export interface LedgerParts {
  store: Store;
  chains: Chains;
  clock: Clock;
  policy: Policy;
  rules: Rules;
  /** What has to be done because of events: cards, transactions. Written in the transaction of the events. */
  consequences(state: CeremonyState, events: readonly LoggedEvent[]): OutboxEntry[];
  /** Told after every append, so that the outbox is worked off at once; `owed`: what the consequences added to it. */
  appended(state: CeremonyState, owed: readonly OutboxEntry[]): void;
  /** Whether the watch is alive; left out where none was ever set up. */
  watchdog?: (() => WatchdogNow) | undefined;
  /** Incidents that are open; left out where nobody watches for them. */
  incidents?: (() => Promise<readonly OpenIncident[]>) | undefined;
}

export interface Ledger {
  /**
   * All ceremonies. One that cannot be read is told to `unreadable` and left out, so that it does not take the watch of
   * the others down with it; without `unreadable` it throws.
   */
  list(unreadable?: (id: string, fault: Error) => void): Promise<CeremonyState[]>;
  /** Undefined where there is no such ceremony. Throws where its log was tampered with. */
  load(id: string): Promise<CeremonyState | undefined>;
  history(id: string): Promise<LoggedEvent[]>;
  /** Starts a ceremony under the next free id. */
  start(intent: Extract<Intent, { kind: "propose" }>): Promise<Outcome>;
  /** Decides and appends; a refusal is recorded and handed back. */
  handle(id: string, intent: Intent, blobs?: KeptContent[]): Promise<Outcome>;
  now(pkg: ReleasePackage): Promise<Now>;
}

const PREFIX = "ceremony/";
/** Refusals that belong to no ceremony, such as a proposal that was turned down. */
const COUNCIL = "council";

const spanOf = (ceremony: string, { by }: Intent) => ({ ceremony, "quorate.person": by.person });

/** Decisions that depend on block time. The others work with the chain down, denying and holding above all. */
const timed: readonly IntentKind[] = [
  "propose",
  "revise",
  "schedule",
  "execute",
  "send",
  "rollback",
  "resume",
  "windDown",
];

/** Of what the watch saw only the passing of time hangs on the heads: a page waits for no node. */
function isTimed(intent: Intent): boolean {
  return intent.kind === "observe" ? intent.seen.what === "time" : timed.includes(intent.kind);
}

export function createLedger(parts: LedgerParts): Ledger {
  const { store, policy, rules } = parts;

  const read = createLogReader();
  const readLog = async (id: string) => read(id, PREFIX + id, await store.read(PREFIX + id));

  async function history(id: string): Promise<LoggedEvent[]> {
    return (await readLog(id)).events;
  }

  async function load(id: string): Promise<CeremonyState | undefined> {
    const { state } = await readLog(id);
    if (state !== undefined) known(state);
    return state;
  }

  /** Running ceremonies as they were read or written last. */
  const newest = new Map<string, CeremonyState>();
  function known(state: CeremonyState): void {
    if (endings.includes(state.status)) newest.delete(state.id);
    else newest.set(state.id, state);
  }

  async function now(pkg: ReleasePackage): Promise<Now> {
    // A chain that policy does not know is not asked for its head: the domain refuses the package by name.
    const known = policy.chains.map((one) => one.id);
    const chains = [...new Set(pkg.legs.map((leg) => leg.chain))].filter((id) => known.includes(id));
    const heads = await Promise.all(chains.map((id) => headOf(parts.chains, id)));
    return { wall: parts.clock.now(), chains: heads, incidents: await parts.incidents?.() };
  }

  async function nowFor(intent: Intent, state: CeremonyState | undefined): Promise<Now> {
    const pkg = intent.kind === "propose" || intent.kind === "revise" ? intent.package : state?.package;
    const watchdog = parts.watchdog?.();
    if (pkg === undefined || !isTimed(intent))
      return { wall: parts.clock.now(), chains: [], watchdog, incidents: await parts.incidents?.() };
    return { ...(await now(pkg)), watchdog };
  }

  async function handle(id: string, intent: Intent, blobs: KeptContent[] = []): Promise<Outcome> {
    // Nobody is called later for what people decided before: what is seen follows from the state that is known, and from
    // the log anew where somebody else wrote to it.
    let remembered = intent.kind === "observe" ? newest.get(id) : undefined;
    for (;;) {
      const isRemembered = remembered !== undefined;
      const state = remembered ?? (await load(id));
      remembered = undefined;
      const decision = decide(state, intent, policy, await nowFor(intent, state), rules);
      // What leads to nothing is not believed before the log itself says so.
      if (isRemembered && (!decision.ok || decision.events.length === 0)) continue;
      if (!decision.ok) {
        await recordRefusal(state, intent.kind, intent.by, decision.refusal);
        return { ok: false, refusal: decision.refusal, state };
      }
      if (decision.events.length === 0 && state !== undefined) return { ok: true, state, head: state.head, events: [] };
      const done = await append(id, state, decision.events, blobs);
      if (done !== undefined) return { ok: true, state: done, head: done.head, events: decision.events };
    }
  }

  /** Undefined where another writer was first. */
  async function append(
    id: string,
    state: CeremonyState | undefined,
    events: readonly CeremonyEvent[],
    blobs: KeptContent[] = [],
  ): Promise<CeremonyState | undefined> {
    const stream = PREFIX + id;
    const at = parts.clock.now();
    const logged = chained(stream, state, events, at);
    let after = state;
    for (const one of logged) after = evolve(id, after, one);
    if (after === undefined) return undefined;
    const entries = events.map((one) => ({ type: one.type, data: storedData(one) }));
    const outbox = parts.consequences(after, logged);
    const result = await store.append(stream, state?.seq ?? 0, entries, at, { outbox, blobs });
    if (!result.ok) return undefined;
    known(after);
    parts.appended(after, outbox);
    return after;
  }

  /** A refusal to the program itself is a bug's trace, not evidence: only people's are kept. */
  async function recordRefusal(
    state: CeremonyState | undefined,
    intent: string,
    by: Actor,
    why: Refusal,
  ): Promise<void> {
    const refused = event("refused", { intent, by, code: why.code, sentence: why.sentence });
    for (let current = state; ; ) {
      const data = storedData(refused);
      if (current === undefined) {
        const length = (await store.read(COUNCIL)).length;
        if ((await store.append(COUNCIL, length, [{ type: "refused", data }], parts.clock.now())).ok) return;
        continue;
      }
      if ((await append(current.id, current, [refused])) !== undefined) return;
      current = await load(current.id);
    }
  }

  async function start(intent: Extract<Intent, { kind: "propose" }>): Promise<Outcome> {
    const decision = decide(undefined, intent, policy, await nowFor(intent, undefined), rules);
    if (!decision.ok) {
      await recordRefusal(undefined, intent.kind, intent.by, decision.refusal);
      return { ok: false, refusal: decision.refusal, state: undefined };
    }
    for (let number = (await store.streams(PREFIX)).length + 1; ; number += 1) {
      const state = await traced("decide propose", spanOf(`UP-${number}`, intent), () =>
        append(`UP-${number}`, undefined, decision.events),
      );
      if (state !== undefined) return { ok: true, state, head: state.head, events: decision.events };
    }
  }

  async function list(unreadable?: (id: string, fault: Error) => void): Promise<CeremonyState[]> {
    const ids = (await store.streams(PREFIX)).map(({ stream }) => stream.slice(PREFIX.length));
    const states = await Promise.all(
      ids.map((id) =>
        load(id).catch((fault: Error) => {
          if (unreadable === undefined || !(fault instanceof Refused)) throw fault;
          unreadable(id, fault);
          return undefined;
        }),
      ),
    );
    return states.filter((state) => state !== undefined).sort((a, b) => Number(a.id.slice(3)) - Number(b.id.slice(3)));
  }

  return {
    ...{ list, load, history, start, now },
    handle(id, intent, blobs) {
      // Time passes with every block.
      if (intent.kind === "observe" && intent.seen.what === "time") return handle(id, intent, blobs);
      const what = intent.kind === "observe" ? `observe ${intent.seen.what}` : `decide ${intent.kind}`;
      return traced(what, spanOf(id, intent), () => handle(id, intent, blobs));
    },
  };
}

/** The ceremony that something is owed in. */
export async function ceremonyOf(ledger: Ledger, { payload }: OutboxItem): Promise<CeremonyState> {
  const id = String(payload.ceremony);
  const state = await ledger.load(id);
  if (state === undefined) throw new Error(`There is no ceremony ${id}.`);
  return state;
}

/** The chain's head as decisions use it. */
export async function headOf(chains: Chains, chain: ChainId): Promise<BlockRef> {
  const { number, hash, timestamp } = await chains.get(chain).head();
  return { chain, number, hash, timestamp };
}

function chained(
  stream: string,
  state: CeremonyState | undefined,
  events: readonly CeremonyEvent[],
  at: bigint,
): LoggedEvent[] {
  let previous = state?.head ?? genesisHash(stream);
  let seq = state?.seq ?? 0;
  return events.map((one) => {
    seq += 1;
    previous = eventHash(previous, { stream, seq, type: one.type, at, data: storedData(one) });
    return { ...one, seq, at, hash: previous };
  });
}
