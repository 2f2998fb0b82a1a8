/** Several RPC sources of one chain, asked the same at the same block: what one of them makes up, the others do not say. */

import type { Head } from "./chain-facts.ts";
import type { Address, Hex } from "./domain/primitives.ts";
import type { Evaluator } from "./evaluator.ts";

/** One read at a block. A word is 32 bytes of storage; a call is an `eth_call`. */
export type Question =
  | { kind: "code" | "codeHash"; account: Address }
  | { kind: "word"; account: Address; slot: Hex }
  | { kind: "call"; to: Address; data: Hex };

/** Bytes, or that the call reverts; or why there is no answer, which is no answer to compare. */
export type Heard = { says: Hex | "reverts" } | { silent: string };

/** The newest block that a source names. */
export interface NamedHead extends Head {
  parent: Hex;
  /** Whether the header it gave has this hash. False for a lie, and for a chain whose headers have fields of their own. */
  sealed: boolean;
}

/** What one source says of one block. */
export interface Testimony {
  /** In the order of the questions. */
  heard: Heard[];
  block: Head & { stateRoot: Hex };
  /** See {@link NamedHead}. */
  sealed: boolean;
  /** Accounts whose code and words it proved against the state root; none where it gives no proofs. */
  proven: Address[];
  /** Where it contradicts its own proof or itself: the questions, by index, and a clause for people. */
  lies: { questions: number[]; clause: string }[];
}

/** One RPC of several. Everything fails with a ChainFault, also where it is on another chain. */
export interface Source extends Evaluator {
  /** Host and port, never more of its URL: keys are there. */
  readonly host: string;
  head(): Promise<NamedHead>;
  /** Blocks by their hashes, in one message; undefined for those it does not have. */
  blocks(hashes: readonly Hex[]): Promise<(Head | undefined)[]>;
  /** Everything in one message (one for each 500 questions). A block that it does not have is a ChainFault. */
  testify(questions: readonly Question[], blockHash: Hex): Promise<Testimony>;
}

/** A part of {@link import("./ports.ts").Chain}. */
export interface ChainSources {
  /** All configured sources, one a host; everything else is read from the first alone. */
  readonly sources: readonly Source[];
}
