/** RFC 8785 canonical JSON, and hashes over it. */

import canonicalize from "canonicalize";
import { keccak256, stringToBytes } from "viem";
import type { Hex } from "./primitives.ts";

/** A value as JSON knows it: bigints become decimal strings, keys without a value disappear. */
export function toJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_key, item) => (typeof item === "bigint" ? item.toString() : item)));
}

/** As {@link toJson}, with U+FFFD for half a character, which people's texts may be cut off in and RFC 8785 refuses. */
export function toWellFormedJson(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(toJson(value), (_key, item) => (typeof item === "string" ? item.toWellFormed() : item)),
  );
}

/** RFC 8785 text of a value. Throws a TypeError for text that is no proper Unicode. Integers outside JSON's safe range must be bigint or string. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(toJson(value));
  if (text === undefined) throw new TypeError("There is no JSON form of an undefined value.");
  return text;
}

/** keccak256 over the UTF-8 bytes of the RFC 8785 text. */
export function canonicalHash(value: unknown): Hex {
  return keccak256(stringToBytes(canonicalJson(value)));
}
