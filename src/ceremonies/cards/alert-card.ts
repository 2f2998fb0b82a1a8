/**
 * What wakes somebody, line by line: what, how bad, where, who must act by when; block, sources, digest, exposure; runbook
 * and who is next. Every page is a message of its own, because an edit wakes nobody; everything else edits the newest.
 */

import {
  type Alert,
  alertWord,
  isContainmentLeft,
  isPressing,
  isStranded,
  type Label,
  type Level,
  labelOf,
} from "../../domain/alerts/alert.ts";
import { nextPageAt, peopleAt, silenceOf, type WatchSetting } from "../../domain/alerts/escalation.ts";
import { grouped } from "../../domain/amount.ts";
import { duration } from "../../domain/duration.ts";
import { type Policy, personById } from "../../domain/policy.ts";
import type { Action, Card, Tone } from "../../view.ts";

/** Key of the message that a thread is below: the first page's, or the list's where it never paged. */
export function alertThread(alert: Alert): string {
  return alert.paging.posts === 0 ? alertListKey(alert.ceremony) : messageKey(alert, 1);
}

/** One message a ceremony; what belongs to none has one of its own. */
export function alertListKey(ceremony: string): string {
  return ceremony === "" ? "alerts" : `${ceremony}/alerts`;
}

function messageKey({ id, ceremony }: Alert, post: number): string {
  return `${ceremony === "" ? "alerts" : ceremony}/${id}/${post}`;
}

/** `called`: who this very page is for; empty where it only edits the newest message. */
export function alertCard(alert: Alert, setting: WatchSetting, called: readonly string[]): Card {
  const isSilent = silenceOf(setting.state, alert, setting.now) !== undefined;
  const label = labelOf(alert, isSilent);
  const { severity, facts, paging } = alert;
  const status = `SEV${severity} ${alertWord(alert, isSilent).toUpperCase()}`;
  return {
    kind: "card",
    key: messageKey(alert, Math.max(1, paging.posts)),
    revision: setting.state.seq,
    audience: { kind: "channel" },
    tone: tones[label],
    status,
    title: [status, facts.what, placeOf(alert, setting.policy), demandOf(alert, label, setting)]
      .filter((one) => one !== "")
      .join(" · "),
    summary: evidenceOf(alert),
    facts: [],
    sections: [
      { title: "Runbook", style: "plain", lines: [facts.runbook || "none in policy", ...nextOf(alert, setting)] },
    ],
    pictures: [],
    actions: actionsOf(alert, label),
    footer: `${alert.id} · severity ${severity} · ${axesOf(alert)} · log of the watch #${setting.state.seq} · history in the thread of the first message`,
    mentions: [...called],
    urgent: true,
  };
}

/** The message before the newest: it offers nothing any more. */
export function supersededAlertCard(alert: Alert, setting: WatchSetting): Card {
  const card = alertCard(alert, setting, []);
  const status = `SEV${alert.severity} CALLED AGAIN`;
  return {
    ...card,
    key: messageKey(alert, alert.paging.posts - 1),
    tone: "neutral",
    status,
    title: `${status} · ${alert.facts.what} · see the newest message`,
    actions: [],
    sections: [],
  };
}

const tones: Record<Label, Tone> = {
  resolved: "good",
  cleared: "progress",
  contained: "warning",
  containing: "bad",
  "containment failed": "bad",
  rechecking: "bad",
  silenced: "warning",
  acknowledged: "warning",
  escalated: "bad",
  clearing: "warning",
  pending: "warning",
  breach: "bad",
};

function placeOf({ chain }: Alert, policy: Policy): string {
  return policy.chains.find((one) => one.id === chain)?.name ?? chain;
}

/** Who must do what by when. */
function demandOf(alert: Alert, label: Label, setting: WatchSetting): string {
  const { policy, state, now } = setting;
  const { ownership, resolved } = alert;
  if (resolved !== undefined) return `by ${nameOf(policy, resolved.by)}: ${resolved.note}`;
  if (alert.condition === "cleared") return "say what it was, and resolve it";
  if (ownership.is === "acked") return `${nameOf(policy, ownership.person)} has it until ${clock(ownership.until)}`;
  const silence = silenceOf(state, alert, now);
  if (isStranded(alert)) return `${alert.ceremony} has ended and measures it no more: a guardian resolves it`;
  if (silence !== undefined) return `silent until ${clock(silence.until)}: ${silence.reason}`;
  if (label === "pending" || !isPressing(alert)) return "";
  const people = peopleAt(setting, alert.severity, alert.paging.level ?? 1);
  const whom =
    people.length === 0
      ? "nobody is on call, whoever reads this"
      : people.map((id) => `@${nameOf(policy, id)}`).join(", ");
  const at = nextPageAt(alert);
  return at === undefined ? `${whom}: acknowledge now` : `${whom}: acknowledge by ${clock(at)} (${duration(at - now)})`;
}

