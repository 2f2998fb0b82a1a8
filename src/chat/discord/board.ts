/** Cards in the council's channels: posted once, edited in place, below each other in threads. */

import { createHash } from "node:crypto";
import { type APIMessage, MessageFlags, type RawFile, Routes } from "discord.js";
import { z } from "zod";
import { channelOf } from "../../domain/policy.ts";
import { ChatFault, type ShownCard, type StoredButton } from "../../ports.ts";
import type { Card } from "../../view.ts";
import type { AdapterParts } from "../adapter.ts";
import { sentFirst } from "../sent-first.ts";
import { type CallFault, type Calls, codes, hasCode } from "./calls.ts";
import { cardMessage, plainCardMessage } from "./card-message.ts";
import type { Drawing, Drawn } from "./drawn.ts";
import { inTurn } from "./in-turn.ts";
import { limits } from "./limits.ts";
import { mentionsOf } from "./mentions.ts";
import { drawPictures, filesOf, inWords } from "./picture-files.ts";
import { keep } from "./ready-views.ts";
import { Threads } from "./threads.ts";

export interface BoardParts {
  parts: AdapterParts;
  guild: string;
  drawing: Drawing;
  cards: Calls;
  urgent: Calls;
}

/** A form of the message, from the richest to the one that cannot be refused. */
interface Version {
  body: object;
  files: RawFile[];
}

type Message = Pick<APIMessage, "id"> & Partial<Pick<APIMessage, "content" | "embeds">>;
type Send = (version: Version) => Promise<unknown>;

export class Board {
  readonly #board: BoardParts;
  readonly #threads: Threads;
  readonly #turn = inTurn();
  readonly #told = new Set<string>();

  constructor(board: BoardParts) {
    this.#board = board;
    this.#threads = new Threads(board.parts.store);
  }

  /** Rejects with a {@link ChatFault}, or with a fault of the store. One key at a time; keys do not wait for each other. */
  show(card: Card): Promise<void> {
    if (card.audience.kind === "private") return Promise.resolve();
    this.#threads.name(card.key, card.title);
    return this.#turn(card.key, () => this.#show(card));
  }

  async #show(card: Card): Promise<void> {
    const { parts } = this.#board;
    const { store } = parts;
    const shown = await store.shownCard("discord", card.key);
    if (shown !== undefined && shown.revision >= card.revision) return;
    const { versions, buttons } = await this.#versions(card);
    const keepButtons = () => keep(buttons, parts);
    if (shown !== undefined) {
      await keepButtons();
      if (await this.#edit(card, shown, versions)) {
        await store.keepShownCard({ ...shown, revision: card.revision });
        return;
      }
    }
    const post = () => this.#post(card, shown, versions);
    const { channel, message } = await (card.urgent ? sentFirst(post, keepButtons) : keepButtons().then(post));
    const { key, revision } = card;
    await store.keepShownCard({ platform: "discord", key, channel, message, thread: shown?.thread, revision });
    if (card.urgent && card.audience.kind === "channel") await this.#incident(card);
  }

  /** An incident has a thread of its own from the start; the alarm itself does not depend on it. */
  async #incident(card: Card): Promise<void> {
    await this.#threads
      .below(card.key, this.#calls(card))
      .catch((fault: unknown) => this.#board.parts.onFault("discord thread", fault));
  }

  #calls({ urgent }: Card): Calls {
    return urgent ? this.#board.urgent : this.#board.cards;
  }

  async #versions(card: Card): Promise<{ versions: Version[]; buttons: StoredButton[] }> {
    const { parts, drawing, guild } = this.#board;
    const mentions = mentionsOf(card, parts.policy, guild);
    const { view, bytes } = await drawPictures(card, parts.png, (fault) => parts.onFault("discord picture", fault));
    const full = cardMessage(view, mentions, drawing);
    const worded = cardMessage(inWords(view, view.pictures), mentions, drawing);
    const plain = plainCardMessage(card, mentions, drawing);
    const version = (drawn: Drawn) => ({ body: drawn.body, files: filesOf(drawn, bytes) });
    const plainBody = { ...plain.body, flags: MessageFlags.SuppressEmbeds };
    const inOrder = [version(full), ...(view.pictures.length > 0 ? [version(worded)] : [])];
    return { versions: [...inOrder, { body: plainBody, files: [] }], buttons: [...full.buttons] };
  }

  /** Sends the first version that Discord takes. */
  async #send(card: Card, versions: readonly Version[], send: Send): Promise<{ message: Message; version: Version }> {
    for (const [index, version] of versions.entries()) {
      try {
        return { message: (await send(version)) as Message, version };
      } catch (fault) {
        if (index === versions.length - 1 || !isForm(fault as CallFault, version)) throw fault;
        if (!this.#told.has(card.key)) this.#board.parts.onFault(`discord card ${card.key}`, fault);
        this.#told.add(card.key);
      }
    }
    throw new ChatFault("There is nothing to be sent.");
  }

  /** False where the message is no longer there, or the thread it was in takes nothing more. */
  async #edit(card: Card, { channel, message }: ShownCard, versions: readonly Version[]): Promise<boolean> {
    const calls = this.#calls(card);
    const patch: Send = ({ body, files }) =>
      calls.call("PATCH", Routes.channelMessage(channel, message), { body, files });
    try {
      await this.#send(card, versions, (version) => unarchived(channel, calls, () => patch(version)));
      return true;
    } catch (fault) {
      if (isThreadShut(card, fault) || hasCode(fault, codes.unknownMessage)) return false;
      throw fault;
    }
  }

  async #post(
    card: Card,
    replaced: ShownCard | undefined,
    versions: readonly Version[],
  ): Promise<{ channel: string; message: string }> {
    const calls = this.#calls(card);
    const channel = await this.#channel(card);
    const nonce = nonceOf(card.key, replaced?.message);
    const postTo = async (where: string) => {
      const post: Send = ({ body, files }) =>
        calls.call("POST", Routes.channelMessages(where), { body: { ...body, nonce, enforce_nonce: true }, files });
      const { message, version } = await this.#send(card, versions, (one) => unarchived(where, calls, () => post(one)));
      // The same nonce gives back what was posted before a crash, which may say what was true then.
      if (!saysTheSame(message, version.body))
        await calls.call("PATCH", Routes.channelMessage(where, message.id), {
          body: version.body,
          files: version.files,
        });
      return { channel: where, message: message.id };
    };
    try {
      return await postTo(channel);
    } catch (fault) {
      const shut =
        isThreadShut(card, fault) || (hasCode(fault, codes.missingPermissions) && (await isLocked(channel, calls)));
      if (card.audience.kind !== "thread" || !shut) throw fault;
      return postTo(await this.#below(card.audience.of, card, channel));
    }
  }

  async #channel(card: Card): Promise<string> {
    const { audience, key, urgent } = card;
    if (audience.kind === "thread" && audience.of !== key) return this.#below(audience.of, card);
    const channel = channelOf(this.#board.parts.policy, urgent ? "breaches" : "upgrades", "discord");
    if (channel === undefined) throw new ChatFault("Policy names no Discord channel for upgrades.");
    return channel;
  }

  /** In turn with what is shown of that card: both keep its row. */
  #below(of: string, card: Card, gone?: string): Promise<string> {
    return this.#turn(of, () => this.#threads.below(of, this.#calls(card), gone));
  }
}

