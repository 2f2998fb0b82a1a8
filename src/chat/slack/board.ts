/** Cards in their channel: one message a card, edited in place, and not posted twice where that can be known. */

import { channelOf, type Policy } from "../../domain/policy.ts";
import { ChatFault, type ShownCard } from "../../ports.ts";
import type { Card } from "../../view.ts";
import type { AdapterParts } from "../adapter.ts";
import { sentFirst } from "../sent-first.ts";
import type { SlackApi, WebClient } from "./api.ts";
import { type CardMessage, cardMessage } from "./card-message.ts";
import { errorCode, unfit } from "./faults.ts";
import { findPosted } from "./find-posted.ts";
import type { Health } from "./health.ts";
import { plainMessage } from "./plain-message.ts";
import type { Presenter } from "./presenter.ts";
import type { SignIn } from "./sign-in.ts";

/** The message cannot be edited any more, whoever tries: it is posted anew. */
const gone = new Set(["message_not_found", "cant_update_message", "edit_window_closed"]);
/** So is a card whose channel is not there any more, where policy names another. */
const closed = new Set(["channel_not_found", "is_archived", "not_in_channel"]);

/** Milliseconds that an alarm waits to learn whether it was posted before. */
const alarmPatience = 2_000;

interface Place {
  channel: string;
  thread: string | undefined;
}

export interface BoardParts {
  adapter: AdapterParts;
  api: SlackApi;
  health: Health;
  signIn: SignIn;
  presenter: Presenter;
}

export class Board {
  readonly #parts: BoardParts;
  readonly #policy: Policy;
  /** The last work on each card, so that two revisions never race. */
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #toldUnfit = new Set<string>();

  constructor(parts: BoardParts) {
    this.#parts = parts;
    this.#policy = parts.adapter.policy;
  }

  /** Rejects with a ChatFault where Slack did not take it. */
  show(card: Card): Promise<void> {
    if (card.audience.kind === "private") return Promise.resolve();
    const before = this.#turns.get(card.key) ?? Promise.resolve();
    const turn = before.catch(() => undefined).then(() => this.#show(card));
    this.#turns.set(card.key, turn);
    const settled = () => {
      if (this.#turns.get(card.key) === turn) this.#turns.delete(card.key);
    };
    turn.then(settled, settled);
    return turn;
  }

  async #show(card: Card): Promise<void> {
    const { adapter, signIn, health } = this.#parts;
    if (signIn.identity === undefined) throw new ChatFault(health.read().reason || "Slack has not answered yet.");
    const kept = await adapter.store.shownCard("slack", card.key);
    const shown = kept?.message === "" ? await this.#lost(card, kept) : kept;
    if (shown !== undefined && shown.revision >= card.revision) return;
    if (card.urgent !== true) await this.#parts.presenter.pictures.upload(card.pictures);
    if (shown === undefined || !(await this.#edit(card, shown))) await this.#post(card, await this.#placeOf(card));
    if (card.urgent === true && card.pictures.length > 0) await this.#addPictures(card);
  }

  /** A post whose outcome was never kept: looked for, where Slack lets the bot read. */
  async #lost(card: Card, kept: ShownCard): Promise<ShownCard | undefined> {
    const { api, signIn, adapter } = this.#parts;
    const client = this.#clientOf(card);
    try {
      const search = api.call("to find an earlier message", () => findPosted(client, kept, signIn.identity));
      const found = await (card.urgent === true ? atMost(alarmPatience, search) : search);
      if (found === undefined) return undefined;
      const shown = { ...kept, ...found };
      await adapter.store.keepShownCard(shown);
      return shown;
    } catch (fault) {
      // An alarm that may have been sent is sent again; so is a card that nobody may look for.
      if (card.urgent === true || errorCode(fault) !== undefined) return undefined;
      throw fault;
    }
  }

  async #placeOf(card: Card): Promise<Place> {
    if (card.audience.kind === "thread") {
      const parent = await this.#parts.adapter.store.shownCard("slack", card.audience.of);
      if (parent === undefined || parent.message === "")
        throw new ChatFault(`The card ${card.audience.of} is not in Slack yet, and ${card.key} belongs below it.`);
      return { channel: parent.channel, thread: parent.thread ?? parent.message };
    }
    const channel = channelOf(this.#policy, card.urgent === true ? "breaches" : "upgrades", "slack");
    if (channel === undefined) throw new ChatFault("The policy names no Slack channel for cards in channels.yaml.");
    return { channel, thread: undefined };
  }

  async #post(card: Card, { channel, thread }: Place): Promise<void> {
    const { store } = this.#parts.adapter;
    // Slack's threads are flat: what belongs below a reply stands in the same thread.
    const row: ShownCard = { platform: "slack", key: card.key, channel, message: "", thread, revision: card.revision };
    const keep = async () => {
      await this.#parts.presenter.keep(card.actions);
      await store.keepShownCard(row);
    };
    const client = this.#clientOf(card);
    const where = { channel, ...(thread === undefined ? {} : { thread_ts: thread }) };
    const send = () =>
      this.#send(card, channel, (message) =>
        client.chat.postMessage({
          ...message,
          ...where,
          link_names: false,
          parse: "none",
          unfurl_links: false,
          unfurl_media: false,
        }),
      );
    const { ts } = await (card.urgent === true ? sentFirst(send, keep) : keep().then(send));
    if (ts === undefined) throw new ChatFault("Slack took the card and did not say where it is.");
    await store.keepShownCard({ ...row, message: ts });
  }

