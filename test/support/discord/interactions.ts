/** Interactions: what a person did, and how the bot answered it, step by step. */

import type { APIApplicationCommandOptionChoice, APIModalInteractionResponseCallbackData } from "discord-api-types/v10";
import { refusals } from "./errors.ts";
import type { Message, World } from "./world.ts";

/** Kinds of a first answer, by Discord's "Interaction Callback Type". */
export const callback = { message: 4, deferred: 5, deferredUpdate: 6, update: 7, choices: 8, modal: 9 } as const;

/** Kinds of interactions: a command, a component, autocomplete, a modal sent. */
export const interactionType = { command: 2, component: 3, autocomplete: 4, modal: 5 } as const;

/** Alive: it shows what the bot did later too. */
export interface Interaction {
  readonly id: string;
  readonly token: string;
  readonly type: number;
  readonly userId: string;
  readonly channelId: string;
  readonly at: number;
  /** The message whose component was used. */
  readonly source: Message | undefined;
  /** 4 message, 5 deferred, 6 deferred update, 7 update, 8 choices, 9 modal; undefined while nothing came. */
  kind: number | undefined;
  /** Milliseconds until the first answer. */
  answeredAfter: number | undefined;
  /** "The application did not respond": nothing came within three seconds. */
  failed: boolean;
  /** Whether the first answer is for this person's eyes only; said at the first answer, for good. */
  ephemeral: boolean;
  /** What `@original` is: the answer, or the message whose button was pressed. */
  original: Message | undefined;
  /** The person still sees "thinking". */
  thinking: boolean;
  followUps: Message[];
  choices: APIApplicationCommandOptionChoice[] | undefined;
  modal: APIModalInteractionResponseCallbackData | undefined;
}

const firstAnswer = 3000;
const tokenLifetime = 15 * 60_000;

export interface Interactions {
  readonly all: Map<string, Interaction>;
  open(start: Pick<Interaction, "type" | "userId" | "channelId" | "source">): Interaction;
  /** The interaction a first answer is for; throws Discord's refusals. */
  forAnswer(id: string, token: string): Interaction;
  /** The interaction whose token a webhook call carries; throws Discord's refusals. */
  forWebhook(application: string, token: string): Interaction;
  /** Resolves with the first answer, or once it failed. */
  settled(interaction: Interaction): Promise<Interaction>;
  stop(): void;
}

export function createInteractions(world: World): Interactions {
  const all = new Map<string, Interaction>();
  const timers = new Set<NodeJS.Timeout>();
  const failLate = () => {
    for (const one of all.values())
      if (one.kind === undefined && !one.failed && world.clock.now() - one.at >= firstAnswer) {
        one.failed = true;
        world.changed();
      }
  };
  world.clock.onAdvance(failLate);
  return {
    all,
    open(start) {
      const id = world.snowflake();
      const interaction: Interaction = {
        ...start,
        id,
        token: Buffer.from(`interaction:${id}`).toString("base64url"),
        at: world.clock.now(),
        kind: undefined,
        answeredAfter: undefined,
        failed: false,
        ephemeral: false,
        original: undefined,
        thinking: false,
        followUps: [],
        choices: undefined,
        modal: undefined,
      };
      all.set(id, interaction);
      const timer = setTimeout(() => {
        timers.delete(timer);
        failLate();
      }, firstAnswer + 1);
      timers.add(timer.unref());
      return interaction;
    },
    forAnswer(id, token) {
      failLate();
      const interaction = all.get(id);
      if (interaction === undefined || interaction.token !== token || interaction.failed)
        throw refusals.unknownInteraction();
      if (interaction.kind !== undefined) throw refusals.alreadyAcknowledged();
      return interaction;
    },
    forWebhook(application, token) {
      failLate();
      const interaction = [...all.values()].find((one) => one.token === token);
      if (application !== world.applicationId) throw refusals.unknownWebhook();
      if (interaction === undefined) throw refusals.invalidWebhookToken();
      if (world.clock.now() - interaction.at >= tokenLifetime) throw refusals.invalidWebhookToken();
      if (interaction.kind === undefined || interaction.kind === callback.choices) throw refusals.unknownWebhook();
      return interaction;
    },
    async settled(interaction) {
      const done = () => interaction.kind !== undefined || interaction.failed;
      if (done()) return interaction;
      const { promise, resolve } = Promise.withResolvers<Interaction>();
      const forget = world.onChange(() => done() && resolve(interaction));
      return promise.finally(forget);
    },
    stop() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
