import { expect, test } from "vitest";
import { schedules } from "../../src/domain/ceremony.ts";
import type { Hex } from "../../src/domain/primitives.ts";
import { type SafeTx, safeTxHashes } from "../../src/domain/safe-tx.ts";
import { embeddedPeople } from "../../src/embedded/people.ts";
import { compare } from "../../src/safe-service/compare.ts";
import type { ServiceTransaction } from "../../src/safe-service-port.ts";
import { ceremonyAt } from "../support/given.ts";
import { signed } from "../support/safe-service/owner.ts";

const { state, policy } = ceremonyAt("approved");
const [tx] = schedules(state);
if (tx === undefined || state.review === undefined) throw new Error("The ceremony has no schedule.");
const ours = new Set([tx.safeTxHash]);

/** Dev and Eve sign with wallets of which there are keys; Dev's is an owner. */
const { dev, eve } = embeddedPeople;
const people = policy.people.map((one) => {
  if (one.id === "dev") return { ...one, wallets: [dev.address] };
  return one.id === "eve" ? { ...one, wallets: [eve.address] } : one;
});
const [, ...others] = state.review.safes[0]?.owners ?? [];
const safes = state.review.safes.map((one) => ({ ...one, owners: [dev.address, ...others] }));
const held = [{ state: { ...state, review: { ...state.review, safes } }, tx }];
const row = (other: SafeTx, confirmations: ServiceTransaction["confirmations"] = []): ServiceTransaction => ({
  tx: other,
  safeTxHash: safeTxHashes(other).safeTxHash,
  confirmations,
});
const compared = (rows: ServiceTransaction[], known: ReadonlySet<Hex> = ours) =>
  compare(rows, held, known, { ...policy, people });

test("a confirmation belongs to the wallet it is recovered to, whoever the service says it is of", async () => {
  const signature = await signed(dev, tx.safeTxHash);
  const { confirmations } = await compared([row(tx.tx, [{ owner: eve.address, signature }])]);
  expect(confirmations).toMatchObject([{ owner: dev.address, person: "dev", tx: { id: tx.id } }]);
});

test("none by a wallet that is no owner of the Safe, although it is somebody's in the council", async () => {
  const signature = await signed(eve, tx.safeTxHash);
  const found = await compared([row(tx.tx, [{ owner: dev.address, signature }])]);
  expect(found).toEqual({ confirmations: [], ignored: [], siblings: [] });
});

test("a transaction at another nonce is nobody's business", async () => {
  const later = { ...tx.tx, nonce: tx.tx.nonce + 100n };
  expect(await compared([row(later)])).toEqual({ confirmations: [], ignored: [], siblings: [] });
});

test("another one at ours is a sibling with the owners that really signed it; what any ceremony derived is none", async () => {
  const other = { ...tx.tx, gasPrice: 1n };
  const { safeTxHash } = safeTxHashes(other);
  const byDev = { owner: dev.address, signature: await signed(dev, safeTxHash) };
  const byStranger = { owner: dev.address, signature: await signed(eve, safeTxHash) };
  const rows = [row(other, [byDev, byDev, byStranger])];
  expect((await compared(rows)).siblings).toMatchObject([
    { ceremony: "UP-1", sibling: { tx: tx.id, safeTxHash, signatures: 1 } },
  ]);
  expect((await compared(rows, new Set([...ours, safeTxHash]))).siblings).toEqual([]);
});
