/** One instruction of a walk through code: what it does to the values followed, and what it uses that tells something. */

import { arityOf, environment, opcode, powerful } from "./opcodes.ts";
import type { Hex } from "./primitives.ts";

/**
 * Whom a DELEGATECALL runs: an address in the code; the contract's own code; an address read from a slot (as proxies do);
 * or whatever the caller or the storage says.
 */
export type DelegateTarget = `constant ${string}` | `slot ${string}` | "itself" | "variable" | "";

export interface CodeUse {
  /** SELFDESTRUCT, DELEGATECALL, COINBASE …; "GAS" only where the gas left is looked at and not just passed on. */
  op: string;
  /** The function from which it is reached; empty for what every call goes through, and for the fallback. */
  selector: Hex | "";
  target: DelegateTarget;
  /** Byte in the code. */
  at: number;
}

/**
 * Values on the stack: `#hex` a constant; "sel" the calldata's selector, "sig" the same
 * as `msg.sig` has it, in the high bytes; "data0" the word it is in; "=0x…" and "!0x…" a
 * comparison with it; "ok:12" and "failed:12" whether the call at byte 12 went through; "this"; "gas"; "slot:#hex" what a
 * constant slot holds; "?" anything else.
 */
export interface Step {
  at: number;
  op: number;
  /** Of a PUSH, as `#hex` without leading zeros. */
  value: string | undefined;
  stack: string[];
  selector: Hex | "";
}

export interface ReadCode {
  /** One a byte; only those at instruction starts are ever asked for. */
  ops: Uint8Array;
  values: Map<number, string>;
  /** JUMPDESTs by the constant that names them. */
  jumpTargets: Map<string, number>;
  known(op: number): boolean;
  /** Bytes of immediate data. */
  width(op: number): number;
}

const isPush = (op: number) => op >= opcode.push0 && op <= opcode.push32;
const width = (op: number) => (isPush(op) ? op - opcode.push0 : 0);

/** Instructions from the first byte on, with the data of each PUSH skipped, as the EVM itself finds jump targets. */
export function readCode(code: Uint8Array): ReadCode {
  const values = new Map<number, string>();
  const jumpTargets = new Map<string, number>();
  for (let at = 0; at < code.length; ) {
    const op = code[at] ?? 0;
    if (op === opcode.jumpDest) jumpTargets.set(`#${at.toString(16)}`, at);
    if (isPush(op)) {
      let text = "";
      for (const byte of code.subarray(at + 1, at + 1 + width(op))) text += byte.toString(16).padStart(2, "0");
      values.set(at, `#${text.replace(/^0+/, "") || "0"}`);
    }
    at += 1 + width(op);
  }
  const known = (op: number) => arityOf[op] !== undefined || isPush(op) || (op >= 0x80 && op <= 0x9f);
  return { ops: code, values, jumpTargets, known, width };
}

/** Changes the stack as the instruction does, and gives what it uses. Jumps are the walk's own. */
export function step({ at, op, value, stack, selector }: Step): CodeUse[] {
  if (isPush(op)) {
    stack.push(value ?? "#0");
    return [];
  }
  if (op >= 0x80 && op <= 0x8f) {
    stack.push(stack.at(-(op - 0x7f)) ?? "?");
    return [];
  }
  if (op >= 0x90 && op <= 0x9f) {
    swap(stack, op - 0x8f);
    return [];
  }
  const arity = op === opcode.selfDestruct ? { takes: 1, gives: 0 } : arityOf[op];
  if (arity === undefined) return [];
  const taken: string[] = [];
  for (let index = 0; index < arity.takes; index++) taken.push(stack.pop() ?? "?");
  if (arity.gives === 1) stack.push(calls.includes(op) ? `ok:${at}` : result(op, taken));
  const name = powerful.get(op) ?? environment.get(op);
  const uses: CodeUse[] = [];
  if (name !== undefined)
    uses.push({ op: name, selector, target: op === opcode.delegateCall ? targetOf(taken[1] ?? "?") : "", at });
  if (taken.includes("gas") && !passesGasOn(op, taken)) uses.push({ op: "GAS", selector, target: "", at });
  return uses;
}

function swap(stack: string[], depth: number): void {
  while (stack.length <= depth) stack.unshift("?");
  const top = stack.length - 1;
  const other = stack[top - depth] ?? "?";
  stack[top - depth] = stack[top] ?? "?";
  stack[top] = other;
}

const calls: readonly number[] = [opcode.call, opcode.callCode, opcode.delegateCall, opcode.staticCall];

function passesGasOn(op: number, taken: readonly string[]): boolean {
  return op === opcode.pop || (calls.includes(op) && !taken.slice(1).includes("gas"));
}

