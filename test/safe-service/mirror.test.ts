import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { allTransactions, isFullySigned, schedules, signaturesOf } from "../../src/domain/ceremony.ts";
import type { ChainId, Hex } from "../../src/domain/primitives.ts";
import { type SafeTx, safeTxHashes } from "../../src/domain/safe-tx.ts";
import type { CeremonyTx } from "../../src/domain/transactions.ts";
import { type EmbeddedAccount, embeddedPeople } from "../../src/embedded/people.ts";
import { startCouncil, type TestCouncil, walk, wholeText } from "../support/embedded.ts";
import { ethSigned, signed, withHighS } from "../support/safe-service/owner.ts";
import { policiesWith } from "../support/safe-service/policies.ts";
import { type LoopbackService, startLoopbackService } from "../support/safe-service/service.ts";

const chain: ChainId = "eip155:31337";
const { ada, caro, dev, eve, finn } = embeddedPeople;

let loopback: LoopbackService;
let council: TestCouncil;
let policies: string;

beforeAll(async () => {
  loopback = await startLoopbackService({
    chain,
    safe: async (address) => {
      const { owners, nonce, version } = await council.chains.get(chain).safe(address);
      return { owners, nonce, version };
    },
  });
  policies = await policiesWith(loopback.url);
  council = await startCouncil({ policies });
});
afterAll(async () => {
  await council?.stop();
  await loopback?.stop();
  await rm(dirname(policies), { recursive: true, force: true });
});

const patience = { timeout: 60_000 };
vi.setConfig({ testTimeout: 120_000 });

/** Time for the next look at every Safe, and the look. */
async function look(): Promise<void> {
  await council.advance(1_900n, 1);
  await council.quorate.safeMirror?.look();
  await council.quorate.settle();
}

async function post(path: string, body: Record<string, unknown>): Promise<number> {
  const headers = { "content-type": "application/json" };
  return (await fetch(`${loopback.url}${path}`, { method: "POST", headers, body: JSON.stringify(body) })).status;
}
const confirm = (hash: Hex, signature: Hex) => post(`/v1/multisig-transactions/${hash}/confirmations/`, { signature });

const stored = (hash: Hex) => {
  const found = loopback.transactions.find((one) => one.safeTxHash === hash);
  if (found === undefined) throw new Error(`The service has no ${hash}.`);
  return found;
};
const names = (hash: Hex) => stored(hash).confirmations.map((one) => one.owner);
/** The service lies: this confirmation is there, and no rule let it in. */
const plant = (tx: CeremonyTx, { address }: EmbeddedAccount, signature: Hex) =>
  stored(tx.safeTxHash).confirmations.push({ owner: address, signature, signatureType: "EOA" });

async function txs(): Promise<CeremonyTx[]> {
  return schedules(await council.state());
}
async function txAt(index: number): Promise<CeremonyTx> {
  const found = (await txs())[index];
  if (found === undefined) throw new Error(`There is no schedule ${index}.`);
  return found;
}
const signers = async (tx: CeremonyTx) => signaturesOf(await council.state(), tx.id).map((one) => one.person);
const refusals = async () => (await council.history()).filter((one) => one.type === "refused");

test("the first signature puts each schedule there, with the hash that was approved and whom it is for", async () => {
  await walk(council, "approved");
  await council.as("ben", "sign");
  const all = await txs();
  await vi.waitFor(() => expect(loopback.transactions).toHaveLength(all.length), patience);
  for (const tx of all) {
    expect(stored(tx.safeTxHash)).toMatchObject({ tx: tx.tx, proposer: embeddedPeople.ben.address });
    expect(JSON.parse(stored(tx.safeTxHash).origin)).toEqual({ name: `Quorate UP-1, revision 1: ${tx.id}` });
    expect(names(tx.safeTxHash)).toEqual([embeddedPeople.ben.address]);
  }
  expect(loopback.refused).toEqual([]);
});

test("a containment, which anyone who reads the public service could send, is not put there", async () => {
  // One of them is lost there: the next signature puts it back.
  loopback.transactions.shift();
  await council.as("caro", "sign");
  for (const { safeTxHash } of await txs())
    await vi.waitFor(() => expect(names(safeTxHash)).toContain(caro.address), patience);
  const contained = allTransactions(await council.state()).filter((one) => one.purpose === "containment");
  expect(contained.length).toBeGreaterThan(0);
  const there = loopback.transactions.map((one) => one.safeTxHash);
  expect(contained.filter((one) => there.includes(one.safeTxHash))).toEqual([]);
});

test("a confirmation that does not count changes nothing, whatever the service says", async () => {
  const tx = await txAt(0);
  const other = await txAt(1);
  const before = await signers(tx);
  // By the proposer, an owner: the service takes it.
  expect(await confirm(tx.safeTxHash, await signed(ada, tx.safeTxHash))).toBe(201);
  plant(tx, eve, await signed(eve, tx.safeTxHash));
  plant(tx, dev, await signed(dev, other.safeTxHash));
  plant(tx, finn, withHighS(await signed(finn, tx.safeTxHash)));
  expect(await confirm(other.safeTxHash, await ethSigned(finn, other.safeTxHash))).toBe(201);
  const shown = council.shown.length;
  for (let time = 0; time < 3; time += 1) await look();
  expect(await signers(tx)).toEqual(before);
  expect(await signers(other)).toEqual(before);
  // The proposer's is evidence, once.
  expect((await refusals()).map((one) => one.data)).toMatchObject([
    { code: "separation/proposer-signs", by: { person: "ada", account: `safe-service:${ada.address}` } },
  ]);
  // What an owner's wallet made of it is told once; a stranger's is nobody's business.
  const told = council.shown.slice(shown).filter((card) => card.status === "not counted");
  const sentences = told.map((card) => `${card.title} ${card.summary}`);
  expect(sentences).toHaveLength(2);
  expect(sentences).toContainEqual(expect.stringMatching(/for Finn does not count.*high s/));
  expect(sentences).toContainEqual(
    expect.stringMatching(/for Finn does not count.*eth_sign, which shows the signer nothing/),
  );
  loopback.transactions.forEach((one) => {
    one.confirmations = one.confirmations.filter(
      ({ owner }) => ![eve, dev, finn].some(({ address }) => address === owner),
    );
  });
});

