/** What has to be shown, and who told, because of events of the watch: written in their transaction. */

import { alertCard, alertThread, supersededAlertCard } from "./ceremonies/cards/alert-card.ts";
import { alertListCard } from "./ceremonies/cards/alert-list-card.ts";
import { alertSentence } from "./ceremonies/cards/alert-sentence.ts";
import { gapCard, onCallCard } from "./ceremonies/cards/on-call-card.ts";
import { silenceCard } from "./ceremonies/cards/silence-card.ts";
import { watchdogCard } from "./ceremonies/cards/watchdog-card.ts";
import { kinds, showings } from "./ceremonies/consequences.ts";
import { type Alert, isOpen } from "./domain/alerts/alert.ts";
import type { AlertEvent } from "./domain/alerts/alert-events.ts";
import { isAbout, peopleAt, type WatchSetting } from "./domain/alerts/escalation.ts";
import { toJson } from "./domain/canonical.ts";
import { pagerMessages } from "./paging/pager-messages.ts";
import type { OutboxEntry } from "./ports.ts";
import type { Card } from "./view.ts";

/** `setting` is after the events, `platforms` and `pagers` by name. */
export function alertEntries(
  setting: WatchSetting,
  events: readonly AlertEvent[],
  platforms: readonly string[],
  pagers: readonly string[],
): OutboxEntry[] {
  const { state, policy, now } = setting;
  const show = (card: Card, lane: string) => showings(card, `${card.key}:${state.seq}`, lane, platforms);
  const touched = [...new Set([...events.flatMap((one) => aboutOf(one) ?? []), ...silencedBy(setting, events)])];
  const alerts = state.alerts.filter((one) => touched.includes(one.id));
  const told = pagerMessages(state, events, policy, now);
  return [
    ...alerts.flatMap((one) => messages(one, setting, events).flatMap((card) => show(card, `alert:${one.id}`))),
    ...told.flatMap((message, index) =>
      pagers.map((pager): OutboxEntry => {
        const key = `${kinds.pager}:${message.alert}:${state.seq}:${index}@${pager}`;
        return {
          kind: kinds.pager,
          key,
          lane: `pager:${message.alert}@${pager}`,
          payload: { pager, message: toJson(message) },
        };
      }),
    ),
    ...[...new Set(alerts.map((one) => one.ceremony))].flatMap((ceremony) =>
      show(alertListCard(ceremony, setting), `alerts:${ceremony}`),
    ),
    ...notes(setting, events).flatMap(({ card, alert }) => show(card, `alert-notes:${alert}`)),
    ...others(setting, events).flatMap((card) => show(card, `watch:${card.key}`)),
  ];
}

const aboutOf = ({ data }: AlertEvent) => ("alert" in data ? data.alert : undefined);

/** Alerts that a silence begins or ceases to hold for: whom they ask to do what by when changes with it. */
function silencedBy({ state }: WatchSetting, events: readonly AlertEvent[]): string[] {
  const changed = events.flatMap((one) =>
    one.type === "silenced" || one.type === "silenceEnded" ? [one.data.silence] : [],
  );
  const silences = state.silences.filter((one) => changed.includes(one.id));
  return state.alerts
    .filter((alert) => isOpen(alert) && silences.some((one) => isAbout(one, alert)))
    .map((alert) => alert.id);
}

/** The newest message of an alert; with a page it is a new one, and the one before it offers nothing any more. */
function messages(alert: Alert, setting: WatchSetting, events: readonly AlertEvent[]): Card[] {
  if (alert.paging.posts === 0) return [];
  const pages = events.flatMap((one) => (one.type === "paged" && one.data.alert === alert.id ? [one.data] : []));
  const card = alertCard(alert, setting, [...new Set(pages.flatMap((one) => one.people))]);
  return pages.length === 0 || alert.paging.posts === 1 ? [card] : [card, supersededAlertCard(alert, setting)];
}

/** The thread of a breach tells all of it; what belongs to no message is below the list. */
function notes({ state, policy }: WatchSetting, events: readonly AlertEvent[]): { card: Card; alert: string }[] {
  const first = state.seq - events.length + 1;
  return events.flatMap((one, index) => {
    const alert = state.alerts.find((item) => item.id === aboutOf(one));
    const said = alertSentence(one, policy);
    if (alert === undefined || said === undefined) return [];
    const of = alertThread(alert);
    const seq = first + index;
    const card: Card = {
      ...{ kind: "card", key: `${of}/note/${seq}`, revision: 1, audience: { kind: "thread", of }, tone: said.tone },
      ...{ status: alert.id, title: said.text, summary: "", facts: [], sections: [], pictures: [], actions: [] },
      footer: `log of the watch #${seq}`,
      mentions: [],
    };
    return [{ card, alert: alert.id }];
  });
}

function others(setting: WatchSetting, events: readonly AlertEvent[]): Card[] {
  const { state, policy } = setting;
  const turns = events.some((one) => ["shiftChanged", "overrideSet", "overrideEnded", "handedOver"].includes(one.type));
  const begun = events.flatMap((one) => (one.type === "shiftChanged" ? one.data.people : []));
  const silences = events.flatMap((one) => ("silence" in one.data ? [one.data.silence] : []));
  return [
    ...(turns ? [onCallCard(setting, begun)] : []),
    ...events.flatMap((one) =>
      one.type === "gapSeen" ? [gapCard(one.data.level, one.data.from, one.data.until, policy)] : [],
    ),
    ...state.silences.filter((one) => silences.includes(one.id)).map((one) => silenceCard(one, policy, state.seq)),
    ...events.flatMap((one) => watchdogCards(one, setting)),
  ];
}

function watchdogCards(one: AlertEvent, setting: WatchSetting): Card[] {
  if (one.type !== "watchdogExpired" && one.type !== "watchdogRestored") return [];
  const { state, now } = setting;
  const since = one.type === "watchdogExpired" ? { since: one.data.last ?? state.watchdog.armedAt ?? now } : undefined;
  return [watchdogCard(since, { onCall: peopleAt(setting, 1, 1), revision: state.seq })];
}
