/** What people do in Discord's client: it checks what the client checks, and hands the true payload to the gateway. */

import { type Interaction, type Interactions, interactionType } from "./interactions.ts";
import { appPermissions, channelJson, memberJson, messageJson, userJson } from "./payloads.ts";
import { commandPayload, type OptionValues } from "./people/command-payload.ts";
import { componentPayload, findComponent, selectedValues } from "./people/component-payload.ts";
import { type FieldValues, modalPayload } from "./people/modal-payload.ts";
import type { Channel, Message, World } from "./world.ts";

/** Where somebody does it, and how the payload differs from what a sincere client sends. */
export interface Circumstances {
  channel?: string;
  /** In a direct message with the bot. */
  dm?: boolean;
  /** Replaces keys of the payload, such as `guild_id`, `application_id`, `context`; undefined takes a key out. */
  overrides?: Record<string, unknown>;
  /** Skips what the client would have prevented: unknown options, missing ones, disabled buttons. */
  forged?: boolean;
}

/** Each resolves with how the bot answered first; what it shows stays alive. */
export interface People {
  /** `command` with its subcommand, as typed: "upgrade approve". */
  slash(user: string, command: string, options?: OptionValues, circumstances?: Circumstances): Promise<Interaction>;
  autocomplete(
    user: string,
    command: string,
    options: OptionValues,
    focused: string,
    circumstances?: Circumstances,
  ): Promise<Interaction>;
  /** Presses a button by its visible label or its custom id. */
  click(user: string, message: Message, button: string, circumstances?: Circumstances): Promise<Interaction>;
  /** Chooses in a select by its custom id or placeholder; `choices` are labels or values (ids of users, roles, channels). */
  select(
    user: string,
    message: Message,
    select: string,
    choices: string[],
    circumstances?: Circumstances,
  ): Promise<Interaction>;
  /** Fills the modal that the bot showed in answer to `shown`, by label or custom id, and sends it. */
  submit(user: string, shown: Interaction, values: FieldValues, circumstances?: Circumstances): Promise<Interaction>;
}

export function createPeople(
  world: World,
  interactions: Interactions,
  dispatch: (type: string, data: unknown) => void,
): People {
  const act = (
    user: string,
    type: number,
    data: (channel: Channel) => Record<string, unknown>,
    { channel: wanted, dm = false, overrides = {} }: Circumstances,
    source?: Message,
  ): Promise<Interaction> => {
    const channel = place(world, user, dm, source?.channelId ?? wanted);
    const content = data(channel);
    const interaction = interactions.open({ type, userId: user, channelId: channel.id, source });
    const payload = { ...envelope(world, interaction, channel), data: content, ...overrides };
    dispatch("INTERACTION_CREATE", JSON.parse(JSON.stringify(payload)));
    return interactions.settled(interaction);
  };
  return {
    slash: async (user, command, options = {}, how = {}) =>
      act(user, interactionType.command, (channel) => commandPayload(world, channel, command, options, how), how),
    autocomplete: async (user, command, options, focused, how = {}) =>
      act(
        user,
        interactionType.autocomplete,
        (channel) => commandPayload(world, channel, command, options, { ...how, focused }),
        how,
      ),
    click: async (user, message, button, how = {}) => {
      const component = findComponent(message, user, button, [2], how.forged);
      return act(user, interactionType.component, () => componentPayload(component), how, message);
    },
    select: async (user, message, select, choices, how = {}) => {
      const component = findComponent(message, user, select, [3, 5, 6, 7, 8], how.forged);
      const values = selectedValues(component, choices, how.forged);
      return act(user, interactionType.component, () => ({ ...componentPayload(component), values }), how, message);
    },
    submit: async (user, shown, values, how = {}) => {
      if (shown.modal === undefined) throw new Error("The bot showed no modal in answer to this.");
      const data = modalPayload(shown.modal, values, how.forged);
      return act(user, interactionType.modal, () => data, { channel: shown.channelId, ...how }, shown.source);
    },
  };
}

/** The channel in which it happens; a direct message is opened where there is none. */
function place(world: World, user: string, dm: boolean, wanted: string | undefined): Channel {
  const all = [...world.channels.values()];
  const channel =
    wanted !== undefined
      ? world.channels.get(wanted)
      : all.find((one) => (dm ? one.type === 1 && one.recipientId === user : one.type === 0));
  if (channel !== undefined) return channel;
  if (!dm) throw new Error(`There is no channel ${wanted ?? ""} for this.`);
  const made: Channel = {
    id: world.snowflake(),
    type: 1,
    guildId: undefined,
    name: "",
    botPermissions: 0n,
    recipientId: user,
    archived: false,
    locked: false,
    autoArchiveMinutes: 0,
  };
  world.channels.set(made.id, made);
  return made;
}

function envelope(
  world: World,
  { id, token, type, userId, source }: Interaction,
  channel: Channel,
): Record<string, unknown> {
  const guild = channel.guildId === undefined ? undefined : world.guilds.get(channel.guildId);
  const user = world.users.get(userId);
  if (user === undefined) throw new Error(`There is no user ${userId}.`);
  const common = {
    id,
    application_id: world.applicationId,
    type,
    token,
    version: 1,
    channel_id: channel.id,
    channel: channelJson(world, channel),
    app_permissions: appPermissions(world, channel),
    locale: "en-US",
    entitlements: [],
    attachment_size_limit: 10_485_760,
    ...(source === undefined ? {} : { message: messageJson(world, source) }),
  };
  if (guild === undefined)
    return { ...common, user: userJson(user), context: 1, authorizing_integration_owners: { "0": "0" } };
  if (!guild.members.has(userId)) throw new Error(`${user.name} is no member of ${guild.name} and sees nothing there.`);
  return {
    ...common,
    guild_id: guild.id,
    guild: { id: guild.id, features: [], locale: "en-US" },
    guild_locale: "en-US",
    // View Channel, Send Messages, Use Application Commands.
    member: { ...memberJson(world, guild, userId), permissions: String(1024n + 2048n + (1n << 31n)) },
    context: 0,
    authorizing_integration_owners: { "0": guild.id },
  };
}
