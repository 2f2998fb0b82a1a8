/** Whether code on a chain is what a compiler made: the same bytes but for the places the compiler itself left open. */

import { bytesToHex, getAddress } from "viem";
import { bytesOf, codeParts } from "./bytecode.ts";
import type { Address, Hex } from "./primitives.ts";

/** Bytes from the start of the code. */
export interface CodeRange {
  start: number;
  length: number;
}

export interface Immutable {
  /** The variable's name; "immutable 42", by its number in the syntax tree, where the build has no names. */
  name: string;
  /** Its Solidity type, such as "address" or "contract IERC20"; empty where the build does not say. */
  type: string;
  ranges: CodeRange[];
}

export interface LibraryLink {
  /** `File.sol:Library`. */
  library: string;
  ranges: CodeRange[];
}

/** Runtime code as the compiler gave it, zeros where immutables and libraries go. */
export interface BuiltCode {
  runtime: Hex;
  immutables: Immutable[];
  links: LibraryLink[];
}

export type CodeComparison =
  | {
      equal: true;
      /** The code runs alike; only the compiler's note about its sources is another. */
      metadataDiffers: boolean;
      /** Values in the deployed code, 32 bytes each. */
      immutables: { name: string; type: string; value: Hex }[];
      libraries: { library: string; address: Address }[];
    }
  | { equal: false; reason: string; range: CodeRange; deployed: Hex; built: Hex; differing: number };

/** Compares byte by byte outside of immutables, links and metadata; the values inside are handed back to be judged. */
export function compareCode(deployed: Hex, built: BuiltCode): CodeComparison {
  const there = bytesOf(deployed);
  const wanted = bytesOf(built.runtime);
  const [partsThere, partsWanted] = [codeParts(there), codeParts(wanted)];
  const open = openPlaces(built, wanted);
  const differing = [...differences(there, wanted, partsThere.body, partsWanted.body, open)];
  const [first] = differing;
  if (first !== undefined || partsThere.body !== partsWanted.body)
    return unequal("the code is another", there, wanted, differing, Math.min(partsThere.body, partsWanted.body));
  const tail = (code: Uint8Array, from: number) => hexOf(code.subarray(from));
  const inside = notes(wanted).some((range) => cut(there, range) !== cut(wanted, range));
  const immutables = built.immutables.map(({ name, type, ranges }) => ({
    name,
    type,
    values: valuesAt(there, ranges),
  }));
  const torn = immutables.find((one) => one.values.length !== 1);
  if (torn !== undefined) {
    const [, second] = built.immutables.find((one) => one.name === torn.name)?.ranges ?? [];
    const at = second?.start ?? 0;
    return unequal(`the immutable ${torn.name} has different values in different places`, there, wanted, [at], at);
  }
  const libraries = built.links.map(({ library, ranges }) => ({ library, values: valuesAt(there, ranges) }));
  const tornLink = libraries.find((one) => one.values.length !== 1);
  if (tornLink !== undefined)
    return unequal(`the library ${tornLink.library} is linked at different addresses`, there, wanted, [0], 0);
  return {
    equal: true,
    metadataDiffers: inside || tail(there, partsThere.body) !== tail(wanted, partsWanted.body),
    immutables: immutables.map(({ name, type, values }) => ({ name, type, value: values[0] ?? "0x" })),
    libraries: libraries.map(({ library, values }) => ({ library, address: getAddress(values[0] ?? "0x") })),
  };
}

/** A library's code starts by knowing its own address: PUSH20 of zeros in the build, its address once it is deployed. */
export function libraryGuard(runtime: Hex): CodeRange[] {
  return runtime.startsWith(`0x73${"0".repeat(40)}3014`) ? [{ start: 1, length: 20 }] : [];
}

function openPlaces({ immutables, links, runtime }: BuiltCode, wanted: Uint8Array): Uint8Array {
  const open = new Uint8Array(wanted.length);
  const ranges = [...immutables, ...links].flatMap((one) => one.ranges);
  for (const { start, length } of [...ranges, ...libraryGuard(runtime), ...notes(wanted)])
    open.fill(1, start, start + length);
  return open;
}

/** Source hashes of contracts that this one carries to create them: "ipfs", a byte string of 34, and the hash. */
function notes(code: Uint8Array): CodeRange[] {
  const mark = [0x64, 0x69, 0x70, 0x66, 0x73, 0x58, 0x22];
  const found: CodeRange[] = [];
  for (let at = code.indexOf(0x64); at >= 0; at = code.indexOf(0x64, at + 1))
    if (mark.every((byte, index) => code[at + index] === byte)) found.push({ start: at + mark.length, length: 34 });
  return found;
}

function* differences(there: Uint8Array, wanted: Uint8Array, a: number, b: number, open: Uint8Array) {
  for (let at = 0; at < Math.min(a, b); at++) if (open[at] !== 1 && there[at] !== wanted[at]) yield at;
}

function unequal(
  reason: string,
  there: Uint8Array,
  wanted: Uint8Array,
  differing: readonly number[],
  otherwise: number,
): CodeComparison {
  const start = differing[0] ?? otherwise;
  let length = 1;
  while (differing[length] === start + length && length < 64) length++;
  const range = { start, length };
  const lengths = Math.abs(there.length - wanted.length);
  return {
    equal: false,
    reason,
    range,
    deployed: cut(there, range),
    built: cut(wanted, range),
    differing: differing.length + lengths,
  };
}

/** The different values in these places. */
function valuesAt(code: Uint8Array, ranges: readonly CodeRange[]): Hex[] {
  return [...new Set(ranges.map((range) => cut(code, range)))];
}

function cut(code: Uint8Array, { start, length }: CodeRange): Hex {
  return hexOf(code.subarray(start, start + length));
}

function hexOf(bytes: Uint8Array): Hex {
  return bytesToHex(bytes);
}
