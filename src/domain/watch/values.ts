/** From what a chain answered to the one number a metric is judged by. Nothing usable is null, never zero. */

import { type Abi, decodeFunctionResult, encodeFunctionData, parseAbi } from "viem";
import { type Address, type Hex, zeroHash } from "../primitives.ts";
import type { Reading, Source } from "./sources.ts";

const balanceOf = "function balanceOf(address) view returns (uint256)";

/** The call that gives a reading; undefined for the chain's own coin and for storage, which no contract answers for. */
export function callOf(reading: Reading): { to: Address; data: Hex } | undefined {
  if (reading.kind === "call")
    return {
      to: reading.to,
      data: encodeFunctionData({ abi: parseAbi([reading.signature]) as Abi, args: reading.args }),
    };
  if (reading.kind === "balance" && reading.token !== undefined)
    return { to: reading.token, data: encodeFunctionData({ abi: parseAbi([balanceOf]), args: [reading.of] }) };
  return undefined;
}

/** The number in what a call or a slot gave: an integer, a bool as 0 or 1, an address or bytes as the number they are. */
export function readingValue(reading: Reading, answer: Hex | null): bigint | null {
  if (answer === null || answer === "0x") return null;
  switch (reading.kind) {
    case "slot":
      if (answer.length !== zeroHash.length) return null;
      return reading.signed ? BigInt.asIntN(256, BigInt(answer)) : BigInt(answer);
    case "balance":
      return reading.token === undefined ? BigInt(answer) : decoded(balanceOf, 0, answer);
    case "call":
      return decoded(reading.signature, reading.output ?? 0, answer);
  }
}

function decoded(signature: string, output: number, answer: Hex): bigint | null {
  try {
    const result: unknown = decodeFunctionResult({ abi: parseAbi([signature]) as Abi, data: answer });
    const one: unknown = Array.isArray(result) ? result[output] : result;
    if (typeof one === "boolean") return one ? 1n : 0n;
    return typeof one === "bigint" || typeof one === "number" || typeof one === "string" ? BigInt(one) : null;
  } catch {
    return null;
  }
}

/** Of the readings in the order of `readingsOf`; `time` is the block's timestamp, seconds. */
export function combined(read: Source, values: readonly (bigint | null)[], time: bigint): bigint | null {
  const [first = null, second = null] = values;
  if (first === null) return null;
  switch (read.kind) {
    case "call":
    case "balance":
    case "slot":
      return first;
    case "ratioBps":
      return second === null || second === 0n ? null : (first * 10_000n) / second;
    case "difference":
      return second === null ? null : first - second;
    case "age":
      return time - first;
    case "addressIs":
      return BigInt.asUintN(160, first) === BigInt(read.equals) ? 1n : 0n;
    case "codeHash":
    case "event":
    case "http":
      return null;
  }
}
