/**
 * What happens between the page and the wallet, as one state that the page draws. Every step runs under a turn; whatever
 * interrupts (another account, another chain, a lost patience) begins a new turn, and answers of an old one are dropped.
 */

import type { ChainId, Hex } from "../../domain/primitives.ts";
import { type ChainFacts, readChain } from "./chain-reads.ts";
import { type Check, compare, type Signer } from "./checks.ts";
import { WalletFault } from "./provider.ts";
import type { Item, Release } from "./release.ts";
import { handIn } from "./server.ts";
import { changeSentence, sameSigner, signerOf, switchChain, watchSigner } from "./session.ts";
import { askSignature } from "./sign-item.ts";
import type { Visit } from "./visit.ts";
import type { Wallet } from "./wallets.ts";

export type Progress =
  | { step: "open" }
  | { step: "checking" }
  | { step: "in the wallet" }
  | { step: "handing in" }
  | { step: "signed"; signature: Hex; handedIn: boolean }
  | { step: "failed"; sentence: string; signature?: Hex };

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

const open: Progress = { step: "open" };

export class Desk {
  #state = emptyDesk;
  #turn = 0;
  #unwatch: () => void = () => undefined;
  readonly #release: Release;
  readonly #visit: Visit;
  readonly #tell: (state: DeskState) => void;

  /** `tell` gets every new state. */
  constructor(release: Release, visit: Visit, tell: (state: DeskState) => void) {
    this.#release = release;
    this.#visit = visit;
    this.#tell = tell;
  }

  /** Asks the wallet for an account, and compares release and chain. */
  async connect(wallet: Wallet): Promise<void> {
    this.#unwatch();
    this.#unwatch = watchSigner(wallet.provider, () => void this.#noticeChange());
    await this.#begin(wallet, true);
  }

  /** After a stop or a failed read: asks the wallet again who it is, and compares everything again. */
  async goOn(): Promise<void> {
    const { wallet, signer } = this.#state;
    if (wallet !== undefined) await this.#begin(wallet, signer === undefined);
  }

