/** Calls that are tried out on a block's state and leave nothing behind: what is asked, and what comes back. */

import type { Address, Hex } from "../primitives.ts";

export interface TriedCall {
  /** Whom it comes from: {@link somebody} where left out. What the account holds as code is not there meanwhile. */
  from?: Address;
  to: Address;
  /** Wei; none where left out. */
  value?: bigint;
  data: Hex;
}

/** Calls one after another: each finds what those before it left. Between rows everything is undone. */
export type Row = readonly TriedCall[];

/** What became of a row. */
export interface Tried {
  /** Of the calls that went through, in their order. */
  answers: Hex[];
  /** Revert data of the one that did not, which is the last; undefined where all went through. */
  failed: Hex | undefined;
}

/** A storage word that is taken as another than it is. */
export interface Pretence {
  account: Address;
  slot: Hex;
  value: Hex;
}

/** Rows that are tried out on one and the same state. */
export interface Question {
  rows: readonly Row[];
  pretend?: readonly Pretence[];
}

/** Nobody's account: whoever may do something may not because of it. */
export const somebody: Address = "0x00000000000000000000000000000000000E717A";

/** A row under a name, on the state as it is or as it is pretended to be, or as if accounts were their callers' own. */
export interface Asked {
  key: string;
  row: Row;
  on: "state" | "pretence" | "impersonation";
  /** Only reads: comes before everything that may use up the gas. */
  isFact?: true;
}

/** By key; undefined under a key whose row was left no gas by others, or was not asked. */
export type Answers = ReadonlyMap<string, Tried | undefined>;

/** Everything that is to be known at once: what several ask for alike is asked once. */
export interface Script {
  questions: Question[];
  /** Of each question's rows. */
  keys: string[][];
}

export function scriptOf(asked: readonly Asked[], pretend: readonly Pretence[]): Script {
  const each = [...new Map(asked.map((one) => [one.key, one])).values()];
  const parts = (["state", "pretence", "impersonation"] as const)
    .map((on) => ({ on, rows: each.filter((one) => one.on === on).sort(factsFirst) }))
    .filter(({ rows }) => rows.length > 0);
  return {
    questions: parts.map(({ on, rows }) => ({
      rows: rows.map((one) => one.row),
      ...(on === "pretence" ? { pretend } : {}),
    })),
    keys: parts.map(({ rows }) => rows.map((one) => one.key)),
  };
}

const factsFirst = (a: Asked, b: Asked) => Number(b.isFact ?? false) - Number(a.isFact ?? false);

/** `outcomes`: of each question's rows. */
export function answersTo({ keys }: Script, outcomes: readonly (readonly (Tried | undefined)[])[]): Answers {
  return new Map(keys.flatMap((part, index) => part.map((key, nth) => [key, outcomes[index]?.[nth]] as const)));
}
