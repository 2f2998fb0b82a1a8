/** The desk where a wallet signs: each signature is believed only after it was recovered here, and then handed in. */

import type { Hex } from "../../domain/primitives.ts";
import { Desk, type DeskState, isBusy, open, sentenceOf } from "./desk.ts";
import { placeOf } from "./place.ts";
import { WalletFault } from "./provider.ts";
import type { Item } from "./release.ts";
import { handIn } from "./server.ts";
import { changeSentence, sameSigner, signerOf } from "./session.ts";
import { askSignature } from "./sign-item.ts";
import type { Visit } from "./visit.ts";
import type { Work } from "./work.ts";

export class SignatureDesk extends Desk {
  readonly #visit: Visit;
  protected readonly impatience =
    "You stopped waiting. Decline in the wallet too; should it still sign, that signature is thrown away.";

  constructor(work: Work, visit: Visit, tell: (state: DeskState) => void) {
    super(work, tell);
    this.#visit = visit;
  }

  async sign(item: Item): Promise<void> {
    const { wallet, signer } = this.state;
    if (wallet === undefined || signer === undefined || isBusy(this.state)) return;
    const mine = ++this.turn;
    this.put(item.id, { step: "checking" });
    try {
      const fit = await this.stillTrue(wallet, signer);
      if (mine !== this.turn) return;
      if (!fit) return this.put(item.id, open);
      this.put(item.id, { step: "in the wallet" });
      const place = placeOf(item.transaction.tx, signer.account, this.state.facts);
      if (place === undefined) throw new WalletFault("Your account is no owner of this Safe: use another of yours.");
      const signature = await askSignature(wallet.provider, signer.account, item, place);
      const now = await signerOf(wallet.provider, false);
      if (mine !== this.turn) return;
      if (!sameSigner(now, signer))
        return this.interrupt(`${changeSentence(signer, now)} The signature that was under way was thrown away.`);
      await this.#deliver(item, signature);
    } catch (fault) {
      if (mine === this.turn) this.put(item.id, { step: "failed", sentence: sentenceOf(fault) });
    }
  }

  /** Hands a signature in again that the server did not take. */
  async handInAgain(item: Item): Promise<void> {
    const before = this.state.progress.get(item.id);
    if (before?.step === "failed" && before.signature !== undefined) await this.#deliver(item, before.signature);
  }

  async #deliver(item: Item, signature: Hex): Promise<void> {
    if (this.#visit.offline) return this.put(item.id, { step: "signed", signature, handedIn: false });
    this.put(item.id, { step: "handing in" });
    const answer = await handIn(this.#visit.token, item.id, item.hashes.safeTxHash, signature);
    if (answer.ok) return this.put(item.id, { step: "signed", signature, handedIn: true });
    const sentence = `The signature was made, but it was not taken. ${answer.sentence}`;
    this.put(item.id, { step: "failed", sentence, signature });
  }
}
