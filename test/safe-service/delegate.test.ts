import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  createTestClient,
  encodeFunctionData,
  http,
  parseAbi,
  publicActions,
  recoverAddress,
  toHex,
  walletActions,
} from "viem";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type CeremonyState, schedules, signaturesOf } from "../../src/domain/ceremony.ts";
import type { Address, ChainId, Hex } from "../../src/domain/primitives.ts";
import type { CeremonyTx } from "../../src/domain/transactions.ts";
import type { BlockProducer } from "../../src/embedded/block-producer.ts";
import { embeddedGasAccount } from "../../src/embedded/people.ts";
import { type StartedWorld, startWorld } from "../../src/embedded/world.ts";
import { driveCeremony } from "../support/live-ceremony.ts";
import { type Live, quietBlocks, startLive } from "../support/live-quorate.ts";
import { policiesWith } from "../support/safe-service/policies.ts";
import { type LoopbackService, startLoopbackService } from "../support/safe-service/service.ts";

const gas = embeddedGasAccount.address;
let world: StartedWorld;
let blocks: BlockProducer;
let loopback: LoopbackService;
let policies: string;
let dataDir: string;
let live: Live;
let id: ChainId;

const start = () =>
  startLive({
    environment: { QUORATE_POLICIES: policies, QUORATE_DATA: dataDir, [`RPC_${world.chainId}`]: world.url },
    world,
  });

beforeAll(async () => {
  world = await startWorld();
  blocks = await quietBlocks(world);
  id = `eip155:${world.chainId}`;
  loopback = await startLoopbackService({ chain: id, safe: (address) => live.chains.get(id).safe(address) });
  policies = await policiesWith(loopback.url, true);
  dataDir = await mkdtemp(join(tmpdir(), "quorate-delegate-"));
  live = await start();
});
afterAll(async () => {
  await live?.stop();
  await blocks?.stop();
  await loopback?.stop();
  await world?.stop();
  await rm(dirname(policies), { recursive: true, force: true });
  await rm(dataDir, { recursive: true, force: true });
});

const patience = { timeout: 60_000 };
vi.setConfig({ testTimeout: 120_000 });

const notices = () => live.cards.filter((card) => card.key.startsWith("safe-service/"));
const proposals = () => loopback.requests.filter((one) => one.startsWith("POST /v2/safes/"));
const there = () => loopback.transactions;
const owners = ({ confirmations }: { confirmations: { owner: string }[] }) => confirmations.map((one) => one.owner);
/** What was refused but for what the service does not know yet. */
const refused = () => loopback.refused.filter((one) => !/No MultisigTransaction matches/.test(one));

async function txs(): Promise<{ state: CeremonyState; all: CeremonyTx[] }> {
  const state = await live.quorate.services.find("UP-1");
  return { state, all: schedules(state) };
}
/** Drives until each schedule has so many signatures. */
async function signedBy(count: number) {
  await driveCeremony(live.stage, (now) => {
    const all = schedules(now);
    return all.length > 0 && all.every((tx) => signaturesOf(now, tx.id).length === count);
  });
  return given();
}
/** The last signature of the first schedule, and its bytes. */
async function given() {
  const { state, all } = await txs();
  const [tx] = all;
  const last = tx && signaturesOf(state, tx.id).at(-1);
  const bytes = last && (await live.store.blob(last.signature));
  if (tx === undefined || last === undefined || bytes === undefined) throw new Error("Nobody has signed.");
  return { state, all, tx, owner: last.owner, signature: toHex(bytes) };
}
/** The same again, as the outbox would after a crash; nothing is there any more. */
async function putAgain(bytes?: Hex) {
  const { state, tx, owner, signature } = await given();
  there().length = 0;
  return live.quorate.safeMirror?.put(state, tx, owner, bytes ?? signature);
}