function targetOf(value: string): DelegateTarget {
  if (value === "this") return "itself";
  if (value.startsWith("slot:")) return `slot 0x${value.slice("slot:#".length).padStart(64, "0")}`;
  return value.startsWith("#") ? `constant 0x${value.slice(1).padStart(40, "0").slice(-40)}` : "variable";
}

const isConstant = (value: string) => value.startsWith("#");
const big = (value: string) => BigInt(`0x${value.slice(1)}`);
const wordMask = (1n << 256n) - 1n;
const negative = (value: string) => (isConstant(value) ? `#${(-big(value) & wordMask).toString(16)}` : value);
/** Small results are not followed: counters would make every round of a loop a path of its own. */
const followed = (value: bigint) => (value < 1n << 32n ? "?" : `#${value.toString(16)}`);

function result(op: number, [a = "?", b = "?"]: readonly string[]): string {
  switch (op) {
    case opcode.address:
      return "this";
    case opcode.gas:
      return "gas";
    case opcode.callDataLoad:
      return a === "#0" ? "data0" : "?";
    case opcode.sload:
      return isConstant(a) ? `slot:${a}` : "?";
    case opcode.shr:
      if (a === "#e0" && b === "data0") return "sel";
      return isConstant(a) && isConstant(b) ? followed(big(a) > 255n ? 0n : big(b) >> big(a)) : "?";
    case opcode.div:
      return a === "data0" && b === `#1${"0".repeat(56)}` ? "sel" : "?";
    case opcode.eq:
      return compared("=", a, b);
    case opcode.add: // solc turns x == c into x + (-c) at times
      return compared("!", negative(a), negative(b));
    case opcode.sub:
      return isConstant(a) && isConstant(b) ? followed((big(a) - big(b)) & wordMask) : compared("!", a, b);
    case opcode.xor:
      return compared("!", a, b);
    case opcode.isZero:
      return opposite(a);
    case opcode.and:
      return masked(a, b);
    case opcode.not:
      return isConstant(a) ? followed(big(a) ^ wordMask) : "?";
    case opcode.shl:
      return isConstant(a) && isConstant(b) && big(a) < 256n ? followed((big(b) << big(a)) & wordMask) : "?";
    default:
      return "?";
  }
}

function opposite(value: string): string {
  if (isConstant(value)) return value === "#0" ? "#1" : "#0";
  const opposites = { "=": "!", "!": "=" } as const;
  const sign = value[0];
  if (sign === "=" || sign === "!") return `${opposites[sign]}${value.slice(1)}`;
  if (value.startsWith("ok:")) return `failed:${value.slice(3)}`;
  return value.startsWith("failed:") ? `ok:${value.slice(7)}` : "?";
}

/**
 * The stack on one side of a condition, or undefined where that side cannot be: a constant decides, and after a call was
 * asked whether it went through, its copies on the stack are known. (A failed `try` leaves no return value to jump with.)
 */
export function assuming(stack: readonly string[], condition: string, holds: boolean): string[] | undefined {
  if (isConstant(condition)) return (condition !== "#0") === holds ? [...stack] : undefined;
  const call = /^(ok|failed):(\d+)$/.exec(condition);
  if (call === null) return [...stack];
  const [, side, at] = call;
  const wentThrough = (side === "ok") === holds;
  return stack.map((value) => {
    if (value === `ok:${at}`) return wentThrough ? "#1" : "#0";
    return value === `failed:${at}` ? (wentThrough ? "#0" : "#1") : value;
  });
}

function compared(sign: "=" | "!", a: string, b: string): string {
  const high = a === "sig" ? b : b === "sig" ? a : "?";
  if (isConstant(high) && high.length >= 58 && /0{56}$/.test(high))
    return `${sign}0x${high.slice(1, -56).padStart(8, "0")}`;
  const other = a === "sel" ? b : b === "sel" ? a : "?";
  return isConstant(other) && other.length <= 9 ? `${sign}0x${other.slice(1).padStart(8, "0")}` : "?";
}

/** Masks of addresses and selectors change nothing that is followed; two constants are anded, which cannot grow. */
function masked(a: string, b: string): string {
  if (isConstant(a) && isConstant(b)) return `#${(big(a) & big(b)).toString(16)}`;
  const [mask, value] = isConstant(a) ? [a, b] : [b, a];
  if (mask === `#${"f".repeat(8)}${"0".repeat(56)}` && value === "data0") return "sig";
  if (mask === `#${"f".repeat(8)}` && value === "sel") return value;
  return mask === `#${"f".repeat(40)}` ? value : "?";
}
