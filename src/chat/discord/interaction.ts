/** What a person did, as Discord's gateway delivers it, checked before anything is made of it. */

import { z } from "zod";

const snowflake = z.string().regex(/^[0-9]{1,21}$/);

const user = z.object({ id: snowflake, bot: z.boolean().optional(), system: z.boolean().optional() });

const member = z.object({
  user,
  pending: z.boolean().optional(),
  communication_disabled_until: z.string().nullish(),
});

/** Who did it, where, and how it can be answered. What is not as documented counts as not said, and the sender is told. */
const envelope = z.object({
  id: snowflake,
  type: z.number(),
  token: z.string().min(1).max(2000),
  application_id: snowflake,
  guild_id: snowflake.optional().catch(undefined),
  context: z.number().optional().catch(undefined),
  authorizing_integration_owners: z.record(z.string(), z.string()).optional().catch(undefined),
  member: member.optional().catch(undefined),
  data: z.unknown().optional(),
  message: z.unknown().optional(),
});
export type Envelope = z.output<typeof envelope>;

const value = z.object({
  name: z.string(),
  value: z.union([z.string(), z.number(), z.boolean()]),
  focused: z.boolean().optional(),
});

const subcommand = z.object({ type: z.literal(1), name: z.string(), options: z.array(value).default([]) });
/** A command of a group is known by its own name: no two have the same. */
const grouped = z.object({ type: z.literal(2), options: z.tuple([subcommand]) }).transform(({ options }) => options[0]);
const commandData = z.object({ name: z.string(), options: z.tuple([z.union([subcommand, grouped])]) });
const buttonData = z.object({ component_type: z.literal(2), custom_id: z.string() });
const pressedMessage = z.object({ flags: z.number().default(0) });
const field = z.union([
  z.object({ custom_id: z.string(), value: z.string() }),
  z.object({ custom_id: z.string(), values: z.array(z.string()) }).transform((one) => ({
    custom_id: one.custom_id,
    value: one.values[0] ?? "",
  })),
]);
const modalData = z.object({
  custom_id: z.string(),
  components: z.array(z.union([z.object({ component: field }), z.object({ components: z.tuple([field]) })])),
});

export interface CommandDeed {
  kind: "command";
  name: string;
  command: string;
  options: Record<string, string>;
  /** The option being typed; undefined once all of it is sent. */
  focused: string | undefined;
}

/** What was done, by its kind. */
export type Deed =
  | CommandDeed
  | { kind: "click"; token: string; privately: boolean }
  | { kind: "submit"; token: string; typed: ReadonlyMap<string, string> }
  | { kind: "unknown" };

/** Undefined: it cannot even be answered. */
export function readEnvelope(data: unknown): Envelope | undefined {
  return envelope.safeParse(data).data;
}

const ephemeral = 64;

export function readDeed({ type, data, message }: Envelope): Deed {
  if (type === 2 || type === 4) return readCommand(data, type === 4);
  const button = type === 3 ? buttonData.safeParse(data).data : undefined;
  const pressed = pressedMessage.safeParse(message).data;
  if (button !== undefined)
    return { kind: "click", token: button.custom_id, privately: ((pressed?.flags ?? 0) & ephemeral) !== 0 };
  const modal = type === 5 ? modalData.safeParse(data).data : undefined;
  if (modal === undefined) return { kind: "unknown" };
  const fields = modal.components.map((one) => ("component" in one ? one.component : one.components[0]));
  return {
    kind: "submit",
    token: modal.custom_id,
    typed: new Map(fields.map((one) => [one.custom_id, one.value])),
  };
}

function readCommand(data: unknown, typing: boolean): Deed {
  const read = commandData.safeParse(data).data;
  if (read === undefined) return { kind: "unknown" };
  const [{ name: command, options }] = read.options;
  const given = options.filter((one) => one.value !== false).map((one) => [one.name, `${one.value}`] as const);
  const focused = typing ? (options.find((one) => one.focused)?.name ?? "") : undefined;
  return { kind: "command", name: read.name, command, options: Object.fromEntries(given), focused };
}
