/**
 * What happens between the page and the wallet, as one state that the page draws. Every step runs under a turn; whatever
 * interrupts (another account, another chain, a lost patience) begins a new turn, and answers of an old one are dropped.
 */

import type { ChainId, Hex } from "../../domain/primitives.ts";
import type { ChainFacts } from "./chain-reads.ts";
import type { Check, Signer } from "./checks.ts";
import { WalletFault } from "./provider.ts";
import { changeSentence, sameSigner, signerOf, switchChain, watchSigner } from "./session.ts";
import { steadyLook } from "./steady-look.ts";
import type { Wallet } from "./wallets.ts";
import type { Work } from "./work.ts";

export type Progress =
  | { step: "open" }
  | { step: "checking" }
  | { step: "in the wallet" }
  | { step: "handing in" }
  | { step: "signed"; signature: Hex; handedIn: boolean }
  /** Sent by the wallet, and waited for. */
  | { step: "sent"; hash: Hex }
  /** On the chain; without a hash where it was sent from elsewhere. */
  | { step: "mined"; hash?: Hex }
  | { step: "failed"; sentence: string; signature?: Hex };

/** Steps in which nobody waits for anything. */
const atRest: readonly Progress["step"][] = ["open", "signed", "mined", "failed"];
/** Steps that no interruption takes back: what left the wallet has left it. */
const lasting: readonly Progress["step"][] = ["signed", "failed", "handing in", "sent", "mined"];

export interface DeskState {
  wallet: Wallet | undefined;
  connecting: boolean;
  signer: Signer | undefined;
  /** Undefined while the chain is being read. */
  checks: readonly Check[] | undefined;
  /** What was read last; undefined as {@link checks}. */
  facts: ChainFacts | undefined;
  /** Why everything stopped; the person decides how to go on. */
  stopped: string | undefined;
  /** Why the last attempt to connect failed. */
  fault: string | undefined;
  progress: ReadonlyMap<string, Progress>;
}

export const emptyDesk: DeskState = {
  wallet: undefined,
  connecting: false,
  signer: undefined,
  checks: undefined,
  facts: undefined,
  stopped: undefined,
  fault: undefined,
  progress: new Map(),
};

export const open: Progress = { step: "open" };

export abstract class Desk {
  protected state = emptyDesk;
  protected turn = 0;
  #unwatch: () => void = () => undefined;
  readonly #work: Work;
  readonly #tell: (state: DeskState) => void;

  /** `tell` gets every new state. */
  constructor(work: Work, tell: (state: DeskState) => void) {
    this.#work = work;
    this.#tell = tell;
  }

  /** Said where somebody lost patience with the wallet. */
  protected abstract readonly impatience: string;

  /** Asks the wallet for an account, and compares everything with the chain. */
  async connect(wallet: Wallet): Promise<void> {
    this.#unwatch();
    this.#unwatch = watchSigner(wallet.provider, () => void this.#noticeChange());
    await this.#begin(wallet, true);
  }

  /** After a stop or a failed read: asks the wallet again who it is, and compares everything again. */
  async goOn(): Promise<void> {
    const { wallet, signer } = this.state;
    if (wallet !== undefined) await this.#begin(wallet, signer === undefined);
  }

  async switchTo(chain: ChainId): Promise<void> {
    const { wallet } = this.state;
    if (wallet === undefined) return;
    const mine = ++this.turn;
    // Without a signer the wallet's own word that the chain changed is no interruption: it was asked for.
    this.set({ signer: undefined, checks: undefined, facts: undefined, connecting: true, stopped: undefined });
    try {
      await switchChain(wallet.provider, chain);
      if (mine === this.turn) await this.#begin(wallet, false);
    } catch (fault) {
      if (mine === this.turn) this.interrupt(`The chain was not switched. ${sentenceOf(fault)}`);
    }
  }

  /** Stops waiting for the wallet. */
  stopWaiting(id: string): void {
    this.turn += 1;
    this.put(id, { step: "failed", sentence: this.impatience });
  }

  dispose(): void {
    this.turn += 1;
    this.#unwatch();
  }

  protected set(change: Partial<DeskState>): void {
    this.state = { ...this.state, ...change };
    this.#tell(this.state);
  }

  protected put(id: string, progress: Progress): void {
    this.set({ progress: new Map(this.state.progress).set(id, progress) });
  }

  async #begin(wallet: Wallet, interactively: boolean): Promise<void> {
    const mine = ++this.turn;
    const nothing = { signer: undefined, fault: undefined, stopped: undefined, checks: undefined, facts: undefined };
    this.set({ wallet, connecting: true, ...nothing });
    try {
      const signer = await signerOf(wallet.provider, interactively);
      if (mine !== this.turn) return;
      this.set({ signer, connecting: false });
      await this.compare(wallet, signer);
    } catch (fault) {
      if (mine === this.turn) this.set({ connecting: false, fault: sentenceOf(fault) });
    }
  }

  /** Right before the wallet is asked, everything is read again: what was true a minute ago may not be. */
  protected async stillTrue(wallet: Wallet, signer: Signer): Promise<boolean> {
    const now = await signerOf(wallet.provider, false);
    if (!sameSigner(now, signer)) {
      this.interrupt(`${changeSentence(signer, now)} Nothing was asked of it.`);
      return false;
    }
    return maySign(await this.compare(wallet, signer));
  }

  protected async compare(wallet: Wallet, signer: Signer): Promise<readonly Check[]> {
    const mine = this.turn;
    const { checks, facts, done } = await steadyLook(() => this.#work.look(wallet.provider, signer));
    if (mine !== this.turn) return checks;
    const progress = new Map(this.state.progress);
    for (const id of done) if (!isDone(progress.get(id))) progress.set(id, { step: "mined" });
    this.set({ checks, facts, progress });
    return checks;
  }

  /** The wallet says that something changed; only what really did stops the work. */
  async #noticeChange(): Promise<void> {
    const { wallet, signer, stopped } = this.state;
    if (wallet === undefined || signer === undefined || stopped !== undefined) return;
    const now = await signerOf(wallet.provider, false).catch(() => undefined);
    if (this.state.signer !== signer || this.state.stopped !== undefined) return;
    if (now !== undefined && sameSigner(now, signer)) return;
    const what = now === undefined ? "The wallet was locked or disconnected." : changeSentence(signer, now);
    this.interrupt(`${what} Nothing more is asked of it until you go on.`);
  }

  /** Whatever was under way counts no more; what is signed, sent or being handed in stays. */
  protected interrupt(sentence: string): void {
    this.turn += 1;
    const progress = new Map(
      [...this.state.progress].map(([id, one]) => [id, lasting.includes(one.step) ? one : open]),
    );
    this.set({ stopped: sentence, checks: undefined, facts: undefined, connecting: false, progress });
  }
}

export function isBusy({ progress, connecting }: DeskState): boolean {
  return connecting || [...progress.values()].some(({ step }) => !atRest.includes(step));
}

/** Whether an item needs nothing more of this person. */
export function isDone(progress: Progress | undefined): boolean {
  return progress?.step === "signed" || progress?.step === "mined";
}

/** Only where every comparison agrees: what was not read counts like what differs. */
export function maySign(checks: readonly Check[] | undefined): boolean {
  return checks !== undefined && checks.length > 0 && checks.every((one) => one.verdict === "agrees");
}

export function sentenceOf(fault: unknown): string {
  return fault instanceof WalletFault ? fault.message : "Something went wrong on this page; nothing was handed in.";
}
