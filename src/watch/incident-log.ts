/** The stream `incidents`: read and verified at start, appended to first and folded after, as the people's is. */

import { verifyStream } from "../domain/audit-log.ts";
import type { Policy } from "../domain/policy.ts";
import { type Refusal, Refused, refusal } from "../domain/refusal.ts";
import {
  decideIncident,
  evolveIncidents,
  type Incident,
  type IncidentEvent,
  type IncidentIntent,
  type IncidentState,
  incidentEvent,
  noIncidents,
  openIncidents,
  parseIncidentEvent,
  storedIncidentEvent,
} from "../domain/watch/incidents.ts";
import type { AppendExtras, EventStore, OutboxEntry, StoredEvent } from "../ports.ts";

const STREAM = "incidents";

export type IncidentOutcome = { ok: true; events: IncidentEvent[] } | { ok: false; refusal: Refusal };

export interface IncidentLog {
  state(): IncidentState;
  open(): Incident[];
  /** Decides and appends; `extras` are written in the same transaction, such as the page. */
  handle(
    intent: IncidentIntent,
    now: bigint,
    extras?: (events: readonly IncidentEvent[]) => AppendExtras,
  ): Promise<IncidentOutcome>;
}

/** Cards, written in the transaction of the events: made of them and of the state after. */
export type IncidentOutbox = (after: IncidentState, events: readonly IncidentEvent[]) => OutboxEntry[];

/** Throws {@link Refused} where the stream does not verify: an incident that somebody took out would let things go on. */
export async function openIncidentLog(
  store: Pick<EventStore, "append" | "read">,
  policy: Policy,
  outbox: IncidentOutbox = () => [],
): Promise<IncidentLog> {
  let state = noIncidents;
  const take = (stored: readonly StoredEvent[]): void => {
    for (const one of stored) state = evolveIncidents(state, { ...readable(one), seq: one.seq, at: one.at });
  };
  const kept = await store.read(STREAM);
  const [fault] = verifyStream(STREAM, kept);
  if (fault !== undefined) throw damaged(`it has been tampered with: ${fault.problem}`);
  take(kept);

  async function append(events: readonly IncidentEvent[], now: bigint, extras: AppendExtras): Promise<boolean> {
    const after = events.reduce((at, one) => evolveIncidents(at, { ...one, seq: at.seq + 1, at: now }), state);
    const all = { ...extras, outbox: [...(extras.outbox ?? []), ...outbox(after, events)] };
    const result = await store.append(STREAM, state.seq, events.map(storedIncidentEvent), now, all);
    take(result.ok ? result.events : await store.read(STREAM, state.seq));
    return result.ok;
  }

  let turn: Promise<unknown> = Promise.resolve();
  return {
    state: () => state,
    open: () => openIncidents(state),
    handle(intent, now, extras = () => ({})) {
      const done = turn.then(async (): Promise<IncidentOutcome> => {
        for (;;) {
          const decision = decideIncident(state, intent, policy);
          if (!decision.ok && intent.kind === "settle") {
            const { code, sentence } = decision.refusal;
            const about = state.incidents.find((one) => one.incident === intent.incident)?.incident;
            const refused = incidentEvent("refused", {
              ...{ intent: intent.kind, by: intent.by, code, sentence },
              ...(about && { incident: about }),
            });
            if (await append([refused], now, {})) return decision;
          } else if (!decision.ok || decision.events.length === 0) return decision;
          else if (await append(decision.events, now, extras(decision.events))) return decision;
        }
      });
      turn = done.catch(() => undefined);
      return done;
    },
  };
}

function readable(stored: StoredEvent): IncidentEvent {
  try {
    return parseIncidentEvent(stored);
  } catch (cause) {
    throw damaged(`it cannot be read: ${(cause as Error).message}`);
  }
}

function damaged(what: string): Refused {
  const sentence = `The log of incidents is not to be trusted: ${what.replace(/\.$/, "")}. Nothing was started; run quorate audit verify.`;
  return new Refused(refusal("integrity/log", sentence));
}
