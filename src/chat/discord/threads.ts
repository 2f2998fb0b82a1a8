/** Threads below cards: made when first needed, found again, made anew where somebody deleted them. */

import { ChannelType, Routes, ThreadAutoArchiveDuration } from "discord.js";
import { z } from "zod";
import { ChatFault, type ShownCard, type ShownCards } from "../../ports.ts";
import { cut, inertText } from "../inert-text.ts";
import { type Calls, codes, hasCode } from "./calls.ts";
import { limits } from "./limits.ts";

const made = z.object({ id: z.string() });

export class Threads {
  readonly #store: ShownCards;
  /** Titles of the cards that were shown since the start, for the names of their threads. */
  readonly #titles = new Map<string, string>();

  constructor(store: ShownCards) {
    this.#store = store;
  }

  name(key: string, title: string): void {
    this.#titles.set(key, title);
  }

  /**
   * The thread below the card with this key. `gone`: the thread that turned out to be deleted. Rejects while the card is
   * not shown, so that it is tried again. To be called for one card at a time.
   */
  async below(key: string, calls: Calls, gone?: string): Promise<string> {
    const card = await this.#store.shownCard("discord", key);
    if (card === undefined) throw new ChatFault(`The card ${key} is not on Discord yet, and this belongs below it.`);
    if (card.thread !== undefined && card.thread !== gone) return card.thread;
    const thread = await this.#open(card, calls, gone);
    await this.#store.keepShownCard({ ...card, thread });
    return thread;
  }

  /** A thread that starts from a message has the message's id: one that a crash kept from being noted is found by it. */
  async #open(card: ShownCard, calls: Calls, gone: string | undefined): Promise<string> {
    const name = cut(inertText(this.#titles.get(card.key) ?? card.key), limits.threadName).trim() || card.key;
    const body = { name, auto_archive_duration: ThreadAutoArchiveDuration.OneWeek };
    try {
      return made.parse(await calls.call("POST", Routes.threads(card.channel, card.message), { body })).id;
    } catch (fault) {
      if (hasCode(fault, codes.threadThere) && gone !== card.message) return card.message;
      if (!hasCode(fault, codes.threadThere, codes.unknownMessage)) throw fault;
      const free = { ...body, type: ChannelType.PublicThread };
      return made.parse(await calls.call("POST", Routes.threads(card.channel), { body: free })).id;
    }
  }
}
