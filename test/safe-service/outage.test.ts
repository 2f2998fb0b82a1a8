import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type CeremonyState, schedules, signaturesOf } from "../../src/domain/ceremony.ts";
import type { BlockProducer } from "../../src/embedded/block-producer.ts";
import { embeddedPeople } from "../../src/embedded/people.ts";
import { type StartedWorld, startWorld } from "../../src/embedded/world.ts";
import { deliveryId, driveCeremony } from "../support/live-ceremony.ts";
import { type Live, quietBlocks, startLive } from "../support/live-quorate.ts";
import { signed } from "../support/safe-service/owner.ts";
import { policiesWith } from "../support/safe-service/policies.ts";
import { type LoopbackService, startLoopbackService } from "../support/safe-service/service.ts";

let world: StartedWorld;
let blocks: BlockProducer;
let loopback: LoopbackService;
let policies: string;
let dataDir: string;
let live: Live;

const start = () =>
  startLive({
    environment: { QUORATE_POLICIES: policies, QUORATE_DATA: dataDir, [`RPC_${world.chainId}`]: world.url },
    world,
  });

beforeEach(async () => {
  world = await startWorld();
  blocks = await quietBlocks(world);
  const id = `eip155:${world.chainId}` as const;
  loopback = await startLoopbackService({ chain: id, safe: (address) => live.chains.get(id).safe(address) });
  policies = await policiesWith(loopback.url);
  dataDir = await mkdtemp(join(tmpdir(), "quorate-mirror-"));
  live = await start();
});
afterEach(async () => {
  await live?.stop();
  await blocks?.stop();
  await loopback?.stop();
  await world?.stop();
  await rm(dirname(policies), { recursive: true, force: true });
  await rm(dataDir, { recursive: true, force: true });
});

const notices = () => live.cards.filter((card) => card.key.startsWith("safe-service/"));

async function health(): Promise<string> {
  const invocation = { command: "health", account: "console:ben", deliveryId: deliveryId("health"), options: {} };
  const view = await live.quorate.dispatch(invocation, () => undefined);
  return view.kind === "notice" ? view.facts.map((one) => `${one.label}: ${one.value}`).join() : view.kind;
}

test("with the service away a ceremony goes through all the same; people are told once, and once that it is back", async () => {
  loopback.misbehave({ kind: "down" });
  await driveCeremony(live.stage, (state) => state.closing);
  expect(loopback.transactions).toEqual([]);
  expect(notices()).toMatchObject([
    {
      status: "no answer",
      title: expect.stringMatching(
        /^Safe's Transaction Service for Embedded does not answer since .*; nothing depends on it$/,
      ),
    },
  ]);
  expect(await health()).toMatch(/Safe's Transaction Service \(eip155:31337\): down\. No usable answer/);
  loopback.misbehave({ kind: "none" });
  await vi.waitFor(
    async () => {
      await live.stage.pass({ seconds: 1_000n, blocks: 1 });
      await live.quorate.safeMirror?.look();
      await live.quorate.settle();
      expect(notices().map((card) => card.status)).toEqual(["no answer", "back"]);
    },
    { timeout: 30_000 },
  );
  // One message, edited.
  expect(new Set(notices().map((card) => card.key)).size).toBe(1);
  const closed = await driveCeremony(live.stage);
  expect(closed.status).toBe("closed");
  expect(notices()).toHaveLength(2);
}, 180_000);

test("a service of another chain takes nothing, changes nothing, and is named once", async () => {
  loopback.misbehave({ kind: "other chain" });
  await driveCeremony(live.stage, (state) => state.status === "scheduled");
  expect(loopback.transactions).toEqual([]);
  await vi.waitFor(() => expect(notices()).not.toEqual([]), { timeout: 30_000 });
  await live.quorate.settle();
  expect(new Set(notices().map((card) => card.key))).toEqual(new Set(["safe-service/eip155:31337/refused"]));
  expect(notices()).toHaveLength(1);
  expect(notices()[0]?.summary).toMatch(/does not match provided contract-tx-hash.*Check the address in chains\.yaml/);
}, 180_000);

test("after a restart nothing is put there twice, and what was missing is", async () => {
  const first = await driveCeremony(live.stage, (state) => state.signatures.length > 0);
  const all = schedules(first);
  const [tx] = all;
  await vi.waitFor(() => expect(loopback.transactions).toHaveLength(all.length), { timeout: 30_000 });
  // The proposer confirms in Safe{Wallet}: that is refused, and evidence.
  const { ada } = embeddedPeople;
  const confirmations = `${loopback.url}/v1/multisig-transactions/${tx?.safeTxHash}/confirmations/`;
  const body = JSON.stringify({ signature: await signed(ada, tx?.safeTxHash ?? "0x") });
  const headers = { "content-type": "application/json" };
  expect((await fetch(confirmations, { method: "POST", headers, body })).status).toBe(201);
  await vi.waitFor(async () => expect(await looked(1).then(refusals)).toHaveLength(1), { timeout: 30_000 });

  loopback.misbehave({ kind: "slow" });
  const hasTwo = (state: CeremonyState) => signaturesOf(state, tx?.id ?? "").length === 2;
  await driveCeremony(live.stage, hasTwo);
  // Nobody waits for an answer from there: not what settles the outbox before a command answers, and not the end.
  await vi.waitFor(() => expect(loopback.unanswered()).toBe(1), { timeout: 30_000 });
  await live.quorate.outbox.settled();
  expect(loopback.unanswered()).toBe(1);
  await live.stop();
  loopback.misbehave({ kind: "none" });
  live = await start();
  const hasBoth = ({ confirmations: all }: { confirmations: { owner: string }[] }) =>
    all.filter((one) => one.owner !== ada.address).length === 2;
  await vi.waitFor(() => expect(loopback.transactions.filter(hasBoth)).toHaveLength(all.length), { timeout: 60_000 });
  await looked(2);
  expect(await refusals()).toHaveLength(1);
  expect(loopback.requests.filter((one) => one.startsWith("POST /v2/safes/"))).toHaveLength(all.length);
  expect(loopback.refused).toEqual([]);
  expect(notices()).toEqual([]);
}, 180_000);

const refusals = async () => (await live.quorate.ledger.history("UP-1")).filter((one) => one.type === "refused");

/** After so many looks at every Safe. */
async function looked(times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    await live.stage.pass({ seconds: 1_900n, blocks: 1 });
    await live.quorate.safeMirror?.look();
  }
}