  /** False where there is nothing left to edit. */
  async #edit(card: Card, shown: ShownCard): Promise<boolean> {
    const { channel, message: ts } = shown;
    const client = this.#clientOf(card);
    await this.#parts.presenter.keep(card.actions);
    try {
      await this.#send(card, channel, (message) =>
        client.chat.update({ ...message, channel, ts, link_names: false, parse: "none" }),
      );
    } catch (fault) {
      const code = errorCode(fault) ?? "";
      if (gone.has(code)) return false;
      if (closed.has(code) && card.audience.kind === "channel" && (await this.#placeOf(card)).channel !== channel)
        return false;
      throw fault;
    }
    await this.#parts.adapter.store.keepShownCard({ ...shown, revision: card.revision });
    return true;
  }

  /** With blocks; without pictures if Slack does not take them; as text if it does not take the blocks. */
  async #send<Result>(card: Card, channel: string, call: (message: CardMessage) => Promise<Result>): Promise<Result> {
    const { presenter, api, health } = this.#parts;
    const withPictures = card.pictures.some((picture) => presenter.pictures.file(picture) !== undefined);
    const described = () => cardMessage(card, presenter.rendering(false));
    const asText = () => ({ ...described(), text: plainMessage(card, described().text), blocks: [] });
    const ways = [...(withPictures ? [() => cardMessage(card, presenter.rendering())] : []), described, asText];
    for (const [at, way] of ways.entries()) {
      try {
        const result = await api.call("to show a card", () => call(way()));
        health.well(`channel ${channel}`);
        return result;
      } catch (fault) {
        const refused = unfit.has(errorCode(fault) ?? "");
        if (refused && withPictures && at === 0) presenter.pictures.forget(card.pictures);
        if (refused && at < ways.length - 1) {
          this.#tell(card, fault);
          continue;
        }
        if (closed.has(errorCode(fault) ?? "") && fault instanceof Error)
          health.trouble(`channel ${channel}`, fault.message);
        throw fault;
      }
    }
    throw new ChatFault("Slack took the card in no way there is.");
  }

  #tell(card: Card, fault: unknown): void {
    if (this.#toldUnfit.has(card.key)) return;
    this.#toldUnfit.add(card.key);
    this.#parts.adapter.onFault("slack card", fault);
  }

  /** An alarm does not wait for its pictures; they follow, and their failure is not the alarm's. */
  async #addPictures(card: Card): Promise<void> {
    const { presenter, adapter } = this.#parts;
    await presenter.pictures.upload(card.pictures);
    if (!card.pictures.some((picture) => presenter.pictures.file(picture) !== undefined)) return;
    try {
      const shown = await adapter.store.shownCard("slack", card.key);
      if (shown !== undefined) await this.#edit(card, shown);
    } catch (fault) {
      adapter.onFault("slack picture", fault);
    }
  }

  #clientOf(card: Card): WebClient {
    return card.urgent === true ? this.#parts.api.urgent : this.#parts.api.usual;
  }
}

/** What the work gives, or undefined where it takes longer than so many milliseconds. */
async function atMost<Result>(milliseconds: number, work: Promise<Result>): Promise<Result | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), milliseconds);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