test("the gas account proposes once an owner has signed, and that signature follows; a restart in between proposes nothing again", async () => {
  loopback.delegates.push(gas);
  loopback.misbehave({ kind: "slow to confirm" });
  await driveCeremony(live.stage, (state) => state.status === "approved");
  await live.quorate.settle();
  expect(proposals()).toEqual([]);
  const { all, owner } = await signedBy(1);
  await vi.waitFor(() => expect(loopback.unanswered()).toBe(1), patience);
  // It is proposed, and nobody's signature is there yet.
  expect(there()).toMatchObject([{ proposedByDelegate: gas, tx: all[0]?.tx, confirmations: [] }]);
  await live.stop();
  loopback.misbehave({ kind: "none" });
  live = await start();
  await vi.waitFor(() => expect(there().map(owners)).toEqual(all.map(() => [owner])), patience);
  for (const { tx, safeTxHash } of all)
    expect(there().find((one) => one.safeTxHash === safeTxHash)).toMatchObject({ tx, proposedByDelegate: gas });
  expect(all.length).toBeGreaterThan(1);
  expect(proposals()).toHaveLength(all.length);
  expect(refused()).toEqual([]);
  expect(notices()).toEqual([]);
});

test("where the service does not know the delegate, the owner's signature proposes, and people are told once how to add it", async () => {
  loopback.delegates.length = 0;
  there().length = 0;
  // Some gateways forbid it, others cannot process it.
  loopback.misbehave({ kind: "forbids" });
  const { all, owner, tx } = await signedBy(2);
  await vi.waitFor(() => expect(there().map(owners)).toEqual(all.map(() => [owner])), patience);
  expect(there().map((one) => one.proposedByDelegate)).toEqual(all.map(() => null));
  await live.quorate.settle();
  expect(notices()).toHaveLength(1);
  expect(notices()[0]?.summary).toContain(
    `An owner adds ${gas} as a delegate of this Safe: \`quorate delegate --chain-id ${world.chainId} --safe ${tx.tx.safe}\``,
  );
  expect(await mirrorHealth()).toBe("up");
  loopback.misbehave({ kind: "none" });
  expect(await putAgain()).toMatchObject({
    mirrored: tx.safeTxHash,
    undelegated: { by: "service", reason: expect.stringMatching(/is not an owner or delegate/) },
  });
  expect(there().map(owners)).toEqual([[owner]]);
  await live.quorate.settle();
  expect(notices()).toHaveLength(1);
});

test("nothing is proposed for what no owner's key has signed", async () => {
  loopback.delegates.push(gas);
  const { tx } = await given();
  const forged = await putAgain(await live.chains.get(id).signAsDelegate(tx.tx));
  expect(forged).toEqual({ skipped: "it is no key's signature over this transaction" });
  expect(there()).toEqual([]);
});

test("a gas account that became an owner signs no transaction of that Safe; the owner's signature proposes", async () => {
  const { tx, owner } = await given();
  const chain = live.chains.get(id);
  await expect(chain.signAsDelegate({ ...tx.tx, chain: "eip155:1" })).rejects.toThrow(/is for chain eip155:1/);
  const signature = await chain.signAsDelegate(tx.tx);
  expect(await recoverAddress({ hash: tx.safeTxHash, signature })).toBe(gas);
  await addOwner(tx.tx.safe);
  const sentence = `The gas account ${gas} is an owner of the Safe ${tx.tx.safe}`;
  await expect(chain.signAsDelegate(tx.tx)).rejects.toThrow(sentence);
  expect(await putAgain()).toMatchObject({ mirrored: tx.safeTxHash, undelegated: { by: "chain" } });
  expect(there()).toMatchObject([{ proposer: owner, proposedByDelegate: null }]);
  await live.quorate.settle();
  expect(notices().at(-1)?.summary).toMatch(/is an owner of the Safe .* Set another GAS_KEY\.$/);
});

const mirrorHealth = async () => live.quorate.safeMirror?.health()[0]?.health.state;

/** The Safe itself does it, as after a transaction of its owners. */
async function addOwner(safe: Address): Promise<void> {
  const client = createTestClient({ mode: "anvil", transport: http(world.url) })
    .extend(publicActions)
    .extend(walletActions);
  const abi = parseAbi(["function addOwnerWithThreshold(address owner, uint256 threshold)"]);
  await client.impersonateAccount({ address: safe });
  await client.setBalance({ address: safe, value: 10n ** 18n });
  const data = encodeFunctionData({ abi, functionName: "addOwnerWithThreshold", args: [gas, 3n] });
  const hash = await client.sendTransaction({ account: safe, to: safe, data, chain: null });
  await client.mine({ blocks: 1 });
  expect((await client.waitForTransactionReceipt({ hash })).status).toBe("success");
}
