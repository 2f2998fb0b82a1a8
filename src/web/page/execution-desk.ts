/**
 * The desk where a wallet sends: one eth_sendTransaction a leg. What has left the wallet cannot be called back, so whatever
 * happens to the page meanwhile, a hash that comes is shown and followed until it is mined.
 */

import { toHex } from "viem";
import type { Hex } from "../../domain/primitives.ts";
import { Desk, type DeskState, isBusy, open, sentenceOf } from "./desk.ts";
import type { LegCall } from "./execution.ts";
import { hasRun } from "./execution-checks.ts";
import { ask, type Provider, read, signMs, WalletFault } from "./provider.ts";
import { askReady, tellSent } from "./server.ts";
import type { Visit } from "./visit.ts";
import type { Work } from "./work.ts";

const pollMs = 1500;

export class ExecutionDesk extends Desk {
  readonly #visit: Visit;
  #gone = false;
  protected readonly impatience =
    "You stopped waiting. Decline in the wallet too; should it still send, the transaction counts: read the chain again before you try once more.";

  constructor(work: Work, visit: Visit, tell: (state: DeskState) => void) {
    super(work, tell);
    this.#visit = visit;
  }

  async send(item: LegCall): Promise<void> {
    const { wallet, signer } = this.state;
    if (wallet === undefined || signer === undefined || isBusy(this.state)) return;
    const mine = ++this.turn;
    this.put(item.id, { step: "checking" });
    try {
      await this.#mayStill();
      const fit = await this.stillTrue(wallet, signer);
      if (mine !== this.turn) return;
      if (!fit) return this.put(item.id, open);
      this.put(item.id, { step: "in the wallet" });
      const { to, value, data } = item.call;
      const request = { from: signer.account, to, value: toHex(value), data };
      const hash = hashOf(await ask(wallet.provider, "eth_sendTransaction", [request], signMs));
      await this.#follow(wallet.provider, item, hash);
    } catch (fault) {
      if (mine === this.turn) this.put(item.id, { step: "failed", sentence: sentenceOf(fault) });
    }
  }

  override dispose(): void {
    this.#gone = true;
    super.dispose();
  }

  /** What the chain cannot know: that the ceremony is on hold, or that the link's time is over. */
  async #mayStill(): Promise<void> {
    if (this.#visit.offline) return;
    const answer = await askReady(this.#visit.token);
    if (!answer.ok) throw new WalletFault(`Nothing was asked of your wallet. ${answer.sentence}`);
  }

  async #follow(provider: Provider, item: LegCall, hash: Hex): Promise<void> {
    this.put(item.id, { step: "sent", hash });
    void this.#tell(item, hash);
    for (;;) {
      const status = await outcome(provider, item, hash);
      if (this.#gone) return;
      if (status === "reverted")
        return this.put(item.id, {
          step: "failed",
          sentence: `The chain refused the transaction ${hash}: it reverted as a whole, and nothing of the batch ran. Read the chain again to see why.`,
        });
      if (status === "ran") break;
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
    this.put(item.id, { step: "mined", hash });
    void this.#tell(item, hash);
    const { wallet, signer } = this.state;
    // What is next starts from the chain as it is now.
    if (wallet !== undefined && signer !== undefined) await this.compare(wallet, signer);
  }

  /** The program sees it by itself too, a little later: nothing depends on this. */
  async #tell({ id }: LegCall, hash: Hex): Promise<void> {
    if (!this.#visit.offline) await tellSent(this.#visit.token, id, hash);
  }
}

/** A wallet may replace what it sent (speed it up): what counts is that the operation has run. */
async function outcome(provider: Provider, item: LegCall, hash: Hex): Promise<"ran" | "reverted" | "waiting"> {
  const receipt = await read(provider, "eth_getTransactionReceipt", [hash]).catch(() => undefined);
  const status = typeof receipt === "object" && receipt !== null && "status" in receipt ? receipt.status : undefined;
  if (status === "0x0") return "reverted";
  return (await hasRun(provider, item)) === true ? "ran" : "waiting";
}

function hashOf(answer: unknown): Hex {
  if (typeof answer === "string" && /^0x[0-9a-fA-F]{64}$/.test(answer)) return answer.toLowerCase() as Hex;
  throw new WalletFault(
    "The wallet answered with something that is no transaction hash. Look in the wallet whether it sent something, and read the chain again.",
  );
}
