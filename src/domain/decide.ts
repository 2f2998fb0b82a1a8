/** decide(state, intent, policy, now): events, or a refusal. Pure; everything it needs to know is handed in. */

import { watchdogRefusal } from "./alerts/watchdog.ts";
import type { CeremonyState } from "./ceremony.ts";
import { allRules, type Decision, type Rules, refuse, type Setting } from "./decision.ts";
import { openReview, propose, recordCheck, recordResimulation, revise } from "./drafting.ts";
import { cancel, windDown } from "./ending.ts";
import { frozenRefusal } from "./frozen.ts";
import { advance, contain, hold, resume, rollback } from "./guarding.ts";
import type { Intent, Now } from "./intent.ts";
import { heardIn, standing, statusInWords } from "./lifecycle.ts";
import { observe } from "./observing.ts";
import { override } from "./overriding.ts";
import type { Policy } from "./policy.ts";
import { execute, schedule, send } from "./release.ts";
import { sign } from "./signing.ts";
import { approve, deny, withdraw } from "./voting.ts";
import { incidentRefusal } from "./watch/incidents.ts";

/**
 * What an intent leads to. `state` is undefined only for `propose`. `rules` are all of them, unless a test leaves one out
 * to show what it is there for.
 */
export function decide(
  state: CeremonyState | undefined,
  intent: Intent,
  policy: Policy,
  now: Now,
  rules: Rules = allRules,
): Decision {
  if (intent.kind === "propose") {
    const frozen = frozenRefusal(policy, intent.by.person);
    const barred = frozen ?? incidentRefusal(now.incidents, intent.package);
    return barred === undefined ? propose(intent, policy, now) : { ok: false, refusal: barred };
  }
  if (state === undefined) return refuse("ceremony/unknown", "There is no such ceremony.");
  const setting: Setting = { state, policy, now, rules };
  if (intent.kind === "observe") return observe(intent, setting);
  const frozen = frozenRefusal(policy, intent.by.person);
  if (frozen !== undefined) return { ok: false, refusal: frozen };
  const heard: readonly string[] = heardIn[intent.kind];
  if (!heard.includes(state.status))
    return refuse(
      `state/${state.status.replace(" ", "-")}`,
      `${state.id} is ${standing(state)}, and ${wording[intent.kind]} is possible only while a ceremony is ${listed(heard.map(statusInWords))}.`,
    );
  const stopped = goesOn(intent)
    ? (watchdogRefusal(now.watchdog) ?? incidentRefusal(now.incidents, state.package))
    : undefined;
  return stopped === undefined ? decideIn(setting, intent) : { ok: false, refusal: stopped };
}

/** What puts more at stake waits for the watchdog and for incidents; what stops or takes back never does. */
function goesOn(intent: Intent): boolean {
  if (intent.kind === "send") return intent.sent.purpose === "upgrade";
  return ["schedule", "execute", "advance", "resume"].includes(intent.kind);
}

function decideIn(setting: Setting, intent: Exclude<Intent, { kind: "propose" | "observe" }>): Decision {
  switch (intent.kind) {
    case "revise":
      return revise(intent, setting);
    case "recordCheck":
      return recordCheck(intent, setting);
    case "recordResimulation":
      return recordResimulation(intent);
    case "override":
      return override(intent, setting);
    case "openReview":
      return openReview(intent, setting);
    case "approve":
      return approve(intent, setting);
    case "deny":
      return deny(intent, setting);
    case "withdraw":
      return withdraw(intent, setting);
    case "sign":
      return sign(intent, setting);
    case "schedule":
      return schedule(intent, setting);
    case "execute":
      return execute(intent, setting);
    case "send":
      return send(intent, setting);
    case "advance":
      return advance(intent, setting);
    case "hold":
      return hold(intent, setting);
    case "resume":
      return resume(intent, setting);
    case "contain":
      return contain(intent, setting);
    case "rollback":
      return rollback(intent, setting);
    case "cancel":
      return cancel(intent, setting);
    case "windDown":
      return windDown(intent, setting);
  }
}

/** "a, b or c". */
function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

const wording: Record<Exclude<Intent["kind"], "propose" | "observe">, string> = {
  revise: "a new revision",
  recordCheck: "a check",
  recordResimulation: "a check of how it goes on",
  override: "overriding a refusal",
  openReview: "opening the review",
  approve: "approving",
  deny: "denying",
  withdraw: "withdrawing a vote",
  sign: "signing",
  schedule: "scheduling",
  execute: "executing",
  send: "sending a transaction",
  advance: "advancing the canary",
  hold: "holding",
  resume: "resuming",
  contain: "containing",
  rollback: "rolling back",
  cancel: "cancelling",
  windDown: "winding down",
};
