/** What a metric reads, as reads of one word each and arithmetic over them: exact, and the same wherever it is worked out. */

import { type AbiFunction, type AbiParameter, parseAbi } from "viem";
import type { Metric } from "../metrics.ts";
import type { Address, Hex } from "../primitives.ts";
import { isYesOrNo, type Reading, type Source } from "./sources.ts";
import { callOf } from "./values.ts";

/** How a word is read: an answer that is no such value is no answer, as Solidity's own decoder has it. */
export type WordType =
  | { kind: "bool" }
  /** `bytes` 1 to 32; an address has 20. */
  | { kind: "uint" | "int"; bytes: number }
  /** bytes1 to bytes31, as the number they are. */
  | { kind: "bytes"; bytes: number };

/** 256 bits: signed ones are two's complement. What does not fit is no value. */
export type Expression =
  /** A word of what a call answers, counted from 0; an answer of fewer than `words` is none. */
  | { kind: "call"; to: Address; data: Hex; word: number; words: number; type: WordType }
  | { kind: "slot"; account: Address; slot: Hex; type: WordType }
  /** Wei. */
  | { kind: "balance"; account: Address }
  /** EXTCODEHASH (EIP-1052). */
  | { kind: "codeHash"; account: Address }
  /** The block's timestamp, seconds. */
  | { kind: "time" }
  | { kind: "constant"; value: bigint }
  /** a - b, signed. */
  | { kind: "difference"; a: Expression; b: Expression }
  /** a * 10,000 / b, towards zero; a * 10,000 must fit as well. */
  | { kind: "ratioBps"; a: Expression; b: Expression }
  /** 1 where the lowest `bytes` are the same, else 0. */
  | { kind: "equals"; a: Expression; b: Expression; bytes: number };

/** Why a source is no expression: it is judged outside of the call, or it cannot be judged. A clause for people. */
export class NoExpression extends Error {
  override readonly name = "NoExpression";
}

/** Throws {@link NoExpression}. */
export function expressionOf({ read, valueType }: Pick<Metric, "read" | "valueType">): Expression {
  const value = ofSource(read);
  if (valueType !== "bool" || isYesOrNo(read)) return value;
  if ((value.kind === "call" || value.kind === "slot") && value.type.kind !== "bytes")
    return { ...value, type: { kind: "bool" } };
  throw new NoExpression("only an integer that is read as it stands can be a bool");
}

function ofSource(read: Source): Expression {
  switch (read.kind) {
    case "call":
    case "balance":
    case "slot":
      return ofReading(read);
    case "ratioBps":
      return { kind: "ratioBps", a: ofReading(read.numerator), b: ofReading(read.denominator) };
    case "difference":
      return { kind: "difference", a: ofReading(read.a), b: ofReading(read.b) };
    case "age":
      return { kind: "difference", a: { kind: "time" }, b: ofReading(read.of) };
    case "addressIs":
      return { kind: "equals", a: ofReading(read.of), b: constant(read.equals), bytes: 20 };
    case "codeHash": {
      const { account, equals } = read;
      return { kind: "equals", a: { kind: "codeHash", account }, b: constant(equals), bytes: 32 };
    }
    case "event":
      throw new NoExpression("events are in the logs, where no call can see them");
    case "http":
      throw new NoExpression("another server than a node is asked");
  }
}

/** Whether its value may be negative. */
export function isSigned(one: Expression): boolean {
  switch (one.kind) {
    case "call":
    case "slot":
      return one.type.kind === "int";
    case "difference":
      return true;
    case "ratioBps":
      return isSigned(one.a) || isSigned(one.b);
    case "balance":
    case "codeHash":
    case "time":
    case "constant":
    case "equals":
      return false;
  }
}

const constant = (hex: Hex): Expression => ({ kind: "constant", value: BigInt(hex) });

function ofReading(reading: Reading): Expression {
  switch (reading.kind) {
    case "slot": {
      const { account, slot, signed = false } = reading;
      return { kind: "slot", account, slot, type: { kind: signed ? "int" : "uint", bytes: 32 } };
    }
    case "balance": {
      const call = callOf(reading);
      if (call === undefined) return { kind: "balance", account: reading.of };
      return { kind: "call", ...call, word: 0, words: 1, type: { kind: "uint", bytes: 32 } };
    }
    case "call":
      return ofCall(reading);
  }
}

function ofCall(reading: Extract<Reading, { kind: "call" }>): Expression {
  const { outputs } = viewOf(reading.signature);
  const at = reading.output ?? 0;
  const type = wordType(outputs[at]?.type ?? "");
  if (type === undefined)
    throw new NoExpression(`what ${reading.signature} returns is no integer, bool, address or bytes of fixed size`);
  try {
    const call = callOf(reading);
    if (call !== undefined)
      return { kind: "call", ...call, word: headWords(outputs.slice(0, at)), words: headWords(outputs), type };
  } catch {
    // Said below: the encoder's own words name its insides.
  }
  throw new NoExpression(`${reading.signature} does not take the arguments that are given`);
}

function viewOf(signature: string): AbiFunction {
  try {
    const [item] = parseAbi([signature]) as readonly unknown[] as readonly [AbiFunction];
    if (item.type === "function") return item;
  } catch {
    // Said below, as well.
  }
  throw new NoExpression(`${signature} is no function in Solidity's words`);
}

function wordType(type: string): WordType | undefined {
  if (type === "bool") return { kind: "bool" };
  if (type === "address") return { kind: "uint", bytes: 20 };
  const [, kind = "", size = ""] = /^(u?int|bytes)([0-9]+)$/.exec(type) ?? [];
  if (kind === "bytes") return size === "32" ? { kind: "uint", bytes: 32 } : { kind, bytes: Number(size) };
  return kind === "uint" || kind === "int" ? { kind, bytes: Number(size) / 8 } : undefined;
}

/** Words before the variable part: what has no fixed size has its place there (Solidity's ABI, "head"). */
function headWords(parameters: readonly AbiParameter[]): number {
  return parameters.reduce((sum, one) => sum + (isVariable(one) ? 1 : fixedWords(one)), 0);
}

const components = (one: AbiParameter): readonly AbiParameter[] => ("components" in one ? one.components : []);

function isVariable(one: AbiParameter): boolean {
  return /^(bytes|string)(\[|$)|\[\]/.test(one.type) || components(one).some(isVariable);
}

function fixedWords(one: AbiParameter): number {
  const lengths = [...one.type.matchAll(/\[([0-9]+)\]/g)].map(([, length]) => Number(length));
  const each = one.type.startsWith("tuple") ? headWords(components(one)) : 1;
  return lengths.reduce((product, length) => product * length, each);
}
