/** What the stream `watch` says: its fold. Everything that has to happen later is a moment in here, so that a restart loses none. */

import type { Hex } from "../primitives.ts";
import type { Alert } from "./alert.ts";
import type { AlertEvent, LoggedAlertEvent } from "./alert-events.ts";
import { alertAfter, raised } from "./evolve-alert.ts";
import type { KeptLevel, Override } from "./on-call.ts";

export interface Silence {
  /** `silence-3`. */
  id: string;
  alert: string | undefined;
  metric: string | undefined;
  until: bigint;
  /** Holds for severity 1 as well. */
  worst: boolean;
  reason: string;
  by: string;
  askedAt: bigint;
  state: "asked" | "active" | "ended";
  people: string[];
}

/** The synthetic breach that has to arrive every minute. */
export interface Watchdog {
  /** Wall time in seconds since which it has to; undefined: nobody registered it. */
  armedAt: bigint | undefined;
  platforms: string[];
  /** Since when none arrives; undefined while they do. */
  downSince: bigint | undefined;
}

export interface WatchState {
  /** Length of the log: what the next append is compared with. */
  seq: number;
  head: Hex | undefined;
  alerts: Alert[];
  silences: Silence[];
  overrides: Override[];
  /** Who was on at the last look, by level. */
  shifts: Partial<Record<KeptLevel, string[]>>;
  /** The note of the last handover. */
  handover: { by: string; to: string; note: string; at: bigint } | undefined;
  gapsSeen: { level: KeptLevel; from: bigint; until: bigint }[];
  watchdog: Watchdog;
}

export const nothingWatched: WatchState = {
  seq: 0,
  head: undefined,
  alerts: [],
  silences: [],
  overrides: [],
  shifts: {},
  handover: undefined,
  gapsSeen: [],
  watchdog: { armedAt: undefined, platforms: [], downSince: undefined },
};

export function evolveWatch(state: WatchState, one: LoggedAlertEvent): WatchState {
  return { ...state, ...change(state, one), seq: one.seq, head: one.hash };
}

function change(state: WatchState, one: LoggedAlertEvent): Partial<WatchState> {
  switch (one.type) {
    case "alertRaised":
      return { alerts: [...state.alerts, raised(one)] };
    case "silenceAsked":
    case "silenced":
    case "silenceEnded":
      return { silences: silencesAfter(state.silences, one) };
    case "overrideSet":
    case "overrideEnded":
    case "handedOver":
    case "shiftChanged":
    case "gapSeen":
      return turns(state, one);
    case "watchdogArmed":
    case "watchdogExpired":
    case "watchdogRestored":
      return { watchdog: watchdogAfter(state.watchdog, one) };
    case "refused":
      return {};
    default:
      return { alerts: state.alerts.map((was) => (was.id === one.data.alert ? alertAfter(was, one) : was)) };
  }
}

type Of<T extends AlertEvent["type"]> = Extract<LoggedAlertEvent, { type: T }>;

function silencesAfter(silences: readonly Silence[], one: Of<"silenceAsked" | "silenced" | "silenceEnded">): Silence[] {
  if (one.type === "silenceAsked") {
    const { silence: id, alert, metric, until, worst, reason, by } = one.data;
    const asked = { id, alert, metric, until, worst, reason, by: by.person, askedAt: one.at };
    return [...silences, { ...asked, state: "asked", people: [] }];
  }
  return silences.map((was) => {
    if (was.id !== one.data.silence) return was;
    return one.type === "silenced" ? { ...was, state: "active", people: one.data.people } : { ...was, state: "ended" };
  });
}

function turns(
  state: WatchState,
  one: Of<"overrideSet" | "overrideEnded" | "handedOver" | "shiftChanged" | "gapSeen">,
): Partial<WatchState> {
  switch (one.type) {
    case "overrideSet": {
      const { override: id, by: _by, ...rest } = one.data;
      return { overrides: [...state.overrides, { id, ...rest }] };
    }
    case "overrideEnded": {
      const { override, at } = one.data;
      return { overrides: state.overrides.map((was) => (was.id === override ? { ...was, until: at } : was)) };
    }
    case "handedOver": {
      const { to, note, by } = one.data;
      return { handover: { by: by.person, to, note, at: one.at } };
    }
    case "shiftChanged":
      return { shifts: { ...state.shifts, [one.data.level]: one.data.people } };
    case "gapSeen":
      return { gapsSeen: [...state.gapsSeen, one.data] };
  }
}

function watchdogAfter(was: Watchdog, one: Of<"watchdogArmed" | "watchdogExpired" | "watchdogRestored">): Watchdog {
  switch (one.type) {
    case "watchdogArmed":
      return { ...was, armedAt: one.at, platforms: one.data.platforms };
    case "watchdogExpired":
      return { ...was, downSince: one.at };
    case "watchdogRestored":
      return { ...was, downSince: undefined };
  }
}
