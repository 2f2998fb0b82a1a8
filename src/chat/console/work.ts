/** Runs what a person asked for, and keeps their private answer up to date while it runs. */

import { notice, type View, type WalletItem, type WalletRequest, walletItems } from "../../view.ts";
import type { Room } from "./room.ts";
import { type Signing, toWire } from "./wire.ts";

type Progress = (text: string) => void;
export type Sign = (account: string, ceremony: string, item: WalletItem, progress: Progress) => Promise<View>;

export class Work {
  readonly #room: Room;
  readonly #report: (error: unknown) => void;
  /** Wallet requests as they came, by reply: the page says which to sign and never what. */
  readonly #wallets = new Map<string, { account: string; id: string; request: WalletRequest }>();

  constructor(room: Room, report: (error: unknown) => void) {
    this.#room = room;
    this.#report = report;
  }

  /** Runs `job` as the answer to the request `id`; the same id again is answered by what is there already. */
  async run(
    account: string,
    id: string,
    said: string,
    job: (progress: Progress) => Promise<View>,
  ): Promise<View | null> {
    if (this.#room.reply(account, id)) return null;
    this.#room.ask(account, id, said);
    const began = performance.now();
    const progress: string[] = [];
    const view = await this.#attempt(job, (text) => {
      if (progress.at(-1) !== text) progress.push(text);
      this.#room.update(account, id, { progress: [...progress] });
    });
    this.#room.update(account, id, { took: Math.round(performance.now() - began) });
    this.#settle(account, id, view);
    return view;
  }

  #settle(account: string, id: string, view: View): void {
    if (view.kind === "card" && view.audience.kind !== "private") {
      this.#room.show(view);
      this.#room.answered(account, id, { view: null });
      return;
    }
    if (view.kind === "wallet") this.#keepWallet(account, id, view);
    const signing: Signing[] =
      view.kind === "wallet" ? walletItems(view).map(() => ({ state: "open", progress: [], answer: null })) : [];
    this.#room.answered(account, id, { view: toWire(view), signing });
  }

  #keepWallet(account: string, id: string, request: WalletRequest): void {
    for (const [key, old] of this.#wallets) if (!this.#room.reply(old.account, old.id)) this.#wallets.delete(key);
    this.#wallets.set(walletKey(account, id), { account, id, request });
  }

  /** The items of a wallet request that are not signed yet, one after another, until one is not accepted. */
  async sign(account: string, id: string, sign: Sign): Promise<"no request" | "busy" | "done"> {
    const request = this.#wallets.get(walletKey(account, id))?.request;
    const entry = this.#room.reply(account, id);
    if (!request || !entry) return "no request";
    const signing = entry.signing.map((each) => ({ ...each }));
    if (signing.some((each) => each.state === "working")) return "busy";
    const publish = () => this.#room.update(account, id, { signing: signing.map((each) => ({ ...each })) });
    for (const [at, item] of walletItems(request).entries()) {
      const state = signing[at];
      if (!state || state.state === "done") continue;
      Object.assign(state, { state: "working", progress: [], answer: null });
      publish();
      const view = await this.#attempt(
        (progress) => sign(account, request.ceremony, item, progress),
        (text) => {
          state.progress = [...state.progress, text];
          publish();
        },
      );
      const accepted = view.kind !== "notice" || (view.tone !== "bad" && view.tone !== "warning");
      Object.assign(state, { state: accepted ? "done" : "failed", answer: toWire(view) });
      publish();
      if (!accepted) break;
    }
    return "done";
  }

  /** A fault of ours ends in a sentence too: nobody is left waiting. */
  async #attempt(job: (progress: Progress) => Promise<View>, progress: Progress): Promise<View> {
    try {
      return await job(progress);
    } catch (error) {
      this.#report(error);
      return notice(
        "bad",
        "The bot could not finish this because of a fault of its own. Look at the status before you try again: " +
          "part of it may have been done.",
      );
    }
  }
}

function walletKey(account: string, id: string): string {
  return `${account} ${id}`;
}
