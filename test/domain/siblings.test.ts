import { expect, test } from "vitest";
import { schedules } from "../../src/domain/ceremony.ts";
import type { SafeTx } from "../../src/domain/safe-tx.ts";
import { safeTxHashes } from "../../src/domain/safe-tx.ts";
import { differences, openSiblings, type Sibling, siblingLimit } from "../../src/domain/siblings.ts";
import type { CeremonyTx } from "../../src/domain/transactions.ts";
import { ceremonyAt } from "../support/given.ts";
import { addressOf, hashOf, mainnet } from "../support/sample-council.ts";

const first = (state: ReturnType<typeof ceremonyAt>["state"]): CeremonyTx => {
  const [one] = schedules(state);
  if (one === undefined) throw new Error("The ceremony has no schedule.");
  return one;
};
const siblingOf = ({ id, tx }: CeremonyTx, other: SafeTx): Sibling => ({
  ...{ chain: tx.chain, safe: tx.safe, nonce: tx.nonce, tx: id },
  ...{ safeTxHash: safeTxHashes(other).safeTxHash, differs: differences(tx, other), signatures: 0 },
});

test("it is named by what differs in it", () => {
  const { tx } = first(ceremonyAt("signing").state);
  const elsewhere = addressOf("elsewhere");
  expect(differences(tx, { ...tx, to: elsewhere })).toEqual([`it calls ${elsewhere} instead of ${tx.to}`]);
  expect(differences(tx, { ...tx, value: 5n })).toEqual(["it sends 5 wei instead of 0"]);
  expect(differences(tx, { ...tx, data: "0xab" })).toEqual([
    expect.stringMatching(/^its data has the keccak256 0x.{64} instead of 0x/),
  ]);
  expect(differences(tx, { ...tx, operation: 1 })).toEqual(["it is a DELEGATECALL"]);
  expect(differences(tx, { ...tx, gasPrice: 1n, refundReceiver: elsewhere })).toEqual([
    'its gas fields were rewritten (gasPrice, refundReceiver), as Safe{Wallet} does for "pay from Safe"',
  ]);
  expect(differences(tx, { ...tx, to: tx.safe, data: "0x" })).toEqual([expect.stringMatching(/^it rejects the nonce/)]);
});

test("it is recorded once a hash, and not without end", () => {
  const it = ceremonyAt("signing");
  const ours = first(it.state);
  for (let time = 0; time < 2; time += 1)
    it.observe({ what: "sibling", ...siblingOf(ours, { ...ours.tx, value: 1n }) });
  expect(it.state.siblings).toHaveLength(1);
  for (let value = 2n; value < 40n; value += 1n)
    it.observe({ what: "sibling", ...siblingOf(ours, { ...ours.tx, value }) });
  expect(it.state.siblings).toHaveLength(siblingLimit);
});

test("what the ceremony derived itself is none: its own transactions, those of an earlier revision, its rejections", () => {
  const it = ceremonyAt("signing");
  const ours = first(it.state);
  it.observe({ what: "sibling", ...siblingOf(ours, ours.tx) });
  it.must(it.cancel("ada"));
  it.must(it.windDown());
  const rejection = it.state.windDown?.transactions.find((one) => one.purpose === "reject");
  if (rejection === undefined) throw new Error("Nothing is rejected.");
  it.observe({ what: "sibling", ...siblingOf(ours, rejection.tx) });
  expect(it.state.siblings).toEqual([]);
});

test("it is shown as long as the nonce is held", () => {
  const it = ceremonyAt("signing");
  const ours = first(it.state);
  it.observe({ what: "sibling", ...siblingOf(ours, { ...ours.tx, value: 1n }) });
  expect(openSiblings(it.state)).toHaveLength(1);
  it.observe({ what: "mined", tx: ours.id, hash: hashOf("mined"), block: it.block(mainnet) });
  expect(openSiblings(it.state)).toEqual([]);
});
