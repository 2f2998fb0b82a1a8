/** Runtime code as bytes: what of it is code, what is the compiler's note behind it, and whether it is code at all. */

import { hexToBytes } from "viem";
import { type Address, address, type Hex } from "./primitives.ts";

/** The compiler's note at the end of the code: a CBOR map and its length in two bytes (Solidity metadata, contract metadata spec). */
export interface CodeParts {
  /** Length of what runs. */
  body: number;
  /** Keys of the CBOR map, such as "ipfs" and "solc"; empty where there is no note. */
  metadata: string[];
}

const metadataKeys = ["ipfs", "bzzr0", "bzzr1", "solc", "experimental"];

/** A tail counts as a note only if it is one to the last byte and has none but the compiler's keys: the rest is code. */
export function codeParts(code: Uint8Array): CodeParts {
  const none = { body: code.length, metadata: [] };
  const length = ((code.at(-2) ?? 0) << 8) | (code.at(-1) ?? 0);
  const start = code.length - 2 - length;
  if (code.length < 4 || start < 0) return none;
  const keys = cborKeys(code.subarray(start, code.length - 2));
  return keys?.length && keys.every((key) => metadataKeys.includes(key)) ? { body: start, metadata: keys } : none;
}

/** Keys of a CBOR map of short byte strings, texts and booleans; undefined for anything else. */
function cborKeys(bytes: Uint8Array): string[] | undefined {
  const head = bytes[0] ?? 0;
  if (head < 0xa1 || head > 0xa5) return undefined;
  const keys: string[] = [];
  let at = 1;
  const item = (): Uint8Array | undefined => {
    const first = bytes[at] ?? 0;
    if (first === 0xf4 || first === 0xf5) {
      at += 1;
      return new Uint8Array();
    }
    const major = first >> 5;
    const short = first & 0x1f;
    if ((major !== 2 && major !== 3) || short > 24) return undefined;
    const length = short === 24 ? (bytes[at + 1] ?? 0) : short;
    at += (short === 24 ? 2 : 1) + length;
    return at > bytes.length ? undefined : bytes.subarray(at - length, at);
  };
  for (let index = 0; index < (head & 0x1f); index++) {
    const key = item();
    const value = key === undefined ? undefined : item();
    if (key === undefined || value === undefined) return undefined;
    keys.push(new TextDecoder().decode(key));
  }
  return at === bytes.length ? keys : undefined;
}

/** Where an EIP-7702 designator points: such an account's code is whatever its key holder says next. */
export function delegateOf(code: Hex): Address | undefined {
  return /^0xef0100[0-9a-f]{40}$/.test(code) ? address.parse(`0x${code.slice(8)}`) : undefined;
}

/** The code with every occurrence of an address in it made zero: contracts that carry their own address then compare. */
export function withoutAddress(code: Hex, own: Address): Hex {
  return code.replaceAll(own.slice(2).toLowerCase(), "0".repeat(40)) as Hex;
}

export function bytesOf(code: Hex): Uint8Array {
  return hexToBytes(code);
}
