/** What the service sends, read as strangers' text: each row by itself, so that one nobody can read hides no other. */

import { z } from "zod";
import { address, bytes, bytes32, type Hex, uint, zeroAddress } from "../domain/primitives.ts";
import { type SafeTx, safeTxHashes } from "../domain/safe-tx.ts";
import type { ServiceTransaction } from "../safe-service-port.ts";

const orZero = address.nullish().transform((one) => one ?? zeroAddress);

/** `signature` is null where an owner approved the hash on-chain. */
const confirmation = z.object({ owner: address, signature: bytes.refine((one) => one.length <= 20_000) });

const row = z.object({
  safe: address,
  to: address,
  value: uint,
  data: bytes.nullish().transform((one): Hex => one ?? "0x"),
  operation: z.union([z.literal(0), z.literal(1)]),
  safeTxGas: uint,
  baseGas: uint,
  gasPrice: uint,
  gasToken: orZero,
  refundReceiver: orZero,
  nonce: uint,
  safeTxHash: bytes32,
  confirmations: z
    .array(z.unknown())
    .max(200)
    .nullish()
    .transform((all) => (all ?? []).flatMap((one) => confirmation.safeParse(one).data ?? [])),
});

export const pageSize = 100;

const page = z.object({
  next: z.string().nullish(),
  results: z.array(z.unknown()).max(pageSize),
});

export interface Page {
  transactions: ServiceTransaction[];
  /** Rows of another Safe, or whose hash does not follow from their fields on this chain. */
  untrue: number;
  /** All rows, also those that are left out: where the next page starts. */
  rows: number;
  more: boolean;
}

/** Undefined where it is no page of a list at all. */
export function readPage(value: unknown, at: Pick<SafeTx, "chain" | "safe" | "safeVersion">): Page | undefined {
  const read = page.safeParse(value);
  if (!read.success) return undefined;
  const rows = read.data.results.flatMap((one) => row.safeParse(one).data ?? []);
  const transactions = rows.flatMap(({ confirmations, safeTxHash, ...fields }) => {
    const tx = { ...fields, chain: at.chain, safeVersion: at.safeVersion };
    return tx.safe === at.safe && safeTxHashes(tx).safeTxHash === safeTxHash ? [{ tx, safeTxHash, confirmations }] : [];
  });
  const more = typeof read.data.next === "string" && read.data.results.length > 0;
  return { transactions, untrue: rows.length - transactions.length, rows: read.data.results.length, more };
}
