/** What somebody, or the watch itself, wants of the alerts. */

import type { Actor } from "../events.ts";
import { type Refusal, refusal } from "../refusal.ts";
import type { AlertFacts, AlertSubject, Condition, Containment, Severity } from "./alert.ts";
import type { AlertEvent, NewestFact } from "./alert-events.ts";
import type { KeptLevel } from "./on-call.ts";

/** What the watch says of one subject. A signal that does not come changes nothing: absence never resolves. */
export interface AlertSignal extends AlertSubject {
  severity: Severity;
  condition: Condition;
  /** Its blocks were orphaned, and are measured again. */
  rechecking?: boolean;
  facts: AlertFacts;
  /** As it was read back from the chain; left out where nothing is known of it. */
  containment?: Containment;
  /** Its ceremony has ended, and measures it no more. */
  over?: boolean;
  /** What was contained runs again. */
  lifted?: boolean;
}

/** `newest`: what open alerts are by now, by id, where they were measured since; whoever is called by it hears that. */
export type WatchIntent = Wanted & { newest?: ReadonlyMap<string, NewestFact> };

type Wanted =
  | { kind: "signal"; by: Actor; signal: AlertSignal }
  /** Without an alert: the only one that waits for somebody. */
  | { kind: "ack"; by: Actor; alert?: string | undefined }
  | { kind: "giveBack"; by: Actor; alert: string }
  | { kind: "resolve"; by: Actor; alert: string; note: string; accept: boolean }
  | {
      kind: "silence";
      by: Actor;
      subject: { alert: string } | { metric: string };
      /** Seconds. */
      lasts: bigint;
      reason: string;
    }
  | { kind: "confirmSilence"; by: Actor; silence: string }
  | { kind: "endSilence"; by: Actor; silence: string }
  | { kind: "setOverride"; by: Actor; level: KeptLevel; person: string; from: bigint; until: bigint; note: string }
  | { kind: "endOverride"; by: Actor; override: string }
  | { kind: "handOver"; by: Actor; to: string; note: string }
  | { kind: "testAlert"; by: Actor; severity: Severity; chain: AlertSubject["chain"] }
  /** What became due. `calendar`: also looks who is on call, which changes by the minute and not by the second. */
  | { kind: "tick"; by: Actor; calendar: boolean }
  | { kind: "armWatchdog"; by: Actor; platforms: string[] }
  /** `last`: wall time of the newest heartbeat that arrived; undefined where none ever did. */
  | { kind: "watchdogDown"; by: Actor; last: bigint | undefined }
  | { kind: "watchdogUp"; by: Actor; platform: string };

export type WatchDecision = { ok: true; events: AlertEvent[] } | { ok: false; refusal: Refusal };

export const does = (...events: AlertEvent[]): WatchDecision => ({ ok: true, events });

export function declines(code: string, sentence: string, who: string[] = []): WatchDecision {
  return { ok: false, refusal: refusal(code, sentence, who) };
}
