/** The stream `people`: read and verified at start, appended to first and folded after. One process has the database (lease). */

import { verifyStream } from "../domain/audit-log.ts";
import { evolvePeople, nobodyYet, type PeopleState, peopleNow } from "../domain/people.ts";
import { decidePeople } from "../domain/people-decide.ts";
import type { PeopleIntent } from "../domain/people-decision.ts";
import {
  type LoggedPeopleEvent,
  type PeopleEvent,
  parsePeopleEvent,
  peopleEvent,
  storedPeopleEvent,
} from "../domain/people-events.ts";
import type { Person, Policy } from "../domain/policy.ts";
import { zeroHash } from "../domain/primitives.ts";
import { type Refusal, Refused, refusal } from "../domain/refusal.ts";
import type { AppendExtras, EventStore, StoredEvent } from "../ports.ts";

const STREAM = "people";

/** What happened to an intent about people. */
export type PeopleOutcome =
  | { ok: true; state: PeopleState; events: LoggedPeopleEvent[] }
  | { ok: false; refusal: Refusal };

export interface PeopleLog {
  /** The policy files with the people as they count now: always read anew, so that one object can be handed to everybody. */
  readonly policy: Policy;
  state(): PeopleState;
  /** Decides and appends; a person's refusal is recorded and handed back. */
  handle(intent: PeopleIntent, now: bigint, extras: Extras): Promise<PeopleOutcome>;
}

/** What is written in the transaction of the events, made from them and from the state after them. */
type Extras = (after: PeopleState, events: readonly PeopleEvent[]) => AppendExtras;

/** Throws {@link Refused} where the stream does not verify: who is who is not guessed (trust rule 8). */
export async function openPeopleLog(store: Pick<EventStore, "append" | "read">, files: Policy): Promise<PeopleLog> {
  let state = nobodyYet;
  const { policy, forget } = livePolicy(files, () => state);
  const take = (stored: readonly StoredEvent[]): LoggedPeopleEvent[] => {
    const events = stored.map(readable);
    for (const one of events) state = evolvePeople(state, one);
    forget();
    return events;
  };
  const kept = await store.read(STREAM);
  const [fault] = verifyStream(STREAM, kept);
  if (fault !== undefined) throw damaged(`it has been tampered with: ${fault.problem}`);
  take(kept);

  async function append(events: readonly PeopleEvent[], at: bigint, extras: AppendExtras) {
    const result = await store.append(STREAM, state.seq, events.map(storedPeopleEvent), at, extras);
    if (result.ok) return take(result.events);
    take(await store.read(STREAM, state.seq));
    return undefined;
  }

  async function once(intent: PeopleIntent, now: bigint, extras: Extras): Promise<PeopleOutcome | undefined> {
    const decision = decidePeople(state, intent, policy, now);
    if (!decision.ok) {
      const { code, sentence } = decision.refusal;
      const refused = peopleEvent("refused", { intent: intent.kind, by: intent.by, code, sentence });
      return (await append([refused], now, {})) === undefined ? undefined : { ok: false, refusal: decision.refusal };
    }
    if (decision.events.length === 0) return { ok: true, state, events: [] };
    const events = await append(decision.events, now, extras(foreseen(state, decision.events, now), decision.events));
    return events === undefined ? undefined : { ok: true, state, events };
  }

  let turn: Promise<unknown> = Promise.resolve();
  return {
    policy,
    state: () => state,
    handle(intent, now, extras) {
      const done = turn.then(async () => {
        for (;;) {
          const outcome = await once(intent, now, extras);
          if (outcome !== undefined) return outcome;
        }
      });
      turn = done.catch(() => undefined);
      return done;
    },
  };
}

/** The state as it will be; the events get their hashes only in the store. */
function foreseen(state: PeopleState, events: readonly PeopleEvent[], at: bigint): PeopleState {
  return events.reduce(
    (before, one) => evolvePeople(before, { ...one, seq: before.seq + 1, at, hash: zeroHash }),
    state,
  );
}

/** `people` is computed once for each state: it is asked for all the time. */
function livePolicy(files: Policy, state: () => PeopleState): { policy: Policy; forget(): void } {
  let people: Person[] | undefined;
  return {
    policy: {
      ...files,
      get people() {
        people ??= peopleNow(files.people, state());
        return people;
      },
    },
    forget() {
      people = undefined;
    },
  };
}

/** An event that this version cannot read stops the start: what it means is not guessed. */
function readable(stored: StoredEvent): LoggedPeopleEvent {
  try {
    return parsePeopleEvent(stored);
  } catch (cause) {
    throw damaged(`it cannot be read: ${(cause as Error).message}`);
  }
}

function damaged(what: string): Refused {
  const sentence = `The log of the council's people is not to be trusted: ${what.replace(/\.$/, "")}. Nothing was started; run quorate audit verify.`;
  return new Refused(refusal("integrity/log", sentence));
}
