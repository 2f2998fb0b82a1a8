/** Past-tense facts in the log's stream `watch`: alerts, pages, acknowledgements, silences, who is on call, the watchdog. */

import { z } from "zod";
import { toWellFormedJson } from "../canonical.ts";
import { actorShape } from "../events.ts";
import { bytes32, chainId, type Hex, slug, uint } from "../primitives.ts";

const by = actorShape;
const severity = z.union([z.literal(1), z.literal(2), z.literal(3)]);
const level = severity;
const note = z.string().max(2000);
const alert = slug;
const condition = z.enum(["pending", "firing", "clearing", "cleared"]);
const keptLevel = z.enum(["primary", "secondary"]);

/** How long what an alert says may be, in UTF-16 units. */
export const mostLetters = { what: 400, exposure: 300, runbook: 500, action: 200 } as const;

const facts = z.strictObject({
  what: z.string().max(mostLetters.what),
  block: z.strictObject({ number: uint, hash: bytes32 }),
  sources: z.strictObject({ agree: z.number().int().min(0), of: z.number().int().min(1) }),
  digest: bytes32.optional(),
  exposure: z.string().max(mostLetters.exposure).default(""),
  runbook: z.string().max(mostLetters.runbook).default(""),
  containment: z.strictObject({ id: slug, action: z.string().max(mostLetters.action) }).optional(),
});

const newest = facts.pick({ what: true, block: true });
export type NewestFact = z.output<typeof newest>;

const shapes = {
  alertRaised: z.strictObject({
    alert,
    key: bytes32,
    ceremony: z.string().max(40),
    chain: chainId,
    metric: slug,
    target: z.string().max(80),
    severity,
    condition,
    facts,
    /** Who tries the way to those on call; absent where something was measured. */
    test: by.optional(),
  }),
  conditionChanged: z.strictObject({ alert, condition, facts }),
  severityRaised: z.strictObject({ alert, severity, facts }),
  /** A reorganisation took its blocks, or they are measured again. */
  recheckChanged: z.strictObject({ alert, rechecking: z.boolean() }),
  containmentChanged: z.strictObject({
    alert,
    containment: z.enum(["none", "proposed", "submitted", "confirmed", "failed"]),
  }),
  /** Its ceremony has ended: what it is about is measured no more, and can never be seen to pass. */
  measuringEnded: z.strictObject({ alert }),
  containmentLifted: z.strictObject({ alert }),
  containmentAccepted: z.strictObject({ alert, by }),
  /** `empty`: levels that were passed over because nobody was there. */
  paged: z.strictObject({
    alert,
    level,
    people: z.array(slug),
    empty: z.array(level).default([]),
    cause: z.enum([
      "raised",
      "raised again",
      "worse",
      "escalated",
      "repeated",
      "acknowledgement ran out",
      "given back",
      "handed over",
      "silence ended",
    ]),
    pagers: z.boolean(),
    /** What it is by now, where that was measured since: nobody is called with the value of an hour ago. */
    newest: newest.optional(),
  }),
  acked: z.strictObject({ alert, by, until: uint }),
  ackEnded: z.strictObject({ alert, person: slug, by: by.optional() }),
  resolved: z.strictObject({ alert, by, note }),
  /** `metric` instead of one alert: all of its alerts, those to come as well. */
  silenceAsked: z.strictObject({
    silence: slug,
    alert: slug.optional(),
    metric: slug.optional(),
    until: uint,
    /** Whether it is to hold for severity 1 too, which takes two people. */
    worst: z.boolean(),
    reason: note,
    by,
  }),
  silenced: z.strictObject({ silence: slug, people: z.array(slug) }),
  silenceEnded: z.strictObject({ silence: slug, by: by.optional() }),
  overrideSet: z.strictObject({
    override: slug,
    level: keptLevel,
    person: slug,
    from: uint,
    until: uint,
    note,
    by,
  }),
  overrideEnded: z.strictObject({ override: slug, at: uint, by }),
  handedOver: z.strictObject({ to: slug, alerts: z.array(slug), note, by }),
  shiftChanged: z.strictObject({ level: keptLevel, people: z.array(slug) }),
  gapSeen: z.strictObject({ level: keptLevel, from: uint, until: uint }),
  /** From now on a heartbeat has to arrive, also where none ever did. */
  watchdogArmed: z.strictObject({ platforms: z.array(z.string().max(60)) }),
  watchdogExpired: z.strictObject({ last: uint.optional() }),
  watchdogRestored: z.strictObject({ platform: z.string().max(60) }),
  refused: z.strictObject({ intent: z.string(), by, code: z.string(), sentence: z.string().max(4000) }),
} as const;

export type AlertEventType = keyof typeof shapes;
export type AlertEventData<T extends AlertEventType> = z.output<(typeof shapes)[T]>;
export type AlertEvent = { [T in AlertEventType]: { type: T; data: AlertEventData<T> } }[AlertEventType];
/** With its place in the log. `at`: wall time, seconds. */
export type LoggedAlertEvent = AlertEvent & { seq: number; at: bigint; hash: Hex };

export function alertEvent<T extends AlertEventType>(type: T, data: AlertEventData<T>): AlertEvent {
  return { type, data } as AlertEvent;
}

/** The JSON form for the store. Throws a sentence for what could not be read back: a log that nobody can open calls nobody. */
export function storedAlertEvent(one: AlertEvent): { type: string; data: Record<string, unknown> } {
  const data = toWellFormedJson(one.data) as Record<string, unknown>;
  const [issue] = shapes[one.type].safeParse(data).error?.issues ?? [];
  if (issue !== undefined)
    throw new Error(`The event ${one.type} cannot be written: ${issue.path.join(".")}: ${issue.message}.`);
  return { type: one.type, data };
}

/** Reads a stored event back. Throws a sentence for a type or shape that this version does not know. */
export function parseAlertEvent(stored: {
  type: string;
  data: unknown;
  seq: number;
  at: bigint;
  hash: Hex;
}): LoggedAlertEvent {
  const { type, seq, at, hash } = stored;
  const shape = (shapes as Record<string, z.ZodType>)[type];
  if (shape === undefined)
    throw new Error(`Event ${seq} of the watch is of the kind "${type}", which this version of Quorate does not know.`);
  const parsed = shape.safeParse(stored.data);
  if (!parsed.success) throw new Error(`Event ${seq} of the watch (${type}) does not have the shape of one.`);
  return { type, data: parsed.data, seq, at, hash } as LoggedAlertEvent;
}
