import { actor, type Call, type Command } from "../src/command.ts";
import { momentInWords, readMoment } from "../src/domain/alerts/moment.ts";
import { isKept, type KeptLevel, onCallAt, shifts } from "../src/domain/alerts/on-call.ts";
import { namesOf, withRole } from "../src/domain/policy.ts";
import { notice, type Section, type View } from "../src/view.ts";

const DAY = 86_400n;

export const oncall: Command = {
  name: "oncall",
  summary: "Who is on call now and next; take or give away a turn, or hand over with a note",
  example: '/upgrade oncall action=handover person=ben note="the bridge is slow since noon"',
  effect: "mutate",
  roles: [],
  group: "alerts",
  options: [
    {
      name: "action",
      description: "show, override, handover or end; show where left out",
      type: "choice",
      required: false,
      choices: [
        { value: "show", label: "Show who is on" },
        { value: "override", label: "Override: somebody takes a turn" },
        { value: "handover", label: "Hand over now" },
        { value: "end", label: "End an override" },
      ],
    },
    {
      name: "person",
      description: "Who takes it, by id, such as ben; you, where left out",
      type: "text",
      required: false,
      maxLength: 40,
    },
    {
      name: "from",
      description: "From when: now, 2h, or 2026-11-22T18:00; now where left out",
      type: "text",
      required: false,
      maxLength: 60,
    },
    {
      name: "until",
      description: "Until when: 8h from then on, or 2026-11-23T08:00",
      type: "text",
      required: false,
      maxLength: 60,
    },
    {
      name: "level",
      description: "primary or secondary; primary where left out",
      type: "choice",
      required: false,
      choices: [
        { value: "primary", label: "Primary" },
        { value: "secondary", label: "Secondary" },
      ],
    },
    {
      name: "note",
      description: "What whoever takes it should know",
      type: "paragraph",
      required: false,
      maxLength: 2000,
    },
    {
      name: "override",
      description: "Which override ends, such as override-1",
      type: "text",
      required: false,
      maxLength: 40,
    },
  ],
  async run(call) {
    switch (call.options.action) {
      case "override":
        return overridden(call);
      case "handover":
        return handedOver(call);
      case "end":
        return ended(call);
      default:
        return shown(call);
    }
  },
};

async function overridden(call: Call): Promise<View> {
  const { alerts } = call.services;
  const { person = call.person.id, from = "now", until, note = "" } = call.options;
  const level: KeptLevel = call.options.level === "secondary" ? "secondary" : "primary";
  const { now } = alerts.setting();
  const zone = zoneOf(call, level);
  if (until === undefined) return notice("bad", "Say until when: until=8h, or until=2026-11-23T08:00.");
  const begins = readMoment(from, zone, now);
  const ends = begins === undefined ? undefined : readMoment(until, zone, begins);
  if (begins === undefined || ends === undefined)
    return notice(
      "bad",
      `"${begins === undefined ? from : until}" is no moment: write now, a span such as 8h, or 2026-11-22T18:00, which is read in ${zone}. A time that its clocks skip is none.`,
    );
  const outcome = await alerts.act({
    kind: "setOverride",
    by: actor(call),
    level,
    person,
    from: begins,
    until: ends,
    note,
  });
  if (!outcome.ok) return notice("bad", outcome.refusal.sentence);
  const id = outcome.state.overrides.at(-1)?.id;
  return notice(
    "good",
    `${namesOf(call.policy, [person])} is ${level} from ${momentInWords(begins, zone)} until ${momentInWords(ends, zone)}. /upgrade oncall action=end override=${id} takes it back.`,
  );
}

async function handedOver(call: Call): Promise<View> {
  const { person, note = "" } = call.options;
  if (person === undefined) return notice("bad", "Say to whom you hand over: person=ben.");
  const outcome = await call.services.alerts.act({ kind: "handOver", by: actor(call), to: person, note });
  return outcome.ok
    ? notice("good", `${namesOf(call.policy, [person])} has your turn, and is called for what you had in hand.`)
    : notice("bad", outcome.refusal.sentence);
}

