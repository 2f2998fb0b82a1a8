/** What a catalogue of metrics says of one block, judged on the chain itself: verdicts come back, and values that matter. */

import type { Verdict } from "./domain/metrics.ts";
import type { Hex } from "./domain/primitives.ts";
import type { Catalogue } from "./domain/watch/catalogue.ts";

export interface Evaluation {
  /** By index in the catalogue. An entry that is judged outside has "error" here until whoever asked judged it. */
  verdicts: Verdict[];
  /** By index: of what fails, of what is marked to be told, or of all that have one. */
  values: Map<number, bigint>;
  /** Timestamp that the EVM had, in seconds: the block's own, unless the node answered from another. */
  timestamp: bigint | undefined;
  gas: bigint;
  /** Messages to the node. */
  requests: number;
}

/** A part of {@link import("./ports.ts").Chain}, and of each of its sources. */
export interface Evaluator {
  /**
   * Judges every entry at one block in one message; where gas runs short in more, never leaving one out. With `all` every
   * value comes back. Fails with a ChainFault where the node fails; one failing read is that entry's "error".
   */
  evaluate(catalogue: Catalogue, at: { blockHash: Hex }, tell?: "all"): Promise<Evaluation>;
}
