/** The private answer to one interaction: within three seconds something, then progress, then the answer. */

import {
  type APIModalInteractionResponseCallbackData,
  InteractionResponseType,
  MessageFlags,
  type RawFile,
  Routes,
} from "discord.js";
import { CallFault, type Calls, codes, hasCode } from "./calls.ts";
import type { Drawn } from "./drawn.ts";
import { fitted } from "./inert-markdown.ts";
import type { Envelope } from "./interaction.ts";
import { limits } from "./limits.ts";
import { allowedMentions, nobody } from "./mentions.ts";
import { symbols } from "./tones.ts";

/** A message with the bytes of its files. */
export interface Ready {
  drawn: Drawn;
  files: RawFile[];
}

/** Discord waits 3 s for the first answer; after so many milliseconds "thinking" is said instead. */
const patience = 1500;

export interface ReplyParts {
  interaction: Pick<Envelope, "id" | "token" | "application_id">;
  /** For first answers: never tried twice, as the second try would be refused as a second answer. */
  acks: Calls;
  /** For what follows. */
  answers: Calls;
  /** The pressed button's own private message becomes the answer. */
  inPlace: boolean;
  /** False where "thinking" is no answer that Discord would take, as while somebody types. */
  mayDefer: boolean;
  onFault(where: string, fault: unknown): void;
}

export class Reply {
  readonly #parts: ReplyParts;
  readonly #timer: NodeJS.Timeout | undefined;
  /** The first answer, once there is one: whether Discord took it. */
  #first: Promise<boolean> | undefined;
  /** Why Discord did not take it. */
  #refusal: unknown;
  #deferred = false;
  #wanted: string | undefined;
  #telling: Promise<void> | undefined;
  #over = false;

  constructor(parts: ReplyParts) {
    this.#parts = parts;
    this.#timer = parts.mayDefer ? setTimeout(() => void this.defer(), patience) : undefined;
  }

  /** Says "thinking". False where nobody waits any more, or somebody else has answered: then nothing is to be done. */
  defer(): Promise<boolean> {
    if (this.#first !== undefined) return this.#first;
    this.#deferred = true;
    return this.#begin(
      this.#parts.inPlace
        ? { type: InteractionResponseType.DeferredMessageUpdate }
        : { type: InteractionResponseType.DeferredChannelMessageWithSource, data: { flags: MessageFlags.Ephemeral } },
    );
  }

  /** Whether a modal can still be the first answer. */
  get canAsk(): boolean {
    return this.#first === undefined;
  }

  modal(data: APIModalInteractionResponseCallbackData): Promise<boolean> {
    return this.#begin({ type: InteractionResponseType.Modal, data });
  }

  choices(choices: { name: string; value: string }[]): Promise<boolean> {
    return this.#begin({ type: InteractionResponseType.ApplicationCommandAutocompleteResult, data: { choices } });
  }

  /** Never rejects; what Discord does not take is reported. */
  async show(pages: readonly Ready[]): Promise<void> {
    this.#over = true;
    const [first, ...more] = pages;
    if (first === undefined) return;
    if (this.#first === undefined) {
      const { inPlace } = this.#parts;
      const type = inPlace ? InteractionResponseType.UpdateMessage : InteractionResponseType.ChannelMessageWithSource;
      if (!(await this.#begin({ type, data: inPlace ? first.drawn.body : privateBody(first) }, first.files))) return;
      if (isForm(this.#refusal)) {
        this.#first = undefined;
        await this.#begin({ type, data: { ...plainBody(first.drawn.body), ...(inPlace ? {} : hidden) } });
      }
    } else if (await this.#first) {
      await this.#telling;
      await this.#edit(first.drawn.body, first.files, true);
    } else return;
    for (const page of more) await this.#follow(page);
  }

  /** Shown while the person waits; of several that come quickly the last one is. */
  progress(text: string): void {
    if (this.#over) return;
    this.#wanted = text;
    this.#telling ??= this.#tell().finally(() => {
      this.#telling = undefined;
    });
  }

  async #tell(): Promise<void> {
    // Before "thinking" is there nothing can be edited.
    if (!this.#deferred || !(await this.#first)) return;
    while (this.#wanted !== undefined && !this.#over) {
      const text = this.#wanted;
      this.#wanted = undefined;
      await this.#edit(progressBody(text), [], false);
    }
  }

  #begin(body: object, files: RawFile[] = []): Promise<boolean> {
    clearTimeout(this.#timer);
    if (this.#first !== undefined) return Promise.resolve(false);
    const { acks, interaction, onFault } = this.#parts;
    this.#first = acks
      .call("POST", Routes.interactionCallback(interaction.id, interaction.token), { body, files })
      .then(() => true)
      .catch((fault: unknown) => {
        onFault("discord answer", fault);
        this.#refusal = fault;
        return !hasCode(fault, codes.unknownInteraction, codes.alreadyAcknowledged);
      });
    return this.#first;
  }

  async #edit(body: object, files: RawFile[], last: boolean): Promise<void> {
    const { answers, interaction, onFault } = this.#parts;
    const route = Routes.webhookMessage(interaction.application_id, interaction.token);
    try {
      await answers.call("PATCH", route, { body, files });
    } catch (fault) {
      onFault("discord answer", fault);
      if (last && isForm(fault))
        await answers
          .call("PATCH", route, { body: plainBody(body) })
          .catch((again: unknown) => onFault("discord answer", again));
    }
  }

  async #follow(page: Ready): Promise<void> {
    const { answers, interaction, onFault } = this.#parts;
    await answers
      .call("POST", Routes.webhook(interaction.application_id, interaction.token), {
        body: privateBody(page),
        files: page.files,
      })
      .catch((fault: unknown) => onFault("discord answer", fault));
  }
}

const hidden = { flags: MessageFlags.Ephemeral };

/** Whether plain words may pass where this did not. */
function isForm(fault: unknown): boolean {
  const { status = 0 } = fault instanceof CallFault ? fault : {};
  return status === 413 || hasCode(fault, codes.invalidForm, codes.missingPermissions);
}

function privateBody({ drawn }: Ready): object {
  return { ...drawn.body, ...hidden };
}

function progressBody(text: string): object {
  const content = `${symbols.progress} ${fitted(text, limits.content - 10).text}`;
  return { content, embeds: [], components: [], allowed_mentions: allowedMentions(nobody) };
}

/** The answer's first words, where Discord refuses its form: better than silence. */
function plainBody(body: object): object {
  const { embeds = [] } = body as Partial<Drawn["body"]>;
  const text = embeds
    .map((one) => [one.title, one.description].filter((part) => part !== undefined).join("\n"))
    .join("\n");
  return {
    content: text.slice(0, limits.content - 1).toWellFormed() || "Done.",
    embeds: [],
    components: [],
    attachments: [],
    allowed_mentions: allowedMentions(nobody),
  };
}
