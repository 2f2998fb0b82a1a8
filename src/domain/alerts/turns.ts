/** Who takes whose turn: overrides, handing over, and what the calendar changes by itself. */

import { namesOf, personById, withRole } from "../policy.ts";
import { isOpen } from "./alert.ts";
import { type AlertEvent, alertEvent } from "./alert-events.ts";
import { peopleAt, type WatchSetting } from "./escalation.ts";
import { gaps, isKept, type KeptLevel, onCallAt, shifts } from "./on-call.ts";
import { declines, does, type WatchDecision, type WatchIntent } from "./watch-intent.ts";

type Of<K extends WatchIntent["kind"]> = Extract<WatchIntent, { kind: K }>;

const DAY = 86_400n;
/** Longer than any turn may be. */
const HORIZON = 31n * DAY;
const keptLevels: readonly KeptLevel[] = ["primary", "secondary"];

/** Everybody may take a turn; giving one to somebody else is for whose turn it is, and for admins. */
export function setOverride(intent: Of<"setOverride">, setting: WatchSetting): WatchDecision {
  const { by, level, person, from, until, note } = intent;
  const { policy, state, now } = setting;
  const problem = unable(person, setting);
  if (problem !== undefined) return problem;
  if (until <= from || until <= now)
    return declines("oncall/span", "The override would be over before it begins: say from when, and until when.");
  if (until - from > HORIZON)
    return declines(
      "oncall/span",
      "An override lasts 31 days at most; for longer change the rotation in on-call.yaml.",
    );
  const whose = onCallAt(policy.onCall, state.overrides, level, from > now ? from : now);
  const isTheirs = by.person === person || whose.includes(by.person);
  if (!isTheirs && !withRole(policy, "admin").includes(by.person)) {
    const who = [...new Set([person, ...whose, ...withRole(policy, "admin")])];
    return declines(
      "oncall/whose",
      `You can take a turn, or give yours away; this one is not yours. Ask ${namesOf(policy, who)}.`,
      who,
    );
  }
  const override = `override-${state.overrides.length + 1}`;
  return does(alertEvent("overrideSet", { override, level, person, from, until, note, by }));
}

export function endOverride({ by, override }: Of<"endOverride">, { state, policy, now }: WatchSetting): WatchDecision {
  const found = state.overrides.find((one) => one.id === override && one.until > now);
  if (found === undefined)
    return declines(
      "oncall/unknown",
      `${override} is no override that is still to hold: /upgrade oncall shows those there are.`,
    );
  if (found.person !== by.person && !withRole(policy, "admin").includes(by.person)) {
    const who = [found.person, ...withRole(policy, "admin")];
    return declines(
      "oncall/whose",
      `${override} is ${namesOf(policy, [found.person])}'s: ask ${namesOf(policy, who)}.`,
      who,
    );
  }
  return does(alertEvent("overrideEnded", { override, at: now > found.from ? now : found.from, by }));
}

/** Before the end of a turn: somebody else takes the rest of it and every alert in hand, and is called for each. */
export function handOver({ by, to, note }: Of<"handOver">, setting: WatchSetting): WatchDecision {
  const { state, policy, now } = setting;
  const problem = unable(to, setting);
  if (problem !== undefined) return problem;
  if (to === by.person) return declines("oncall/self", "You would hand over to yourself: say to whom, person=….");
  if (note.trim() === "") return declines("oncall/note", `Say what ${namesOf(policy, [to])} should know: note="…".`);
  const held = state.alerts.filter(
    (one) => isOpen(one) && one.ownership.is === "acked" && one.ownership.person === by.person,
  );
  const mine = keptLevels.filter((level) => peopleAt(setting, 1, level === "primary" ? 1 : 2).includes(by.person));
  if (held.length === 0 && mine.length === 0)
    return declines(
      "oncall/nothing",
      "You are not on call and have acknowledged nothing: there is nothing to hand over.",
    );
  const overrides = mine
    .filter(
      (level) => isKept(policy.onCall, level) || state.overrides.some((one) => one.level === level && one.until > now),
    )
    .map((level, index) => {
      const [shift] = shifts(policy.onCall, state.overrides, level, { from: now, until: now + HORIZON });
      const until = shift?.until ?? now + DAY;
      const override = `override-${state.overrides.length + index + 1}`;
      return alertEvent("overrideSet", { override, level, person: to, from: now, until, note: note.trim(), by });
    });
  const alerts = held.map((one) => one.id);
  return does(
    ...overrides,
    alertEvent("handedOver", { to, alerts, note: note.trim(), by }),
    ...held.flatMap((one): AlertEvent[] => [
      alertEvent("ackEnded", { alert: one.id, person: by.person, by }),
      ...(one.condition === "cleared" || one.severity === 3 ? [] : [called(one.id, to, setting)]),
    ]),
  );
}

function called(alert: string, to: string, { policy }: WatchSetting): AlertEvent {
  const pagers = policy.onCall.pagersFrom === 1;
  return alertEvent("paged", { alert, level: 1, people: [to], empty: [], cause: "handed over", pagers });
}

function unable(person: string, { policy }: WatchSetting): WatchDecision | undefined {
  const found = personById(policy, person);
  if (found === undefined)
    return declines(
      "oncall/nobody",
      `Nobody in the council is called ${person}: it is one of ${policy.people.map((one) => one.id).join(", ")}.`,
    );
  return found.frozen
    ? declines("oncall/frozen", `${found.name} is frozen and cannot answer: choose somebody else.`)
    : undefined;
}

/** Whose turn began, and the next day's times without anybody, each said once. */
export function calendar({ state, policy, now }: WatchSetting): AlertEvent[] {
  const able = (id: string) => personById(policy, id)?.frozen === false;
  return keptLevels
    .filter((level) => isKept(policy.onCall, level))
    .flatMap((level): AlertEvent[] => {
      const people = onCallAt(policy.onCall, state.overrides, level, now, able);
      const isNew = state.shifts[level]?.join() !== people.join();
      // Beyond the day that is looked at, so that the end of a gap is its own.
      const found = gaps(policy.onCall, state.overrides, level, { from: now, until: now + 8n * DAY }, able);
      const missing = found.filter((one) => one.from <= now + DAY);
      const isKnown = (from: bigint) =>
        state.gapsSeen.some(
          (one) => one.level === level && (one.from === from || (one.from < from && from < one.until)),
        );
      return [
        ...(isNew ? [alertEvent("shiftChanged", { level, people })] : []),
        ...missing
          .filter(({ from }) => !isKnown(from))
          .map(({ from, until }) => alertEvent("gapSeen", { level, from, until })),
      ];
    });
}
