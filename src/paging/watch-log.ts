/** The stream `watch`: read and verified at start, appended to first and folded after. One process has the database (lease). */

import {
  type AlertEvent,
  alertEvent,
  type LoggedAlertEvent,
  parseAlertEvent,
  storedAlertEvent,
} from "../domain/alerts/alert-events.ts";
import { decideWatch } from "../domain/alerts/watch-decide.ts";
import type { WatchIntent } from "../domain/alerts/watch-intent.ts";
import { evolveWatch, nothingWatched, type WatchState } from "../domain/alerts/watch-state.ts";
import { verifyStream } from "../domain/audit-log.ts";
import { system } from "../domain/events.ts";
import type { Policy } from "../domain/policy.ts";
import { zeroHash } from "../domain/primitives.ts";
import { type Refusal, Refused, refusal } from "../domain/refusal.ts";
import type { AppendExtras, EventStore, StoredEvent } from "../ports.ts";

export const WATCH_STREAM = "watch";

/** What happened to an intent about alerts. */
export type WatchOutcome =
  | { ok: true; state: WatchState; events: LoggedAlertEvent[] }
  | { ok: false; refusal: Refusal };

export interface WatchLog {
  state(): WatchState;
  /** Decides and appends; a person's refusal is recorded and handed back. */
  handle(intent: WatchIntent, now: bigint): Promise<WatchOutcome>;
}

export interface WatchLogParts {
  store: Pick<EventStore, "append" | "read">;
  /** With the people as they count now. */
  policy: Policy;
  /** Pages and cards, written in the transaction of the events: made of them, of the state before and after. */
  outbox(after: WatchState, events: readonly AlertEvent[], at: bigint): AppendExtras["outbox"];
}

/** Throws {@link Refused} where the stream does not verify: who was called and who answered is not guessed (trust rule 8). */
export async function openWatchLog({ store, policy, outbox }: WatchLogParts): Promise<WatchLog> {
  let state = nothingWatched;
  const take = (stored: readonly StoredEvent[]): LoggedAlertEvent[] => {
    const events = stored.map(readable);
    for (const one of events) state = evolveWatch(state, one);
    return events;
  };
  const kept = await store.read(WATCH_STREAM);
  const [fault] = verifyStream(WATCH_STREAM, kept);
  if (fault !== undefined) throw damaged(`it has been tampered with: ${fault.problem}`);
  take(kept);

  async function append(events: readonly AlertEvent[], at: bigint, extras: AppendExtras) {
    const result = await store.append(WATCH_STREAM, state.seq, events.map(storedAlertEvent), at, extras);
    if (result.ok) return take(result.events);
    take(await store.read(WATCH_STREAM, state.seq));
    return undefined;
  }

  async function once(intent: WatchIntent, now: bigint): Promise<WatchOutcome | undefined> {
    const decision = decideWatch(state, intent, policy, now);
    if (!decision.ok) {
      // A refusal to the program itself is a bug's trace, not evidence.
      if (intent.by.person === system.person) return { ok: false, refusal: decision.refusal };
      const { code, sentence } = decision.refusal;
      const refused = alertEvent("refused", { intent: intent.kind, by: intent.by, code, sentence });
      return (await append([refused], now, {})) === undefined ? undefined : { ok: false, refusal: decision.refusal };
    }
    if (decision.events.length === 0) return { ok: true, state, events: [] };
    const entries = outbox(foreseen(state, decision.events, now), decision.events, now);
    const events = await append(decision.events, now, { outbox: entries ?? [] });
    return events === undefined ? undefined : { ok: true, state, events };
  }

  let turn: Promise<unknown> = Promise.resolve();
  return {
    state: () => state,
    handle(intent, now) {
      const done = turn.then(async () => {
        for (;;) {
          const outcome = await once(intent, now);
          if (outcome !== undefined) return outcome;
        }
      });
      turn = done.catch(() => undefined);
      return done;
    },
  };
}

/** The state as it will be; the events get their hashes only in the store. */
function foreseen(state: WatchState, events: readonly AlertEvent[], at: bigint): WatchState {
  return events.reduce(
    (before, one) => evolveWatch(before, { ...one, seq: before.seq + 1, at, hash: zeroHash }),
    state,
  );
}

/** An event that this version cannot read stops the start: what it means is not guessed. */
function readable(stored: StoredEvent): LoggedAlertEvent {
  try {
    return parseAlertEvent(stored);
  } catch (cause) {
    throw damaged(`it cannot be read: ${(cause as Error).message}`);
  }
}

function damaged(what: string): Refused {
  const sentence = `The log of alerts and of who is on call is not to be trusted: ${what.replace(/\.$/, "")}. Nothing was started; run quorate audit verify.`;
  return new Refused(refusal("integrity/log", sentence));
}