/** Block, sources, digest, exposure. */
function evidenceOf({ facts, ceremony }: Alert): string {
  const { block, sources, digest, exposure } = facts;
  return `${[
    `Block ${grouped(block.number)}`,
    `${sources.agree}/${sources.of} ${sources.of === 1 ? "source" : "sources"}`,
    digest === undefined
      ? ceremony === ""
        ? "of no ceremony"
        : "no package under way"
      : `digest ${digest.slice(0, 18)}…`,
    exposure === "" ? "exposure not measured" : `exposure ${exposure}`,
  ].join(" · ")}.`;
}

/** Who is called next if nobody acknowledges, and which levels had nobody. */
function nextOf(alert: Alert, setting: WatchSetting): string[] {
  const at = nextPageAt(alert);
  const { level } = alert.paging;
  const isWaiting =
    isPressing(alert) && alert.ownership.is !== "acked" && silenceOf(setting.state, alert, setting.now) === undefined;
  if (!isWaiting || at === undefined) return [];
  const next: Level = level === undefined ? 1 : level === 1 ? 2 : 3;
  const people = peopleAt(setting, alert.severity, next);
  const names = people.map((id) => nameOf(setting.policy, id)).join(", ");
  if (level === 3) return [`Next at ${clock(at)}: all of them again.`];
  if (people.length === 0) return [`Next at ${clock(at)}: nobody is on as secondary, so every guardian.`];
  return [`Next at ${clock(at)}: ${next === 3 ? `every guardian (${names})` : names}.`];
}

function axesOf({ ceremony, condition, unmeasured, ownership, containment, containmentOver }: Alert): string {
  const owned = ownership.is === "escalated" ? `escalated to level ${ownership.level}` : ownership.is;
  const at = unmeasured && condition !== "cleared" ? " when its ceremony ended" : "";
  // Outside a ceremony nothing is signed that could contain it.
  if (ceremony === "") return `${condition}, ${owned}`;
  return `${condition}${at}, ${owned}, containment ${containment}${containmentOver === undefined ? "" : ` and ${containmentOver}`}`;
}

function actionsOf(alert: Alert, label: Label): Action[] {
  const { id, ceremony, facts, condition, resolved, ownership } = alert;
  if (resolved !== undefined) return [];
  const acknowledge = button("Acknowledge", "ack", { alert: id }, "primary");
  if (alert.test) return [acknowledge];
  const resolve = {
    ...button(
      "Resolve…",
      "ack",
      { alert: id, resolve: "true", ...(isContainmentLeft(alert) || isStranded(alert) ? { accept: "true" } : {}) },
      "primary",
    ),
  };
  if (condition === "cleared") return [resolve];
  const contain =
    facts.containment === undefined ||
    ceremony === "" ||
    isStranded(alert) ||
    label === "contained" ||
    label === "containing"
      ? []
      : [
          {
            ...button("Contain", "contain", { ceremony, containment: facts.containment.id }, "danger"),
            confirm: `Contain ${ceremony} now? "${facts.containment.action}" is broadcast at once.`,
          },
        ];
  const back = button("Give back", "ack", { alert: id, giveback: "true" }, "plain");
  const silence = button("Silence…", "silence", { alert: id }, "plain");
  if (isStranded(alert)) return [resolve, ...(ownership.is === "acked" ? [back] : [acknowledge]), silence];
  return ownership.is === "acked" ? [...contain, silence, back] : [acknowledge, ...contain, silence];
}

function button(label: string, command: string, options: Record<string, string>, style: Action["style"]): Action {
  return { label, command, options, style };
}

const nameOf = (policy: Policy, id: string) => (id === "quorate" ? "Quorate" : (personById(policy, id)?.name ?? id));

/** Seconds since 1970 as "14:05 UTC". */
function clock(at: bigint): string {
  return `${new Date(Number(at) * 1000).toISOString().slice(11, 16)} UTC`;
}
