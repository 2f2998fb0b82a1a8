/** First answers to interactions, and what follows them through the token's webhook. */

import type { APIApplicationCommandOptionChoice, APIModalInteractionResponseCallbackData } from "discord-api-types/v10";
import { type Body, checkBody, checkMessage } from "../checks.ts";
import { refusals } from "../errors.ts";
import { objectBody, type ReceivedRequest, type Reply, type Route } from "../http.ts";
import { callback, type Interaction, type Interactions, interactionType } from "../interactions.ts";
import { createMessage, editMessage } from "../messages.ts";
import { messageJson } from "../payloads.ts";
import { messageFlags } from "../rules/messages.ts";
import type { Channel, Message, World } from "../world.ts";

const { message, deferred, deferredUpdate, update, choices, modal } = callback;

/** Which first answers fit which interaction; an update needs a message to update. */
function fitting({ type, source }: Interaction): number[] {
  const updates = source === undefined ? [] : [deferredUpdate, update];
  switch (type) {
    case interactionType.autocomplete:
      return [choices];
    case interactionType.command:
      return [message, deferred, modal];
    case interactionType.component:
      return [message, deferred, ...updates, modal];
    default:
      return [message, deferred, ...updates];
  }
}

export function interactionRoutes(world: World, interactions: Interactions): Route[] {
  const webhook = "/webhooks/:webhook/:token";
  const byToken = ({ params }: ReceivedRequest) => interactions.forWebhook(params.webhook ?? "", params.token ?? "");
  return [
    {
      method: "POST",
      path: "/interactions/:interaction/:token/callback",
      open: true,
      handle(request) {
        const interaction = interactions.forAnswer(request.params.interaction ?? "", request.params.token ?? "");
        const body = objectBody(request);
        const kinds = fitting(interaction);
        if (!kinds.includes(Number(body.type)))
          throw refusals.invalidForm([
            { path: ["type"], code: "BASE_TYPE_CHOICES", message: `Value must be one of {${kinds.join(", ")}}.` },
          ]);
        firstAnswer(world, interaction, Number(body.type), body.data as Body | undefined, request);
        interaction.kind = Number(body.type);
        interaction.answeredAfter = world.clock.now() - interaction.at;
        world.changed();
        return request.query.get("with_response") === "true" ? withResponse(world, interaction) : { status: 204 };
      },
    },
    { method: "POST", path: webhook, open: true, handle: (request) => followUp(world, byToken(request), request) },
    {
      method: "GET",
      path: `${webhook}/messages/:message`,
      open: true,
      handle: (request) => ({ status: 200, body: messageJson(world, named(byToken(request), request)) }),
    },
    {
      method: "PATCH",
      path: `${webhook}/messages/:message`,
      open: true,
      handle(request) {
        const interaction = byToken(request);
        const target = named(interaction, request);
        const body = objectBody(request);
        checkMessage("IncomingWebhookUpdateRequestPartialSchema", body, request.files, target.attachments);
        editMessage(world, target, body, request.files);
        if (target === interaction.original) interaction.thinking = false;
        return { status: 200, body: messageJson(world, target) };
      },
    },
    {
      method: "DELETE",
      path: `${webhook}/messages/:message`,
      open: true,
      handle(request) {
        named(byToken(request), request).deleted = true;
        world.changed();
        return { status: 204 };
      },
    },
  ];
}

function firstAnswer(
  world: World,
  interaction: Interaction,
  kind: number,
  data: Body | undefined,
  { files }: ReceivedRequest,
): void {
  const body = data ?? {};
  const at = ["data"];
  switch (kind) {
    case message:
    case deferred: {
      checkMessage("IncomingWebhookInteractionRequestSchema", body, files, [], at);
      interaction.original = say(world, interaction, body, files, kind === deferred ? messageFlags.loading : 0);
      interaction.ephemeral = interaction.original.ephemeralFor !== undefined;
      interaction.thinking = kind === deferred;
      return;
    }
    case deferredUpdate:
      interaction.original = interaction.source;
      return;
    case update: {
      if (interaction.source === undefined) throw refusals.unknownMessage();
      const schema = "IncomingWebhookUpdateForInteractionCallbackRequestPartialSchema";
      checkMessage(schema, body, files, interaction.source.attachments, at);
      editMessage(world, interaction.source, body, files);
      interaction.original = interaction.source;
      return;
    }
    case choices:
      checkBody("InteractionApplicationCommandAutocompleteCallbackStringDataSchema", "choices", body, at);
      interaction.choices = (body.choices ?? []) as APIApplicationCommandOptionChoice[];
      return;
    case modal:
      checkBody("ModalInteractionCallbackRequestDataSchema", "modal", body, at);
      interaction.modal = body as unknown as APIModalInteractionResponseCallbackData;
  }
}

/** The first follow-up to a deferred answer fills that answer, as Discord does, and stays as private as it was. */
function followUp(world: World, interaction: Interaction, request: ReceivedRequest): Reply {
  const body = objectBody(request);
  checkMessage("IncomingWebhookRequestPartialSchema", body, request.files);
  if (interaction.thinking && interaction.original !== undefined) {
    editMessage(world, interaction.original, body, request.files);
    interaction.thinking = false;
    return { status: 200, body: messageJson(world, interaction.original) };
  }
  const sent = say(world, interaction, body, request.files, 0);
  interaction.followUps.push(sent);
  world.changed();
  return { status: 200, body: messageJson(world, sent) };
}

function say(
  world: World,
  interaction: Interaction,
  body: Body,
  files: ReceivedRequest["files"],
  flags: number,
): Message {
  const hidden = (Number(body.flags ?? 0) & messageFlags.ephemeral) !== 0;
  return createMessage(world, {
    channel: world.channels.get(interaction.channelId) as Channel,
    authorId: world.botUserId,
    body,
    files,
    flags,
    interactionId: interaction.id,
    ...(hidden ? { ephemeralFor: interaction.userId } : {}),
  });
}

function named(interaction: Interaction, { params }: ReceivedRequest): Message {
  const known = [interaction.original, ...interaction.followUps];
  const target =
    params.message === "@original" ? interaction.original : known.find((one) => one?.id === params.message);
  if (target === undefined || target.deleted) throw refusals.unknownMessage();
  return target;
}

function withResponse(world: World, interaction: Interaction): Reply {
  const { id, type, kind, original } = interaction;
  const shown = original === undefined || kind === deferredUpdate ? undefined : original;
  return {
    status: 200,
    body: {
      interaction: {
        id,
        type,
        ...(shown === undefined
          ? {}
          : {
              response_message_id: shown.id,
              response_message_loading: interaction.thinking,
              response_message_ephemeral: interaction.ephemeral,
            }),
      },
      ...(shown === undefined ? {} : { resource: { type: kind, message: messageJson(world, shown) } }),
    },
  };
}
