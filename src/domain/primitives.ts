/** The words every part shares: chain ids, addresses, hashes, integers, and their one spelling. */

import { type Address, getAddress, type Hex, isAddress } from "viem";
import { z } from "zod";

export type { Address, Hex };

/** CAIP-2 id of an EVM chain, such as `eip155:1` (https://chainagnostic.org/CAIPs/caip-2). */
export type ChainId = `eip155:${number}`;

export const chainId = z
  .string()
  .regex(/^eip155:[1-9][0-9]{0,17}$/, "a chain is written eip155:NUMBER, such as eip155:1")
  .transform((text) => text as ChainId);

/** The number inside a CAIP-2 id: `eip155:10` is 10n. */
export function chainNumber(id: ChainId): bigint {
  return BigInt(id.slice("eip155:".length));
}

/**
 * An address, kept in EIP-55 spelling. One case throughout is taken as unchecked; mixed case must carry a right
 * checksum (EIP-55), because a wrong one is a typing error.
 */
export const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, "an address is 0x and 40 hexadecimal digits")
  .refine(
    (text) => isAddress(text, { strict: hasBothCases(text) }),
    "the address has a wrong checksum: a character was mistyped",
  )
  .transform((text) => getAddress(text) as Address);

function hasBothCases(text: string): boolean {
  const digits = text.slice(2);
  return /[a-f]/.test(digits) && /[A-F]/.test(digits);
}

/** Bytes of any length, in lower case. */
export const bytes = z
  .string()
  .regex(/^0x([0-9a-fA-F]{2})*$/, "bytes are 0x and an even number of hexadecimal digits")
  .transform((text) => text.toLowerCase() as Hex);

/** 32 bytes, in lower case. */
export const bytes32 = z
  .string()
  .regex(/^0x[0-9a-fA-F]{64}$/, "a hash is 0x and 64 hexadecimal digits")
  .transform((text) => text.toLowerCase() as Hex);

/** An unsigned integer below 2^256, as bigint; written as a decimal string, a safe JSON number, or a bigint. */
export const uint = z
  .union([
    z.bigint(),
    z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER),
    z.string().regex(/^(0|[1-9][0-9]*)$/, "a whole number without sign or leading zeros"),
  ])
  .transform((value) => BigInt(value))
  .refine((value) => value >= 0n && value < 1n << 256n, "the number does not fit into 256 bits");

/** A short name for legs, phases, people, targets: it goes into URLs, buttons and log lines as it is. */
export const slug = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, "a name of lower-case letters, digits and hyphens, 40 at most");

export const zeroHash: Hex = `0x${"0".repeat(64)}`;
export const zeroAddress: Address = `0x${"0".repeat(40)}`;

/** keccak256 of no bytes: what EXTCODEHASH gives for an account that exists and has no code (EIP-1052). */
export const emptyCodeHash: Hex = "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470";