/** Deleted, or archived and locked by a moderator: what belongs into it goes into a new one. */
function isThreadShut({ audience }: Card, fault: unknown): boolean {
  return audience.kind === "thread" && hasCode(fault, codes.unknownChannel, codes.threadArchived);
}

/** A moderator's lock looks like a missing permission, which no new thread would mend. */
async function isLocked(channel: string, calls: Calls): Promise<boolean> {
  const about = z.object({ thread_metadata: z.object({ locked: z.boolean().optional() }) });
  const read = await calls.call("GET", Routes.channel(channel)).catch(() => undefined);
  return about.safeParse(read).data?.thread_metadata.locked === true;
}

/** Whether Discord minds the message's form, so that a plainer one may pass; never where it only wants to be asked later. */
function isForm(fault: CallFault, { files }: Version): boolean {
  if (fault.code === codes.invalidForm || fault.status === 413) return true;
  return files.length > 0 && fault.code === codes.missingPermissions;
}

/** Posting opens an archived thread by itself; editing does not, so the thread is opened first. A locked one stays shut. */
async function unarchived<T>(channel: string, calls: Calls, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (fault) {
    if (!hasCode(fault, codes.threadArchived)) throw fault;
    const opened = calls.call("PATCH", Routes.channel(channel), { body: { archived: false } });
    if (
      !(await opened.then(
        () => true,
        () => false,
      ))
    )
      throw fault;
    return act();
  }
}

function nonceOf(key: string, replaced: string | undefined): string {
  const hash = createHash("sha256").update(JSON.stringify([key, replaced ?? null]));
  return hash.digest("base64url").slice(0, limits.nonce);
}

function saysTheSame(there: Message, sent: object): boolean {
  return words(there) === words(sent);
}

function words({ content = "", embeds = [] }: Partial<Message>): string {
  const parts = embeds.map(({ title, description, fields = [], footer }) => [
    title?.trim() ?? "",
    description?.trim() ?? "",
    fields.map(({ name, value }) => [name.trim(), value.trim()]),
    footer?.text.trim() ?? "",
  ]);
  return JSON.stringify([content.trim(), parts]);
}
