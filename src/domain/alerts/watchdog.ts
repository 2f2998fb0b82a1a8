/**
 * The watchdog: every minute a synthetic breach goes the way of a real one. Where none arrives nobody would be woken, and
 * no ceremony goes on.
 */

import { metric } from "../metrics.ts";
import { type ChainId, zeroAddress } from "../primitives.ts";
import { type Refusal, refusal } from "../refusal.ts";
import { type Catalogue, compile } from "../watch/catalogue.ts";
import { alertEvent } from "./alert-events.ts";
import type { WatchSetting } from "./escalation.ts";
import { does, type WatchDecision, type WatchIntent } from "./watch-intent.ts";

type Of<K extends WatchIntent["kind"]> = Extract<WatchIntent, { kind: K }>;

/** Seconds between two heartbeats, and without one after which the watch counts as down: two may be late. */
export const BEAT = 60n;
export const LIMIT = 180n;

/** One metric that fails in every block of every chain: nobody has less than no ether. */
export function syntheticBreach(chain: ChainId): Catalogue {
  const one = metric.parse({
    ...{ id: "watchdog", title: "Watchdog", class: "liveness", chain, unit: "wei", severity: 1 },
    ...{ pass: { is: "<", value: 0 }, fail: { is: ">=", value: 0 }, containment: "none", owner: "quorate" },
    read: { kind: "balance", of: zeroAddress },
  });
  return compile([one], new Map());
}

/** The watchdog as a decision about a ceremony is told of it. */
export interface WatchdogNow {
  /** Registered at all: nobody waits for what was never set up. */
  armed: boolean;
  /** Seconds since the newest heartbeat that arrived, or since it was armed where none ever did. */
  age: bigint;
  /** Whether any arrived since the program started. */
  arrived: boolean;
}

export function isDown({ armed, age, arrived }: WatchdogNow): boolean {
  return armed && (!arrived || age > LIMIT);
}

/** Why nothing goes on; undefined where the watchdog is alive, or was never registered. */
export function watchdogRefusal(now: WatchdogNow | undefined): Refusal | undefined {
  if (now === undefined || !isDown(now)) return undefined;
  return refusal(
    "watchdog/down",
    `${watchdogSentence(now)} Denying, holding, containing and rolling back work as before; /upgrade health says what is down.`,
  );
}

/** As {@link watchdogRefusal}, for a card. */
export function unwatchedSentence(now: WatchdogNow): string | undefined {
  return isDown(now) ? watchdogSentence(now) : undefined;
}

function watchdogSentence({ age, arrived }: WatchdogNow): string {
  const last = arrived ? `the last heartbeat arrived ${age} s ago` : `no heartbeat has arrived for ${age} s`;
  return `Nothing goes on while nobody would be woken: ${last}, and one has to every ${BEAT} s.`;
}

/** Armed before the first heartbeat: one that never comes runs out like any other. */
export function armWatchdog({ platforms }: Of<"armWatchdog">, { state }: WatchSetting): WatchDecision {
  const { armedAt, platforms: known } = state.watchdog;
  const wanted = [...platforms].sort();
  return armedAt !== undefined && known.join() === wanted.join()
    ? does()
    : does(alertEvent("watchdogArmed", { platforms: wanted }));
}

export function watchdogDown({ last }: Of<"watchdogDown">, { state }: WatchSetting): WatchDecision {
  return state.watchdog.armedAt === undefined || state.watchdog.downSince !== undefined
    ? does()
    : does(alertEvent("watchdogExpired", { last }));
}

export function watchdogUp({ platform }: Of<"watchdogUp">, { state }: WatchSetting): WatchDecision {
  return state.watchdog.downSince === undefined ? does() : does(alertEvent("watchdogRestored", { platform }));
}
