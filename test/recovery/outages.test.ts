import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { BlockProducer } from "../../src/embedded/block-producer.ts";
import { embeddedGasAccount } from "../../src/embedded/people.ts";
import { type StartedWorld, startWorld } from "../../src/embedded/world.ts";
import { type Chain, ChainFault, type Chains } from "../../src/ports.ts";
import { chainOutcome, logOutcome } from "../support/crash-outcome.ts";
import { type FaultyRpc, startFaultyRpc } from "../support/faulty-rpc.ts";
import { deliveryId, driveCeremony } from "../support/live-ceremony.ts";
import { type Live, quietBlocks, startLive } from "../support/live-quorate.ts";

let world: StartedWorld;
let blocks: BlockProducer;
let rpc: FaultyRpc;
let dataDir: string;
let live: Live;
/** What happens to a broadcast, before or instead of it; the real one by default. */
let onBroadcast: (send: () => Promise<`0x${string}`>) => Promise<`0x${string}`>;

beforeEach(async () => {
  world = await startWorld();
  blocks = await quietBlocks(world);
  rpc = await startFaultyRpc(world.url);
  dataDir = await mkdtemp(join(tmpdir(), "quorate-outage-"));
  onBroadcast = (send) => send();
  live = await startLive({
    environment: { QUORATE_DATA: dataDir, [`RPC_${world.chainId}`]: rpc.url },
    world,
    timeoutMs: 2_000,
    wrap: ({ store, chains }) => ({ store, chains: withBroadcast(chains) }),
  });
});
afterEach(async () => {
  await rpc?.misbehave({ kind: "none" });
  await live?.stop();
  await blocks?.stop();
  await rpc?.stop();
  await world?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

function withBroadcast(chains: Chains): Chains {
  const broadcast = (chain: Chain, raw: `0x${string}`) => onBroadcast(() => chain.broadcast(raw));
  return {
    ids: chains.ids,
    get: (id) => ({ ...chains.get(id), broadcast: (raw) => broadcast(chains.get(id), raw) }),
  };
}

async function advance(): Promise<string> {
  const invocation = { command: "canary", account: "console:ben", deliveryId: deliveryId("advance") };
  const view = await live.quorate.dispatch({ ...invocation, options: { action: "advance" } }, () => undefined);
  return view.kind === "notice" ? view.text : view.kind;
}

const sentByGasKey = async () => (await chainOutcome(world.url, world, [embeddedGasAccount.address])).sent[0];
const head = async () => Number(await world.node.request("eth_blockNumber"));

describe("when the RPC fails in the middle", () => {
  test("a broadcast that nobody could take, and one whose answer was lost, are each mined once", async () => {
    let broadcasts = 0;
    onBroadcast = async (send) => {
      broadcasts += 1;
      if (broadcasts === 1) await rpc.misbehave({ kind: "down" });
      const hash = await send();
      if (broadcasts === 3) throw new ChainFault("timeout", "The RPC did not answer.");
      return hash;
    };
    await driveCeremony(live.stage, (state) => state.scheduleRequestedBy !== undefined);
    await vi.waitFor(() => expect(live.faults.join()).toMatch(/broadcast/), { timeout: 10_000 });
    await rpc.misbehave({ kind: "none" });
    const state = await driveCeremony(live.stage);
    expect(state.status).toBe("closed");
    // Eight transactions; one again; and one more, unless it was seen on the chain before it was sent again.
    expect(broadcasts).toBeOneOf([9, 10]);
    expect(await sentByGasKey()).toBe(6n);
    // Whoever saw it first, the log knows the transaction: evidence is not lost with an answer.
    expect((await logOutcome({ dataDir })).events.filter((one) => one.includes("unknown"))).toEqual([]);
  }, 120_000);

  test("blocks mined meanwhile are measured afterwards, and nobody advances without data", async () => {
    const state = await driveCeremony(live.stage, (now) => now.status === "canary");
    await rpc.misbehave({ kind: "down" });
    await live.stage.pass({ seconds: 900n, blocks: 30 });
    expect(await advance()).toMatch(/Nothing was changed\.$/);
    await rpc.misbehave({ kind: "none" });
    await live.quorate.settle();
    const from = Number(state.phases[0]?.executedAt?.number);
    const samples = await live.store.samples(state.id, "pilot-solvency");
    const measured = samples.map((one) => Number(one.blockNumber));
    expect(measured).toEqual(Array.from({ length: (await head()) - from + 1 }, (_, index) => from + index));
    expect(measured.length).toBeGreaterThan(30);
    expect(samples.every((one) => one.verdict === "pass")).toBe(true);
    expect(await advance()).toMatch(/^UP-1 advanced\./);
  }, 120_000);

  test("a node that answers, but not what is measured, gives no clean block", async () => {
    const state = await driveCeremony(live.stage, (now) => now.status === "canary");
    await rpc.misbehave({ kind: "refuse", methods: ["eth_call"], message: "header not found" });
    await live.stage.pass({ seconds: 900n, blocks: 30 });
    await live.quorate.settle();
    expect(await advance()).toMatch(/clean blocks? in a row, and 20 are needed|never measured|no sample/);
    await rpc.misbehave({ kind: "none" });
    await live.quorate.settle();
    expect(await live.store.samples(state.id)).not.toEqual([]);
    const closed = await driveCeremony(live.stage);
    expect(closed.status).toBe("closed");
  }, 120_000);
});
