/** What `quorate hash` says of the calldata: one sentence a call, and how much of it could be read. */

import { utc } from "../ceremonies/cards/sentences.ts";
import { callSentences } from "../domain/call-sentences.ts";
import { allCalls, decodeCall, TooMuchToDecode } from "../domain/decode-calls.ts";
import type { SafeTx } from "../domain/safe-tx.ts";

const words = { nameOf: (address: string) => address, utc };

/** One line a call, the outermost first. */
export function saidOf(tx: SafeTx): string[] {
  return callSentences(tx, words);
}

export interface CallCount {
  /** Calls in all, the outermost included. */
  calls: number;
  /** Of functions that are not known here. */
  unknown: number;
  /** Whether the bytes of every known function are what its arguments encode to, and nothing besides. */
  canonical: boolean;
}

/** Undefined where there is more in it than anybody reads. */
export function countCalls({ safe, to, value, data, operation }: SafeTx): CallCount | undefined {
  try {
    const all = allCalls(decodeCall(safe, { to, value, data, operation }));
    return {
      calls: all.length,
      unknown: all.filter((one) => one.known === undefined && one.data !== "0x").length,
      canonical: all.every((one) => one.canonical),
    };
  } catch (fault) {
    if (fault instanceof TooMuchToDecode) return undefined;
    throw fault;
  }
}
