/** A judgement in the bytes that Evaluator.sol reads: its source says what each of them means. */

import { numberToHex, size } from "viem";
import type { Hex } from "../primitives.ts";
import { type Expression, isSigned, type WordType } from "./expression.ts";

/** A comparison whose limit is known: any of less 1, equal 2, greater 4. */
export interface Comparison {
  mask: number;
  limit: bigint;
}

/** Words that can wait on the Evaluator's stack. */
const deepest = 7;
/** Bytes of calldata that are sent as they are, two arguments; what is longer is packed, which costs the node time. */
const longestInPlace = 68;
/** Bytes of calldata that the Evaluator has room for when they were packed. */
const longestPacked = 8_192;

const flag = { signed: 0x80, secondLimit: 0x20, any: 0x01 } as const;
const codes = { pass: 1, fail: 2, inconclusive: 3, told: 4 } as const;

export interface EntryCode {
  code: Hex;
  /** Where the Evaluator's value is the one that is compared, and what it is compared with: the value is 1 or 0. */
  equals: bigint | undefined;
}

/** Throws a RangeError where an expression is nested deeper, or a call's data is longer, than the Evaluator takes. */
export function entryCode(value: Expression, pass: Comparison, fail: Comparison, isTold: boolean): EntryCode {
  const same = comparedPlainly(value);
  if (same === undefined) return { code: generalCode(value, pass, fail, isTold), equals: undefined };
  const [no, yes] = [verdictAt(pass, fail, 0n), verdictAt(pass, fail, 1n)];
  return { code: plainCode(same.read, [no, yes, no], same.equals, isTold), equals: same.equals };
}

/** An equality of one plain read with a constant: a comparison with it says the same, and takes the node less time. */
function comparedPlainly(one: Expression): { read: PlainRead; equals: bigint } | undefined {
  if (one.kind !== "equals" || one.b.kind !== "constant" || one.b.value >= 1n << 248n) return undefined;
  const read = plainRead(one.a);
  const isWhole = one.a.kind === "call" && bitsOf(one.a.type) <= one.bytes * 8;
  return read === undefined || !isWhole ? undefined : { read, equals: one.b.value };
}

function plainCode({ bits, to, data }: PlainRead, verdicts: readonly number[], limit: bigint, isTold: boolean): Hex {
  const low = limitBytes(limit);
  const read = byte(bits - 1) + byte(256 - low.length * 4) + digits(to) + byte(size(data)) + digits(data);
  return framed(byte(0) + verdictBytes(verdicts, isTold) + read + low);
}

function generalCode(value: Expression, pass: Comparison, fail: Comparison, isTold: boolean): Hex {
  if (depth(value) > deepest) throw new RangeError("the value is made of too many values");
  const signed = isSigned(value);
  const { limits, verdicts } = verdictTable(inRange(pass, signed), inRange(fail, signed), signed);
  const [first = 0n, second] = limits;
  const plain = second === undefined && first < 1n << 248n ? plainRead(value) : undefined;
  if (plain !== undefined) return plainCode(plain, verdicts, first, isTold);
  const flags = flag.any | (signed ? flag.signed : 0) | (second === undefined ? 0 : flag.secondLimit);
  const lows = [limitBytes(first), second === undefined ? "" : limitBytes(second)];
  const shifts = lows.map((low) => byte((256 - low.length * 4) & 0xff)).join("");
  const begin = byte(11 + lows.join("").length / 2);
  return framed(byte(flags) + verdictBytes(verdicts, isTold, 5) + begin + shifts + lows.join("") + operations(value));
}

const framed = (body: string): Hex => `0x${twoBytes(body.length / 2 + 2)}${body}`;

/** What fails is told always. */
function verdictBytes(verdicts: readonly number[], isTold: boolean, count = verdicts.length): string {
  const all = verdicts.map((code) => byte(code | (isTold || code === codes.fail ? codes.told : 0))).join("");
  return all.padEnd(count * 2, "0");
}

/** One read of one unsigned integer and nothing else. */
interface PlainRead {
  bits: number;
  to: Hex;
  data: Hex;
}

function plainRead(one: Expression): PlainRead | undefined {
  if (one.kind !== "call" && one.kind !== "slot") return undefined;
  const [to, data, words] = one.kind === "call" ? [one.to, one.data, one.words] : [one.account, one.slot, 1];
  const isUnsigned = one.type.kind === "uint" || one.type.kind === "bool";
  if (!isUnsigned || words !== 1 || size(data) > longestInPlace) return undefined;
  return { bits: bitsOf(one.type), to, data };
}

function verdictAt(pass: Comparison, fail: Comparison, value: bigint): number {
  const isMet = ({ mask, limit }: Comparison) => (mask & (value < limit ? 1 : value === limit ? 2 : 4)) !== 0;
  return isMet(fail) ? codes.fail : isMet(pass) ? codes.pass : codes.inconclusive;
}