test("another transaction at our nonce is an alarm, once, with what differs in it", async () => {
  const ours = await txAt(0);
  const rewritten: SafeTx = { ...ours.tx, baseGas: 60_000n, gasPrice: 1n, refundReceiver: finn.address };
  const { safeTxHash } = safeTxHashes(rewritten);
  const { chain: _chain, safe, safeVersion: _version, ...fields } = rewritten;
  const { value, safeTxGas, baseGas, gasPrice, nonce, ...rest } = fields;
  const amounts = Object.fromEntries(
    Object.entries({ value, safeTxGas, baseGas, gasPrice, nonce }).map(([name, amount]) => [name, `${amount}`]),
  );
  const signature = await signed(finn, safeTxHash);
  const body = { ...rest, ...amounts, contractTransactionHash: safeTxHash, sender: finn.address, signature };
  expect(await post(`/v2/safes/${safe}/multisig-transactions/`, body)).toBe(201);
  for (let time = 0; time < 3; time += 1) await look();
  const seen = (await council.history()).filter((one) => one.type === "siblingSeen");
  expect(seen.map((one) => one.data)).toMatchObject([{ safeTxHash, nonce: ours.tx.nonce, tx: ours.id, signatures: 1 }]);
  const card = council.cards.get(`UP-1/sibling/${safeTxHash}`);
  expect(card).toMatchObject({ urgent: true, mentions: council.policy.onCall.sev2 });
  expect(card?.title).toMatch(/^SEV2: another transaction waits at nonce/);
  const rewrites =
    /gas fields were rewritten \(baseGas, gasPrice, refundReceiver\).*1 owner had signed it\. Do not sign 0x/;
  expect(card?.summary).toMatch(rewrites);
  expect(wholeText(await council.ask("dev", "why"))).toMatch(rewrites);
  expect(wholeText(await council.card())).toMatch(rewrites);
});

test("an owner's confirmation in Safe{Wallet} counts as the person's signature, and moves the card", async () => {
  const all = (await txs()).slice(0, -1);
  for (const tx of all) expect(await confirm(tx.safeTxHash, await signed(dev, tx.safeTxHash))).toBe(201);
  await vi.waitFor(async () => {
    await look();
    const state = await council.state();
    expect(all.every((tx) => isFullySigned(state, tx))).toBe(true);
  }, patience);
  const bySafe = (await council.history()).filter(
    (one) => one.type === "signed" && one.data.by.account === `safe-service:${dev.address}`,
  );
  expect(bySafe).toHaveLength(all.length);
  expect(bySafe.every((one) => one.type === "signed" && one.data.by.person === "dev")).toBe(true);
  const { facts } = await council.card();
  const fully = facts.find((one) => one.label === "Fully signed")?.value;
  expect(fully).toMatch(new RegExp(`^${all.length} of `));
});

test("where a signer may look it up is in the private answer, one line a transaction", async () => {
  const tx = await txAt(0);
  const view = await council.ask("finn", "sign");
  if (view.kind !== "wallet") throw new Error(wholeText(view));
  const link = `https://app.safe.global/transactions/tx?safe=emb:${tx.tx.safe}&id=multisig_${tx.tx.safe}_${tx.safeTxHash}`;
  expect(view.items.flatMap((item) => item.sentences).filter((one) => one.includes(link))).toHaveLength(1);
  expect(view.items.filter((item) => item.sentences.some((one) => one.includes("app.safe.global")))).toHaveLength(
    (await txs()).length,
  );
});

test("the signature that completes a set here is shown there only once the council has it sent", async () => {
  const tx = await txAt((await txs()).length - 1);
  await council.as("dev", "sign");
  await council.as("finn", "sign");
  expect(isFullySigned(await council.state(), tx)).toBe(true);
  await look();
  expect(names(tx.safeTxHash)).toEqual([embeddedPeople.ben.address, caro.address]);
  // The gas key cannot send it: from then on anyone may, out of Safe{Wallet} too.
  const broadcast = async () => Promise.reject(new Error("no gas"));
  const { ids, get } = council.chains;
  council.switches.chains = { ids, get: (id) => ({ ...get(id), broadcast }) };
  await council.ask("ada", "schedule");
  await vi.waitFor(() => expect(names(tx.safeTxHash)).toContain(dev.address), patience);
});

test("all of it was right by the service, but for what it had lost, and cost a request for each look and signature", async () => {
  expect(loopback.refused.filter((one) => !/No MultisigTransaction matches/.test(one))).toEqual([]);
  const lists = loopback.requests.filter((one) => one.startsWith("GET"));
  const written = loopback.requests.length - lists.length;
  expect(lists.every((one) => one.includes("executed=false&nonce__gte="))).toBe(true);
  // Two Safes; ten looks and some more where a look was waited for.
  expect(lists.length).toBeLessThan(60);
  expect(written).toBeLessThan(40);
  expect(council.faults.filter(({ where }) => !/^outbox (mirror|broadcast)/.test(where))).toEqual([]);
});
