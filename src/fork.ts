/** A private copy of a chain at one block, as gates use it: anybody can act there, and time moves. chain/ makes it. */

import type { Head, SimulationStep, StepReport } from "./chain-facts.ts";
import type { Tried, TriedCall } from "./domain/exits/trial.ts";
import type { Address, ChainId, Hex } from "./domain/primitives.ts";
import type { Catalogue } from "./domain/watch/catalogue.ts";
import type { Evaluation } from "./evaluator.ts";

/** What the environment of a call is set to; what is left out is the fork's own. */
export interface Environment {
  coinbase?: Address;
  /** Wei. */
  baseFee?: bigint;
  /** Seconds. */
  time?: bigint;
  number?: bigint;
  prevRandao?: Hex;
  gasLimit?: bigint;
}

/** A part of {@link import("./ports.ts").Chain}. */
export interface OneBlock {
  /**
   * Runs something whose reads belong together: "now" is one block of each chain in all of it, each question is asked
   * once, and those of a moment go in one request. A fork in it is of that block.
   */
  atOneBlock<T>(run: () => Promise<T>): Promise<T>;
}

export interface PlainCall {
  to: Address;
  data: Hex;
}

export interface TracedCall extends PlainCall {
  from: Address;
  /** Wei. */
  value?: bigint;
  /** Wei per gas; with 0 contracts can tell that they are simulated. */
  gasPrice?: bigint;
  environment?: Environment;
}

/** What will be asked of a fork, as far as it is known before: only time hangs on it. */
export interface Foreseen {
  calls: readonly TracedCall[];
  /** Others that will be named. */
  accounts: readonly Address[];
  /** For {@link Fork.read}, of the chain as it is and once accounts run other code. */
  reads: readonly PlainCall[];
  /** For {@link Fork.attempts}, once accounts run other code. */
  attempts: { from: Address; calls: readonly PlainCall[] };
  /** Accounts whose code will be used in place of another's. */
  replaced: readonly { account: Address; by: Address }[];
}

/** One frame of a trace, the outermost first, in the order in which they began. */
export interface TracedFrame {
  type: string;
  from: Address;
  to: Address;
  /** First bytes of the input. */
  input: Hex;
  value: bigint;
  failed: boolean;
}

/** What a call would do; nothing of it stays. */
export interface Trace {
  success: boolean;
  /** Decoded revert reason without a full stop; empty on success. */
  reason: string;
  output: Hex;
  storage: StepReport["storage"];
  events: StepReport["events"];
  frames: TracedFrame[];
  /** Accounts whose code is another after it. */
  codeChanged: Address[];
  gasUsed: bigint;
}

/** What came of trying a call in whose success there should be nothing to gain. At length: for 2,900 gas or more. */
export type Attempt = "fails" | "only reads" | "reads at length" | "changes state";

/** Steps that were played, and what was read after them. */
export interface Played {
  steps: StepReport[];
  answers: (Hex | null)[];
}

export interface Fork {
  readonly chain: ChainId;
  /** The block it was forked at. */
  readonly block: Head;
  /** The fork's own newest block. */
  head(): Promise<Head>;
  /** Sends without a signature, in a block of its own, `after` seconds later; a revert is part of the report. */
  send(step: SimulationStep, watch?: readonly Address[]): Promise<StepReport>;
  /**
   * What steps would do, each on what those before it left, up to the first that fails: as {@link send} reports them. Then
   * come `reads`, with null where they revert. Nothing of it stays, and others need not wait for it.
   */
  play(steps: readonly SimulationStep[], watch: readonly Address[], reads?: readonly PlainCall[]): Promise<Played>;
  /** What calls would do at the newest state, each by itself. */
  trace(calls: readonly TracedCall[]): Promise<Trace[]>;
  /** Slots that calls which go through would change, each by itself; undefined of one that creates a contract. */
  written(calls: readonly TracedCall[]): Promise<(StepReport["storage"] | undefined)[]>;
  /** Whom calls that go through would call, each by itself; undefined of one that fails. */
  called(calls: readonly TracedCall[]): Promise<(TracedFrame[] | undefined)[]>;
  /** Which calls would go through at the newest state, each by itself. */
  goThrough(calls: readonly TracedCall[]): Promise<boolean[]>;
  /** Answers of plain calls, each by itself; null where they revert. */
  read(calls: readonly PlainCall[], environment?: Environment): Promise<(Hex | null)[]>;
  /** Judges a catalogue on the newest state, and gives every value. */
  evaluate(catalogue: Catalogue): Promise<Evaluation>;
  storage(slots: readonly { account: Address; slot: Hex }[]): Promise<Hex[]>;
  code(accounts: readonly Address[]): Promise<Hex[]>;
  /** Tries many calls of one sender at once, each on the newest state; nothing of it stays. */
  attempts(from: Address, calls: readonly PlainCall[], environment?: Environment): Promise<Attempt[]>;
  /** What code each account runs: a proxy's implementation with its code hash, otherwise the account's own. */
  running(accounts: readonly Address[]): Promise<StepReport["implementations"]>;
  /** Rows of calls, each on the newest state, and each call of a row on what those before it left; see tryout.ts. */
  tryOut(rows: readonly (readonly TriedCall[])[]): Promise<(Tried | undefined)[]>;
  /** Gives an account ether and tokens, in their smallest units. Hands back the tokens of which that was not possible. */
  fund(account: Address, amount: bigint, tokens: readonly Address[]): Promise<Address[]>;
  /** Puts code at an account. */
  place(account: Address, code: Hex): Promise<void>;
  /** Sets storage slots, without a transaction. */
  write(words: readonly { account: Address; slot: Hex; word: Hex }[]): Promise<void>;
  /** Runs something and puts the state back as it was, whatever happens. */
  aside<T>(run: () => Promise<T>): Promise<T>;
}