/** A limit that no value of the kind can reach makes the comparison hold always or never. */
function inRange({ mask, limit }: Comparison, signed: boolean): Comparison {
  const [least, most] = signed ? [-(1n << 255n), (1n << 255n) - 1n] : [0n, (1n << 256n) - 1n];
  if (limit >= least && limit <= most) return { mask, limit };
  const reached = limit > most ? 1 : 4;
  return { mask: (mask & reached) === 0 ? 0 : 7, limit: 0n };
}

/** The limits in order, and a verdict for below, at, between and above them. `fail` wins. */
function verdictTable(pass: Comparison, fail: Comparison, signed: boolean): { limits: bigint[]; verdicts: number[] } {
  const compared = [pass, fail].filter(({ mask }) => mask !== 0 && mask !== 7).map(({ limit }) => limit);
  const limits = [...new Set(compared)].sort((a, b) => (a < b ? -1 : 1));
  if (limits.length === 0) limits.push(0n);
  const isMet = ({ mask, limit }: Comparison, region: number) => {
    if (mask === 0 || mask === 7) return mask === 7;
    const own = limits.indexOf(limit) * 2 + 1;
    return (mask & (region < own ? 1 : region === own ? 2 : 4)) !== 0;
  };
  const verdict = (region: number) =>
    isMet(fail, region) ? codes.fail : isMet(pass, region) ? codes.pass : codes.inconclusive;
  const verdicts = Array.from({ length: limits.length * 2 + 1 }, (_none, region) => verdict(region));
  const [first, second] = limits;
  // No whole number is between two that follow each other, and none below zero: = 1 and = 0 are one limit.
  const [, atFirst = 0, , atSecond = 0, above = 0] = verdicts;
  if (first === 0n && second === 1n && !signed) return { limits: [second], verdicts: [atFirst, atSecond, above] };
  return { limits, verdicts };
}

function operations(one: Expression): string {
  const plain = plainRead(one);
  if (plain !== undefined)
    return byte(10) + byte(plain.bits - 1) + digits(plain.to) + byte(size(plain.data)) + digits(plain.data);
  switch (one.kind) {
    case "call":
      return readOperation(one.to, one.data, one.type, one.words === 1 ? undefined : [one.word, one.words]);
    case "slot":
      return readOperation(one.account, one.slot, one.type);
    case "balance":
      return byte(3) + digits(one.account);
    case "codeHash":
      return byte(4) + digits(one.account);
    case "time":
      return byte(5);
    case "constant":
      return byte(6) + byte(bare(one.value).length / 2) + bare(one.value);
    case "difference":
      return operations(one.a) + operations(one.b) + byte(7) + byte(signs(one));
    case "ratioBps":
      return operations(one.a) + operations(one.b) + byte(8) + byte(signs(one));
    case "equals":
      return operations(one.a) + operations(one.b) + byte(9) + byte(one.bytes);
  }
}

function readOperation(to: Hex, data: Hex, type: WordType, place?: readonly [word: number, words: number]): string {
  const isPacked = size(data) > longestInPlace;
  if (isPacked && size(data) > longestPacked) throw new RangeError("the call's data is too long");
  const flags = (type.kind === "int" ? 0x80 : type.kind === "bytes" ? 0x20 : 0) | (place === undefined ? 0 : 0x40);
  const head = byte(isPacked ? 2 : 1) + byte(flags) + byte(bitsOf(type) - 1) + digits(to) + twoBytes(size(data));
  const which = place === undefined ? "" : byte(place[0]) + byte(place[1]);
  return head + (isPacked ? packed(digits(data)) : digits(data)) + which;
}

/** A selector and words, which the ABI's encoding consists of, each without leading zeros. */
function packed(data: string): string {
  const words = data.slice(8).match(/.{64}/g) ?? [];
  const short = words.map((word) => bare(BigInt(`0x${word}`)));
  return data.slice(0, 8) + short.map((word) => byte(word.length / 2) + word).join("");
}

const bitsOf = (type: WordType) => (type.kind === "bool" ? 1 : type.bytes * 8);

function depth(one: Expression): number {
  return "a" in one ? Math.max(depth(one.a), 1 + depth(one.b)) : 1;
}

const signs = ({ a, b }: { a: Expression; b: Expression }) => (isSigned(a) ? 2 : 0) | (isSigned(b) ? 1 : 0);
const digits = (hex: Hex) => hex.slice(2).toLowerCase();

/** A byte at least: its place follows from its length, which a byte holds as 256 - 8n. */
const limitBytes = (limit: bigint) => bare(limit) || "00";

/** Big-endian without leading zeros, nothing for zero; two's complement. */
function bare(value: bigint): string {
  if (value === 0n) return "";
  const hex = digits(numberToHex(BigInt.asUintN(256, value)));
  return hex.length % 2 === 0 ? hex : `0${hex}`;
}

function byte(value: number): string {
  if (value > 0xff) throw new RangeError("the answer has too many words");
  return value.toString(16).padStart(2, "0");
}

/** Less their highest bit, by which the Evaluator tells an entry with a shape from one that begins with its length. */
function twoBytes(value: number): string {
  if (value > 0x7fff) throw new RangeError("the call is too long");
  return value.toString(16).padStart(4, "0");
}
