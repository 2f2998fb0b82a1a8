/** What Slack delivers, reduced to what is read of it. Every delivery is parsed; one that does not fit throws. */

import { z } from "zod";
import type { Claim } from "./senders.ts";

/** Where the private answer goes. */
export interface ReplyTo {
  user: string;
  responseUrl: string | undefined;
  channel: string | undefined;
  thread: string | undefined;
}

export interface Incoming {
  claim: Claim;
  /** Made of Slack's raw ids: the same again for a delivery that is sent again. */
  deliveryId: string;
  /** Opens one form within three seconds. */
  trigger: string | undefined;
  reply: ReplyTo;
}

const id = z.string().regex(/^[A-Z0-9]{1,30}$/);
const ticket = z.string().min(1).max(200);
const place = z.object({ id }).nullish();
const enterpriseOf = (enterprise: { id: string } | null | undefined) => enterprise?.id ?? null;

const commandBody = z.object({
  api_app_id: id,
  team_id: id,
  enterprise_id: id.or(z.literal("")).nullish(),
  user_id: id,
  channel_id: id,
  text: z.string().max(40_000).default(""),
  trigger_id: ticket,
  response_url: z.string().max(1_000),
});

export function incomingCommand(body: unknown): Incoming & { text: string } {
  const { api_app_id, team_id, enterprise_id, user_id, channel_id, text, trigger_id, response_url } =
    commandBody.parse(body);
  return {
    claim: { app: api_app_id, team: team_id, enterprise: enterprise_id || null, user: user_id, userTeam: team_id },
    deliveryId: `slack:${team_id}:${trigger_id}`,
    trigger: trigger_id,
    reply: { user: user_id, responseUrl: response_url, channel: channel_id, thread: undefined },
    text,
  };
}

const common = {
  api_app_id: id,
  team: z.object({ id }),
  enterprise: place,
  user: z.object({ id, team_id: id }),
  trigger_id: ticket,
};

const clickBody = z.object({
  ...common,
  channel: place,
  container: z
    .object({ message_ts: z.string().max(40).optional(), thread_ts: z.string().max(40).optional() })
    .optional(),
  view: z.object({ id, type: z.string(), app_installed_team_id: id.nullish() }).nullish(),
  response_url: z.string().max(1_000).optional(),
  actions: z
    .array(z.object({ action_id: z.string(), value: z.string().max(2_000).optional(), action_ts: ticket }))
    .min(1),
});

export function incomingClick(body: unknown): Incoming & { value: string; atHome: boolean } {
  const { container, view, channel, actions, response_url, ...rest } = clickBody.parse(body);
  const [action] = actions;
  const where = container?.message_ts ?? view?.id ?? "nowhere";
  return {
    claim: claimOf(rest, view?.app_installed_team_id),
    deliveryId: `slack:${rest.team.id}:${rest.user.id}:${where}:${action?.action_ts}`,
    trigger: rest.trigger_id,
    reply: { user: rest.user.id, responseUrl: response_url, channel: channel?.id, thread: container?.thread_ts },
    value: action?.value ?? "",
    atHome: view?.type === "home",
  };
}

const fieldState = z.object({
  value: z.string().nullish(),
  selected_option: z.object({ value: z.string() }).nullish(),
});
const formBody = z.object({
  ...common,
  view: z.object({
    id,
    callback_id: z.string(),
    private_metadata: z.string(),
    blocks: z.array(z.object({ block_id: z.string().optional(), type: z.string(), optional: z.boolean().optional() })),
    app_installed_team_id: id.nullish(),
    state: z.object({ values: z.record(z.string(), z.record(z.string(), fieldState)) }),
  }),
});
/** What a form carries through Slack: its button, and the channel it was opened in. */
const formOrigin = z.object({ button: z.string(), channel: id.optional(), thread: z.string().optional() });
export type FormOrigin = z.output<typeof formOrigin>;

/**
 * `values` by field name, an empty field being an empty text; `required` are the fields that the form shows as such. A form sent twice, however Slack does it, is one
 * delivery.
 */
export function incomingForm(
  body: unknown,
): Incoming & { command: string; button: string; values: Record<string, string>; required: string[] } {
  const { view, ...rest } = formBody.parse(body);
  const origin = formOrigin.parse(JSON.parse(view.private_metadata));
  const values = Object.entries(view.state.values).map(([name, field]) => {
    const [state] = Object.values(field);
    return [name, state?.selected_option?.value ?? state?.value ?? ""] as const;
  });
  return {
    claim: claimOf(rest, view.app_installed_team_id),
    deliveryId: `slack:${rest.team.id}:${view.id}`,
    trigger: rest.trigger_id,
    reply: { user: rest.user.id, responseUrl: undefined, channel: origin.channel, thread: origin.thread },
    command: view.callback_id.slice(view.callback_id.indexOf(":") + 1),
    button: origin.button,
    values: Object.fromEntries(values),
    required: view.blocks.flatMap((block) =>
      block.type === "input" && block.optional !== true ? (block.block_id ?? []) : [],
    ),
  };
}

/** A view says itself where its app is installed; elsewhere the delivery's team does. */
function claimOf(
  {
    api_app_id,
    team,
    enterprise,
    user,
  }: Pick<z.output<typeof clickBody>, "api_app_id" | "team" | "enterprise" | "user">,
  installed: string | null | undefined,
): Claim {
  return {
    app: api_app_id,
    team: installed ?? team.id,
    enterprise: enterpriseOf(enterprise),
    user: user.id,
    userTeam: user.team_id,
  };
}

const eventBody = z.object({
  api_app_id: id,
  team_id: id,
  event_id: ticket,
  event: z.object({ user: id.or(z.object({ id })), tab: z.string().optional() }),
});

/** Somebody opened the app's Home, or somebody's account changed. */
export function incomingEvent(body: unknown): Omit<Incoming, "trigger" | "reply"> & { tab: string | undefined } {
  const { api_app_id, team_id, event_id, event } = eventBody.parse(body);
  const user = typeof event.user === "string" ? event.user : event.user.id;
  return {
    claim: { app: api_app_id, team: team_id, enterprise: undefined, user, userTeam: team_id },
    deliveryId: `slack:${team_id}:${event_id}`,
    tab: event.tab,
  };
}
