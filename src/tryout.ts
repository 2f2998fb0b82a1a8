/** Trying things out on a block's state. A part of {@link import("./ports.ts").Chain}; chain/ implements it. */

import type { Question, Tried } from "./domain/exits/trial.ts";
import type { Hex } from "./domain/primitives.ts";

export interface TryOuts {
  /**
   * One eth_call a question, all in one message, at one block. Undefined for a row that others left no gas. Fails with a
   * ChainFault where the node fails, or takes no other code and storage for an eth_call.
   */
  tryOut(questions: readonly Question[], at: { blockHash: Hex }): Promise<(Tried | undefined)[][]>;
}
