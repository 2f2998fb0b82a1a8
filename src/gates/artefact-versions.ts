/** What both implementations say their version is, where they have a `version()` or `VERSION()`. */

import { decodeFunctionResult, encodeFunctionData, parseAbi } from "viem";
import type { Address, Hex } from "../domain/primitives.ts";
import type { GateInput } from "./gate.ts";
import type { NewCode } from "./new-code.ts";

const abi = parseAbi(["function version() view returns (string)", "function VERSION() view returns (string)"]);
const names = ["version", "VERSION"] as const;

export interface Versions {
  now: string | undefined;
  next: string | undefined;
}

/** Two requests a chain. */
export async function versionsOf(
  changes: readonly NewCode[],
  { chains }: GateInput,
): Promise<ReadonlyMap<NewCode, Versions>> {
  const found = new Map<NewCode, Versions>();
  for (const id of new Set(changes.map((one) => one.chain))) {
    const at = chains.get(id);
    const own = changes.filter((one) => one.chain === id && one.from !== undefined);
    const calls = own.flatMap(({ from, to }) => [...asked(from ?? to), ...asked(to)]);
    const answers = calls.length === 0 ? [] : await at.callMany(calls, { blockHash: (await at.head()).hash });
    for (const [index, change] of own.entries()) {
      const [now, next] = [answers.slice(index * 4, index * 4 + 2), answers.slice(index * 4 + 2, index * 4 + 4)];
      found.set(change, { now: first(now), next: first(next) });
    }
  }
  return found;
}

function asked(account: Address) {
  return names.map((functionName) => ({ to: account, data: encodeFunctionData({ abi, functionName }) }));
}

function first(answers: readonly (Hex | null)[]): string | undefined {
  return answers.map((answer, index) => said(answer, names[index] ?? "version")).find((one) => one !== undefined);
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
