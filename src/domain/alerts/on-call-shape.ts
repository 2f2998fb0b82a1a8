/** on-call.yaml: who is called by severity, and, where it is kept, whose turn it is. */

import { z } from "zod";
import { slug } from "../primitives.ts";

const clock = z.string().regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, "a time of day is written HH:MM, such as 09:00");

/** People who take turns. All times are wall time in the rotation's own zone, whatever its clocks do in spring and autumn. */
const rotation = z.strictObject({
  id: slug,
  zone: z
    .string()
    .regex(
      /^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+){0,2}$/,
      "a zone is written as IANA has it, such as Europe/Berlin",
    ),
  /** The day of the first handover. */
  starts: z.string().regex(/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/, "a day is written YYYY-MM-DD"),
  handover: clock.default("09:00"),
  /** Days that one turn lasts. */
  every: z.number().int().min(1).max(28).default(7),
  people: z.array(slug).min(1),
  /** Only within these hours of each day, over midnight where `to` is not later; around the clock where left out. */
  hours: z.strictObject({ from: clock, to: clock }).optional(),
});
export type Rotation = z.output<typeof rotation>;

export const onCall = z.strictObject({
  /** Who is called first, by severity, where `primary` is not kept. */
  sev1: z.array(slug).min(1),
  sev2: z.array(slug).min(1),
  sev3: z.array(slug).min(1),
  rotations: z.array(rotation).default([]),
  /** Whose turn it is first, and who is called where they do not answer: ids of rotations or people. */
  primary: z.array(slug).default([]),
  secondary: z.array(slug).default([]),
  /** The level of escalation from which pagers besides chat are told: 1 primary, 2 secondary, 3 everybody. */
  pagersFrom: z.union([z.literal(1), z.literal(2), z.literal(3)]).default(3),
  /** Called with the people of a page: a Slack user group's id, a Discord role's id. */
  groups: z
    .strictObject({
      slack: z
        .string()
        .regex(/^S[A-Z0-9]{1,20}$/)
        .optional(),
      discord: z
        .string()
        .regex(/^[0-9]{15,21}$/)
        .optional(),
    })
    .default({}),
});
export type OnCall = z.output<typeof onCall>;
