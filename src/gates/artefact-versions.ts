/** What both implementations say their version is, where they have a `version()` or `VERSION()`. */

import { decodeFunctionResult, encodeFunctionData, parseAbi } from "viem";
import type { Hex } from "../domain/primitives.ts";
import type { GateInput } from "./gate.ts";
import type { NewCode } from "./new-code.ts";

const abi = parseAbi(["function version() view returns (string)", "function VERSION() view returns (string)"]);
const names = ["version", "VERSION"] as const;

export async function versionsOf({ chain, from, to }: NewCode, { chains }: GateInput) {
  if (from === undefined) return { now: undefined, next: undefined };
  const at = chains.get(chain);
  const calls = [from, to].flatMap((account) =>
    names.map((functionName) => ({ to: account, data: encodeFunctionData({ abi, functionName }) })),
  );
  const answers = await at.callMany(calls, { blockHash: (await at.head()).hash });
  const [now, next] = [answers.slice(0, 2), answers.slice(2)].map((pair) =>
    pair.map((answer, index) => said(answer, names[index] ?? "version")).find((one) => one !== undefined),
  );
  return { now, next };
}

/** "1.2.3"; undefined for anything else. */
function said(answer: Hex | null | undefined, functionName: (typeof names)[number]): string | undefined {
  if (!answer || answer === "0x") return undefined;
  try {
    const text = decodeFunctionResult({ abi, functionName, data: answer });
    return /^v?\d{1,6}\.\d{1,6}(\.\d{1,6})?$/.test(text) ? text.replace(/^v/, "") : undefined;
  } catch {
    return undefined;
  }
}