async function ended(call: Call): Promise<View> {
  const { override } = call.options;
  if (override === undefined) return notice("bad", "Say which override ends: override=override-1.");
  const outcome = await call.services.alerts.act({ kind: "endOverride", by: actor(call), override });
  return outcome.ok ? notice("good", `${override} is over.`) : notice("bad", outcome.refusal.sentence);
}

function shown(call: Call): View {
  const { policy } = call;
  const { state, now } = call.services.alerts.setting();
  const kept = (["primary", "secondary"] as const).filter(
    (level) => isKept(policy.onCall, level) || state.overrides.some((one) => one.level === level && one.until > now),
  );
  const bySeverity = ([1, 2, 3] as const).map((one) => ({
    label: `Severity ${one}`,
    value: namesOf(policy, policy.onCall[`sev${one}`]),
  }));
  const facts = [
    ...kept.map((level) => ({ label: level === "primary" ? "Primary" : "Secondary", value: turnOf(call, level) })),
    ...(kept.includes("primary") ? [] : bySeverity),
    { label: "Then", value: `every guardian: ${namesOf(policy, withRole(policy, "guardian"))}` },
    ...(state.handover === undefined
      ? []
      : [{ label: "Last note", value: `${namesOf(policy, [state.handover.by])}: ${state.handover.note}` }]),
  ];
  const [primary] = kept.length === 0 ? [] : onCallAt(policy.onCall, state.overrides, kept[0] ?? "primary", now);
  const text =
    primary === undefined
      ? "No turns are kept: policy lists who is called."
      : `${namesOf(policy, [primary])} is on call.`;
  return notice("neutral", text, { facts, sections: [...overridesOf(call), ...silencesOf(call)] });
}

/** "Ben until Mon 09:00 …, then Caro". */
function turnOf(call: Call, level: KeptLevel): string {
  const { policy } = call;
  const { state, now } = call.services.alerts.setting();
  const zone = zoneOf(call, level);
  const [current, next] = shifts(policy.onCall, state.overrides, level, { from: now, until: now + 60n * DAY });
  // Beside an override, policy's lists are called where no turns are kept.
  const none = level === "primary" && !isKept(policy.onCall, level) ? "whom policy lists" : "nobody";
  const named = (people: readonly string[]) => people.map((id) => namesOf(policy, [id])).join(", ") || none;
  if (current === undefined || next === undefined) return named(current?.people ?? []);
  return `${named(current.people)} until ${momentInWords(current.until, zone)}, then ${named(next.people)}`;
}

function overridesOf(call: Call): Section[] {
  const { state, now } = call.services.alerts.setting();
  const lines = state.overrides
    .filter((one) => one.until > now)
    .map(
      (one) =>
        `${one.id}: ${namesOf(call.policy, [one.person])} as ${one.level} from ${momentInWords(one.from, zoneOf(call, one.level))} until ${momentInWords(one.until, zoneOf(call, one.level))}${one.note === "" ? "" : `: ${one.note}`}`,
    );
  return lines.length === 0 ? [] : [{ title: "Overrides", style: "list", lines }];
}

function silencesOf(call: Call): Section[] {
  const { state } = call.services.alerts.setting();
  const lines = state.silences
    .filter((one) => one.state !== "ended")
    .map(
      (one) =>
        `${one.id}: ${one.alert ?? one.metric} until ${momentInWords(one.until, "UTC")}${one.state === "asked" ? ", waits for a second person" : ""}: ${one.reason}`,
    );
  return lines.length === 0 ? [] : [{ title: "Silences", style: "list", lines }];
}

/** The zone that a level's turns are kept in. */
function zoneOf({ policy }: Call, level: KeptLevel): string {
  return policy.onCall.rotations.find((one) => policy.onCall[level].includes(one.id))?.zone ?? "UTC";
}