  async switchTo(chain: ChainId): Promise<void> {
    const { wallet } = this.#state;
    if (wallet === undefined) return;
    const mine = ++this.#turn;
    // Without a signer the wallet's own word that the chain changed is no interruption: it was asked for.
    this.#set({ signer: undefined, checks: undefined, facts: undefined, connecting: true, stopped: undefined });
    try {
      await switchChain(wallet.provider, chain);
      if (mine === this.#turn) await this.#begin(wallet, false);
    } catch (fault) {
      if (mine === this.#turn) this.#interrupt(`The chain was not switched. ${sentenceOf(fault)}`);
    }
  }

  async sign(item: Item): Promise<void> {
    const { wallet, signer } = this.#state;
    if (wallet === undefined || signer === undefined || isBusy(this.#state)) return;
    const mine = ++this.#turn;
    this.#put(item, { step: "checking" });
    try {
      const fit = await this.#stillTrue(wallet, signer);
      if (mine !== this.#turn) return;
      if (!fit) return this.#put(item, open);
      this.#put(item, { step: "in the wallet" });
      const signature = await askSignature(wallet.provider, signer.account, item);
      const now = await signerOf(wallet.provider, false);
      if (mine !== this.#turn) return;
      if (!sameSigner(now, signer))
        return this.#interrupt(`${changeSentence(signer, now)} The signature that was under way was thrown away.`);
      await this.#deliver(item, signature);
    } catch (fault) {
      if (mine === this.#turn) this.#put(item, { step: "failed", sentence: sentenceOf(fault) });
    }
  }

  /** Stops waiting for the wallet; what it answers later is thrown away. */
  stopWaiting(item: Item): void {
    this.#turn += 1;
    const sentence =
      "You stopped waiting. Decline in the wallet too; should it still sign, that signature is thrown away.";
    this.#put(item, { step: "failed", sentence });
  }

  /** Hands a signature in again that the server did not take. */
  async handInAgain(item: Item): Promise<void> {
    const before = this.#state.progress.get(item.id);
    if (before?.step === "failed" && before.signature !== undefined) await this.#deliver(item, before.signature);
  }

  dispose(): void {
    this.#turn += 1;
    this.#unwatch();
  }

  #set(change: Partial<DeskState>): void {
    this.#state = { ...this.#state, ...change };
    this.#tell(this.#state);
  }

  #put(item: Item, progress: Progress): void {
    this.#set({ progress: new Map(this.#state.progress).set(item.id, progress) });
  }

  async #begin(wallet: Wallet, interactively: boolean): Promise<void> {
    const mine = ++this.#turn;
    this.#set({
      wallet,
      signer: undefined,
      connecting: true,
      fault: undefined,
      stopped: undefined,
      checks: undefined,
      facts: undefined,
    });
    try {
      const signer = await signerOf(wallet.provider, interactively);
      if (mine !== this.#turn) return;
      this.#set({ signer, connecting: false });
      await this.#compare(wallet, signer);
    } catch (fault) {
      if (mine === this.#turn) this.#set({ connecting: false, fault: sentenceOf(fault) });
    }
  }

  /** Right before the wallet is asked, everything is read again: what was true a minute ago may not be. */
  async #stillTrue(wallet: Wallet, signer: Signer): Promise<boolean> {
    const now = await signerOf(wallet.provider, false);
    if (!sameSigner(now, signer)) {
      this.#interrupt(`${changeSentence(signer, now)} Nothing was asked of it.`);
      return false;
    }
    return maySign(await this.#compare(wallet, signer));
  }

  async #compare(wallet: Wallet, signer: Signer): Promise<readonly Check[]> {
    const mine = this.#turn;
    const facts = await readChain(wallet.provider, this.#release, signer.chain);
    const checks = compare(this.#release, signer, facts);
    if (mine === this.#turn) this.#set({ checks, facts });
    return checks;
  }

  async #deliver(item: Item, signature: Hex): Promise<void> {
    if (this.#visit.offline) return this.#put(item, { step: "signed", signature, handedIn: false });
    this.#put(item, { step: "handing in" });
    const answer = await handIn(this.#visit.token, item.id, item.hashes.safeTxHash, signature);
    if (answer.ok) return this.#put(item, { step: "signed", signature, handedIn: true });
    const sentence = `The signature was made, but it was not taken. ${answer.sentence}`;
    this.#put(item, { step: "failed", sentence, signature });
  }

  /** The wallet says that something changed; only what really did stops the work. */
  async #noticeChange(): Promise<void> {
    const { wallet, signer, stopped } = this.#state;
    if (wallet === undefined || signer === undefined || stopped !== undefined) return;
    const now = await signerOf(wallet.provider, false).catch(() => undefined);
    if (this.#state.signer !== signer || this.#state.stopped !== undefined) return;
    if (now !== undefined && sameSigner(now, signer)) return;
    const what = now === undefined ? "The wallet was locked or disconnected." : changeSentence(signer, now);
    this.#interrupt(`${what} Nothing more is asked of it until you go on.`);
  }

  /** Whatever was under way counts no more; what is signed or being handed in stays. */
  #interrupt(sentence: string): void {
    this.#turn += 1;
    const kept = ["signed", "failed", "handing in"];
    const progress = new Map([...this.#state.progress].map(([id, one]) => [id, kept.includes(one.step) ? one : open]));
    this.#set({ stopped: sentence, checks: undefined, facts: undefined, connecting: false, progress });
  }
}

export function isBusy({ progress, connecting }: DeskState): boolean {
  return connecting || [...progress.values()].some(({ step }) => !["open", "signed", "failed"].includes(step));
}

/** Only where every comparison agrees: what was not read counts like what differs. */
export function maySign(checks: readonly Check[] | undefined): boolean {
  return checks !== undefined && checks.length > 0 && checks.every((one) => one.verdict === "agrees");
}

function sentenceOf(fault: unknown): string {
  return fault instanceof WalletFault ? fault.message : "Something went wrong on this page; nothing was handed in.";
}
