/** Where a metric's value comes from: typed, so that what is read can be checked before anything hangs on it. */

import { z } from "zod";
import { address, bytes, bytes32, uint } from "../primitives.ts";

/** A whole number with a sign, or 32 bytes as a number; never a JSON number that has lost digits. */
export const int = z
  .union([
    z.bigint(),
    z.number().int(),
    z.string().regex(/^-?[0-9]{1,78}$/, "a whole number, in quotes where it is long"),
    z.string().regex(/^0x[0-9a-fA-F]{1,64}$/, "a number in hexadecimal digits, 64 at most"),
  ])
  .transform((value) => BigInt(value));

/** An argument: an address with its checksum, other bytes, a number, or true and false. */
export const argument = z.union([
  address,
  bytes.refine((text) => text.length !== 42, "the address has a wrong checksum: a character was mistyped"),
  z.boolean(),
  z.bigint(),
  z.number().int(),
  z
    .string()
    .regex(/^-?[0-9]{1,78}$/)
    .transform((text) => BigInt(text)),
]);
export type Argument = z.output<typeof argument>;

/** A view function: `function totalAssets() view returns (uint256)`. */
const call = z.strictObject({
  kind: z.literal("call"),
  to: address,
  signature: z.string().max(300),
  args: z.array(argument).default([]),
  /** Which of several values it returns, from 0: of `latestRoundData()` the fourth says when. */
  output: z.number().int().min(0).max(31).optional(),
});

/** What an account has: the chain's own coin, or a token's `balanceOf`. */
const balance = z.strictObject({ kind: z.literal("balance"), of: address, token: address.optional() });

/** A storage slot as a number; `signed` reads it as two's complement. */
const slot = z.strictObject({
  kind: z.literal("slot"),
  account: address,
  slot: bytes32,
  signed: z.boolean().optional(),
});

/** What one read of a chain gives: the leaves of every other source. */
export const reading = z.discriminatedUnion("kind", [call, balance, slot]);
export type Reading = z.output<typeof reading>;

const http = z
  .strictObject({
    kind: z.literal("http"),
    /** Of policy alone, never of a message. */
    url: z
      .string()
      .max(500)
      .regex(/^https?:\/\/[^\s#@\\]+$/, "it is an http address without a name, a password or a fragment"),
    /** RFC 6901, such as `/data/price`: where the value stands in the JSON that comes back. */
    pointer: z
      .string()
      .max(300)
      .regex(/^(\/([^~/]|~[01])*)*$/, "it is a JSON pointer, such as /data/price (RFC 6901)")
      .optional(),
    /** PromQL for a Prometheus server at `url`: one value must come back, and when it was taken comes with it. */
    query: z.string().min(1).max(1000).optional(),
    /** Decimals that are kept: with 4, 0.98 is 9800. */
    decimals: z.number().int().min(0).max(36).optional(),
  })
  .refine(({ pointer, query }) => (pointer === undefined) !== (query === undefined), "say either pointer or query");

const event = z.strictObject({
  kind: z.literal("event"),
  address,
  /** `event Paused(address account)`. */
  signature: z.string().max(300),
  /** The last so many blocks, the measured one among them. */
  within: uint.refine((value) => value >= 1n && value <= 100_000n, "it is between 1 and 100,000 blocks"),
  must: z.enum(["occur", "not occur"]),
});

export const source = z.discriminatedUnion("kind", [
  call,
  balance,
  slot,
  /** numerator * 10,000 / denominator, rounded towards zero; no value while the denominator is zero. */
  z.strictObject({ kind: z.literal("ratioBps"), numerator: reading, denominator: reading }),
  /** a - b. */
  z.strictObject({ kind: z.literal("difference"), a: reading, b: reading }),
  /** The block's timestamp minus the value read: the age of a price, in seconds. */
  z.strictObject({ kind: z.literal("age"), of: reading }),
  /** 1 while the lowest 20 bytes of what is read are this address, else 0. */
  z.strictObject({ kind: z.literal("addressIs"), of: reading, equals: address }),
  /** 1 while EXTCODEHASH of the account is this hash, else 0. */
  z.strictObject({ kind: z.literal("codeHash"), account: address, equals: bytes32 }),
  /** 1 while it is as it must be, else 0. */
  event,
  http,
]);
export type Source = z.output<typeof source>;
export type EventSource = z.output<typeof event>;
export type HttpSource = z.output<typeof http>;

/** The chain reads a source is made of, in the order in which their values are combined; none for code hashes, events and http. */
export function readingsOf(read: Source): Reading[] {
  switch (read.kind) {
    case "call":
    case "balance":
    case "slot":
      return [read];
    case "ratioBps":
      return [read.numerator, read.denominator];
    case "difference":
      return [read.a, read.b];
    case "age":
    case "addressIs":
      return [read.of];
    case "codeHash":
    case "event":
    case "http":
      return [];
  }
}

/** Whether an `eth_call` can answer it; logs and other servers are asked apart. */
export function isOfState(read: Source): boolean {
  return read.kind !== "event" && read.kind !== "http";
}

/** What a source that is either so or not so has to give: its metric passes at 1 and fails at 0. */
export function isYesOrNo(read: Source): boolean {
  return read.kind === "addressIs" || read.kind === "codeHash" || read.kind === "event";
}
