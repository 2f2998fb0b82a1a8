/** Who is on call, and what to know: one card, edited at every change of turns; a time without anybody is a card of its own. */

import type { WatchSetting } from "../../domain/alerts/escalation.ts";
import { isKept, type KeptLevel, onCallAt } from "../../domain/alerts/on-call.ts";
import { namesOf, type Policy, withRole } from "../../domain/policy.ts";
import type { Card } from "../../view.ts";
import { utc } from "./sentences.ts";

/** `called`: whose turn has just begun. */
export function onCallCard({ state, policy, now }: WatchSetting, called: readonly string[]): Card {
  const levels = (["primary", "secondary"] as const).filter(
    (level) => isKept(policy.onCall, level) || hasOverride(level),
  );
  function hasOverride(level: KeptLevel): boolean {
    return state.overrides.some((one) => one.level === level && one.until > now);
  }
  const people = (level: KeptLevel) => onCallAt(policy.onCall, state.overrides, level, now);
  const named = (level: KeptLevel) =>
    people(level)
      .map((id) => namesOf(policy, [id]))
      .join(", ") || "nobody";
  const { handover } = state;
  return {
    kind: "card",
    key: "on-call",
    revision: state.seq,
    audience: { kind: "channel" },
    tone: levels.some((level) => people(level).length === 0) ? "warning" : "neutral",
    status: "on call",
    title: levels.map((level) => `${level}: ${named(level)}`).join(" · ") || "Whoever policy lists by severity",
    summary:
      handover === undefined
        ? "/upgrade oncall says who is next."
        : `${namesOf(policy, [handover.by])} handed over to ${namesOf(policy, [handover.to])}, ${utc(handover.at)}: ${handover.note}`,
    facts: [],
    sections: [],
    pictures: [],
    actions: [{ label: "Who is next?", command: "oncall", options: {}, style: "plain" }],
    footer: `log of the watch #${state.seq}`,
    mentions: [...called],
  };
}

export function gapCard(level: KeptLevel, from: bigint, until: bigint, policy: Policy): Card {
  const admins = withRole(policy, "admin");
  return {
    kind: "card",
    key: `on-call/gap/${level}/${from}`,
    revision: 1,
    audience: { kind: "channel" },
    tone: "warning",
    status: "nobody on call",
    title: `Nobody is on call as ${level} from ${utc(from)} to ${utc(until)}`,
    summary: `Take it with /upgrade oncall action=override person=YOU, or have ${namesOf(policy, admins)} set somebody. Until then the next level is called at once.`,
    facts: [],
    sections: [],
    pictures: [],
    actions: [],
    footer: "on-call.yaml says whose turn it is.",
    mentions: admins,
  };
}
