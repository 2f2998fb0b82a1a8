/** What a visit works on, whichever brief it came from: things that one wallet has to do, one after another. */

import type { ChainId } from "../../domain/primitives.ts";
import type { ChainFacts } from "./chain-reads.ts";
import type { Check, Signer } from "./checks.ts";
import type { Provider } from "./provider.ts";

export interface Work {
  person: { name: string; wallets: readonly string[] };
  items: readonly WorkItem[];
  words: WorkWords;
  /** Reads the wallet's chain and compares everything with it. Never throws: what was not read is not verified. */
  look(provider: Provider, signer: Signer): Promise<Look>;
}

export interface WorkItem {
  id: string;
  chain: ChainId;
}

export interface Look {
  checks: readonly Check[];
  facts: ChainFacts;
  /** Items that the chain shows as done, whoever did them. */
  done: readonly string[];
}

/** What the page says of the work as a whole. */
export interface WorkWords {
  /** "sign", "send". */
  verb: string;
  /** "signed", "sent". */
  past: string;
  /** Once everything agrees, with the number that is left. */
  next(left: number): string;
  /** Once all is done. */
  done: { title: string; sentence: string };
}
