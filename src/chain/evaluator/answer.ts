/** What the Evaluator answers, taken apart; see Evaluator.sol. */

import type { Verdict } from "../../domain/metrics.ts";
import type { Hex } from "../../domain/primitives.ts";

export interface Answer {
  /** Of the entries that it came to, in their order. */
  verdicts: Verdict[];
  /** By place among the entries that were asked, as the unsigned word. */
  values: [at: number, word: bigint][];
  /** Seconds. */
  timestamp: bigint;
  gas: bigint;
}

const codes: readonly Verdict[] = ["error", "pass", "fail", "inconclusive"];

/** Undefined where the bytes are no answer to a question about `asked` entries. */
export function answerIn(bytes: Hex, asked: number): Answer | undefined {
  const answer = Buffer.from(bytes.slice(2), "hex");
  if (answer.length < 32) return undefined;
  const [judged, told] = [answer.readUInt32BE(0), answer.readUInt32BE(4)];
  const words = Math.ceil(asked / 32);
  if (judged > asked || told > judged || answer.length !== 32 + words * 32 + told * 36) return undefined;
  const verdicts = new Array<Verdict>(judged).fill("error");
  for (let at = 0; at < judged; at += 1) verdicts[at] = codes[(answer[32 + at] ?? 0) & 3] ?? "error";
  const values = Array.from({ length: told }, (_none, nth): [number, bigint] => {
    const from = 32 + words * 32 + nth * 36;
    return [answer.readUInt32BE(from), BigInt(`0x${answer.toString("hex", from + 4, from + 36)}`)];
  });
  if (values.some(([at], nth) => at >= judged || at <= (values[nth - 1]?.[0] ?? -1))) return undefined;
  return { verdicts, values, timestamp: answer.readBigUInt64BE(8), gas: answer.readBigUInt64BE(16) };
}
