/**
 * What happens between the page and the wallet that is to be linked. Every step runs under a turn; whatever interrupts
 * begins a new one, and answers of an old one are dropped.
 */

import { stringToHex } from "viem";
import type { LinkingBrief } from "../linking-brief.ts";
import type { Signer } from "./checks.ts";
import { textFor } from "./linking.ts";
import { ask, signMs, WalletFault } from "./provider.ts";
import { handInLink } from "./server.ts";
import { changeSentence, sameSigner, signerOf, watchSigner } from "./session.ts";
import type { Visit } from "./visit.ts";
import type { Wallet } from "./wallets.ts";

export interface LinkingState {
  wallet: Wallet | undefined;
  signer: Signer | undefined;
  step: "open" | "connecting" | "in the wallet" | "handing in" | "done" | "failed";
  /** What went wrong, or what the server said once it was done. */
  sentence: string;
}

export const emptyLinking: LinkingState = { wallet: undefined, signer: undefined, step: "open", sentence: "" };

export class LinkingDesk {
  #state = emptyLinking;
  #turn = 0;
  #unwatch: () => void = () => undefined;
  readonly #brief: LinkingBrief;
  readonly #visit: Visit;
  readonly #tell: (state: LinkingState) => void;

  /** `tell` gets every new state. */
  constructor(brief: LinkingBrief, visit: Visit, tell: (state: LinkingState) => void) {
    this.#brief = brief;
    this.#visit = visit;
    this.#tell = tell;
  }

  async connect(wallet: Wallet): Promise<void> {
    const mine = ++this.#turn;
    this.#unwatch();
    this.#unwatch = watchSigner(wallet.provider, () => void this.#noticeChange());
    this.#set({ wallet, signer: undefined, step: "connecting", sentence: "" });
    try {
      const signer = await signerOf(wallet.provider, true);
      if (mine === this.#turn) this.#set({ signer, step: "open" });
    } catch (fault) {
      if (mine === this.#turn) this.#set({ step: "failed", sentence: sentenceOf(fault) });
    }
  }

  async sign(): Promise<void> {
    const { wallet, signer, step } = this.#state;
    if (wallet === undefined || signer === undefined || isBusy(step)) return;
    const mine = ++this.#turn;
    this.#set({ step: "in the wallet", sentence: "" });
    try {
      const before = await signerOf(wallet.provider, false);
      if (mine !== this.#turn) return;
      if (!sameSigner(before, signer)) return this.#stop(`${changeSentence(signer, before)} Nothing was asked of it.`);
      const data = stringToHex(textFor(this.#brief, signer.account));
      const signature = await ask(wallet.provider, "personal_sign", [data, signer.account], signMs);
      const after = await signerOf(wallet.provider, false);
      if (mine !== this.#turn) return;
      if (!sameSigner(after, signer))
        return this.#stop(`${changeSentence(signer, after)} The signature that was under way was thrown away.`);
      if (typeof signature !== "string" || !/^0x([0-9a-fA-F]{2}){1,4096}$/.test(signature))
        throw new WalletFault("The wallet answered with something that is no signature.");
      this.#set({ step: "handing in" });
      const answer = await handInLink(this.#visit.token, signer.account, signature);
      this.#set(answer.ok ? { step: "done" } : { step: "failed", sentence: answer.sentence });
    } catch (fault) {
      if (mine === this.#turn) this.#set({ step: "failed", sentence: sentenceOf(fault) });
    }
  }

  dispose(): void {
    this.#turn += 1;
    this.#unwatch();
  }

  #set(change: Partial<LinkingState>): void {
    this.#state = { ...this.#state, ...change };
    this.#tell(this.#state);
  }

  /** What is handed in or done stays; everything else begins with connecting anew. */
  #stop(sentence: string): void {
    this.#turn += 1;
    this.#set({ signer: undefined, step: "failed", sentence });
  }

  async #noticeChange(): Promise<void> {
    const { wallet, signer, step } = this.#state;
    if (wallet === undefined || signer === undefined || step === "handing in" || step === "done") return;
    const now = await signerOf(wallet.provider, false).catch(() => undefined);
    if (this.#state.signer !== signer || (now !== undefined && sameSigner(now, signer))) return;
    const what = now === undefined ? "The wallet was locked or disconnected." : changeSentence(signer, now);
    this.#stop(`${what} Nothing was linked: connect it again.`);
  }
}

export function isBusy(step: LinkingState["step"]): boolean {
  return step === "connecting" || step === "in the wallet" || step === "handing in";
}

function sentenceOf(fault: unknown): string {
  return fault instanceof WalletFault ? fault.message : "Something went wrong on this page; nothing was handed in.";
}
