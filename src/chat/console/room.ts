/** What the channel shows right now: cards for everybody, answers for one person. Lives as long as the process. */

import type { Card } from "../../view.ts";
import { type CardEntry, type ReplyEntry, toWire, type Update } from "./wire.ts";

interface Viewer {
  account: string;
  send(update: Update): void;
}

/** Answered replies kept for each person; older ones go. */
const repliesKept = 100;

export class Room {
  readonly #now: () => number;
  readonly #pageOf: (key: string) => string | undefined;
  readonly #cards = new Map<string, CardEntry>();
  readonly #replies = new Map<string, Map<string, ReplyEntry>>();
  readonly #viewers = new Set<Viewer>();

  /** `now`: milliseconds since 1970 in the time that messages carry. `pageOf`: path of a card's or ceremony's page. */
  constructor(now: () => number, pageOf: (key: string) => string | undefined = () => undefined) {
    this.#now = now;
    this.#pageOf = pageOf;
  }

  /** Posts the card, or edits the one with its key, unless the one shown is newer. */
  show(card: Card): void {
    const shown = this.#cards.get(card.key);
    if (shown && shown.card.revision > card.revision) return;
    const next = toWire(card);
    if (shown && JSON.stringify(shown.card) === JSON.stringify(next)) return;
    const at = this.#now();
    const entry: CardEntry = shown
      ? { ...shown, card: next, changedAt: at, edits: shown.edits + 1 }
      : { card: next, postedAt: at, changedAt: at, edits: 0, page: this.#pageIn(card) };
    this.#cards.set(card.key, entry);
    for (const viewer of this.#viewers) viewer.send({ type: "card", entry });
  }

  cards(): CardEntry[] {
    return [...this.#cards.values()];
  }

  replies(account: string): ReplyEntry[] {
    return [...(this.#replies.get(account)?.values() ?? [])];
  }

  reply(account: string, id: string): ReplyEntry | undefined {
    return this.#replies.get(account)?.get(id);
  }

  /** A new private answer, still being worked on. */
  ask(account: string, id: string, said: string): ReplyEntry {
    const entry: ReplyEntry = {
      id,
      said,
      askedAt: this.#now(),
      answeredAt: null,
      took: 0,
      progress: [],
      view: null,
      page: null,
      again: null,
      signing: [],
    };
    const own = this.#replies.get(account) ?? new Map<string, ReplyEntry>();
    this.#replies.set(account, own.set(id, entry));
    const old = [...own.values()].find((each) => each.answeredAt !== null);
    if (own.size > repliesKept && old) this.dismiss(account, old.id);
    this.#tell(account, { type: "reply", entry });
    return entry;
  }

  /** Changes an answer, unless the person has dismissed it meanwhile. */
  update(account: string, id: string, change: Partial<ReplyEntry>): void {
    const entry = this.reply(account, id);
    if (!entry) return;
    const next = { ...entry, ...change };
    if (next.view?.kind === "notice" && next.view.about !== undefined)
      next.page = this.#pageOf(next.view.about) ?? null;
    this.#replies.get(account)?.set(id, next);
    this.#tell(account, { type: "reply", entry: next });
  }

  answered(account: string, id: string, change: Partial<ReplyEntry>): void {
    this.update(account, id, { ...change, answeredAt: this.#now() });
  }

  dismiss(account: string, id: string): void {
    if (this.#replies.get(account)?.delete(id)) this.#tell(account, { type: "dismissed", id });
  }

  /** Calls back on everything that this account may see, until the returned function is called. */
  watch(viewer: Viewer): () => void {
    this.#viewers.add(viewer);
    return () => this.#viewers.delete(viewer);
  }

  get watched(): boolean {
    return this.#viewers.size > 0;
  }

  /** A card in a thread hangs below one that has the link. */
  #pageIn({ key, audience }: Card): string | null {
    return audience.kind === "channel" ? (this.#pageOf(key) ?? null) : null;
  }

  /** For everybody, such as the time. */
  announce(update: Update): void {
    for (const viewer of this.#viewers) viewer.send(update);
  }

  #tell(account: string, update: Update): void {
    for (const viewer of this.#viewers) if (viewer.account === account) viewer.send(update);
  }
}
