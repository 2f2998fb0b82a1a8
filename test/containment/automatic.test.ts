/** One ceremony on a real chain whose breach is contained by itself: checked, signed, sealed, sent at once, read back. */

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { simulatedValues } from "../../src/check-evidence.ts";
import { griefing, metricOfEvidence } from "../../src/domain/automatic.ts";
import { type CeremonyState, transactionById } from "../../src/domain/ceremony.ts";
import { system } from "../../src/domain/events.ts";
import { type StartedWorld, startWorld } from "../../src/embedded/world.ts";
import type { Chains, Store } from "../../src/ports.ts";
import { databaseFile } from "../../src/store/open-store.ts";
import { driveCeremony } from "../support/live-ceremony.ts";
import { type Live, quietBlocks, startLive } from "../support/live-quorate.ts";
import { samplePolicy } from "../support/sample-policy.ts";

const chainId = "eip155:31337";
const folder = mkdtempSync(join(tmpdir(), "quorate-automatic-"));
let world: StartedWorld;
let blocks: Awaited<ReturnType<typeof quietBlocks>>;
let live: Live;
/** What was asked of the chain about sending, in order. */
const asked: { what: string; at: number }[] = [];

/** The chains, telling what is asked before something is sent. */
function told(chains: Chains): Chains {
  const names = ["safe", "checkSignatures", "signWithGasKey", "signOn", "broadcast"] as const;
  return {
    ids: chains.ids,
    get(id) {
      const chain = chains.get(id);
      const tell = names.map((what) => {
        const own = chain[what] as (...args: unknown[]) => unknown;
        return [
          what,
          (...args: unknown[]) => {
            asked.push({ what, at: performance.now() });
            return own(...args);
          },
        ];
      });
      return { ...chain, ...Object.fromEntries(tell) };
    },
  };
}

/** The store, telling when somebody is about to be called. */
function toldOf(store: Store): Store {
  const append: Store["append"] = (stream, ...given) => {
    if (stream === "watch") asked.push({ what: "alert", at: performance.now() });
    return store.append(stream, ...given);
  };
  return Object.assign(Object.create(store) as Store, { append });
}

beforeAll(async () => {
  const policies = join(folder, "policies");
  cpSync(join(import.meta.dirname, "../../policies"), policies, { recursive: true });
  const file = join(policies, "invariants/harbour.yaml");
  const text = readFileSync(file, "utf8");
  // What cannot be moved by money at all, and what a breach of is contained without a person.
  const automatic = text.replace("  - id: pilot-solvency\n", "  - id: pilot-solvency\n    automatic: true\n");
  const [before, after = ""] = automatic.split("  - id: pilot-cap\n");
  // What the pool's room comes to by the upgrade is what it is compared with.
  const relative =
    "    baseline: { mode: simulation }\n    pass: { is: '>=', baselineBps: 9000 }\n    fail: { is: '<', baselineBps: 9000 }\n";
  const compared = after.replace(/ {4}pass: .*\n {4}fail: .*\n/, relative);
  writeFileSync(file, `${before}  - id: pilot-cap\n${compared}`);
  world = await startWorld();
  blocks = await quietBlocks(world);
  live = await startLive({
    environment: { QUORATE_POLICIES: policies, QUORATE_DATA: join(folder, "data"), RPC_31337: world.url },
    world,
    timeoutMs: 60_000,
    wrap: ({ store, chains }) => ({ store: toldOf(store), chains: told(chains) }),
  });
}, 180_000);
afterAll(async () => {
  await live.stop();
  await blocks.stop();
  await world.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function until(what: (state: CeremonyState) => boolean): Promise<CeremonyState> {
  for (;;) {
    const state = await live.quorate.ledger.load("UP-1");
    if (state !== undefined && what(state)) return state;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What it is compared with came out of the check's own fork, stands in its evidence, and is what the samples are judged by. */
async function simulated(state: CeremonyState): Promise<void> {
  const known = await simulatedValues(state, live.store);
  const value = known.get("pilot-cap") ?? 0n;
  expect([...known.keys()]).toEqual(["pilot-cap"]);
  expect(value).toBeGreaterThan(0n);
  const samples = await live.store.samples("UP-1", "pilot-cap");
  expect(samples.length).toBeGreaterThan(0);
  expect(samples.every((one) => one.verdict === "pass" && (one.value ?? 0n) * 10n >= value * 9n)).toBe(true);
  expect(samples[0]?.reason).toMatch(/must be at least 9,000 bps of the value that the simulation gave$/);
}

test("a breach that enough sources agree on is contained at once, without a question to the node", async () => {
  expect(
    (await samplePolicy()).metrics.some((one) => one.automatic),
    "nothing is automatic unless policy says so",
  ).toBe(false);
  const state = await driveCeremony(live.stage, (one) => one.status === "canary");
  expect(state.check?.findings.filter((one) => one.evidence === metricOfEvidence("pilot-solvency"))).toMatchObject([
    { code: griefing.unmoved, severity: "info" },
  ]);
  await simulated(state);
  const tx = transactionById(state, "containment/pause-pilot");
  const given = state.signatures.filter((one) => one.tx === tx?.id);
  expect(given.length).toBe(2);
  const database = new DatabaseSync(databaseFile(join(folder, "data")));
  for (const { signature } of given) {
    const plain = (await live.store.blob(signature)) ?? new Uint8Array();
    const row = database.prepare("select bytes from blobs where hash = ?").get(signature) as { bytes: Uint8Array };
    expect(Buffer.from(row.bytes).includes(Buffer.from(plain).subarray(0, 16)), "the database has no signature").toBe(
      false,
    );
  }
  database.close();
  await world.time.now();
  // Ready since the last head.
  await live.stage.pass({ seconds: 24n, blocks: 2 });
  await live.quorate.settle();
  const block = { chain: chainId, ...(await live.chains.get(chainId).head()) } as const;
  asked.length = 0;
  const seen = {
    what: "breach",
    metric: "pilot-solvency",
    block,
    value: "9000",
    sentence: "Pilot pool solvency is 9,000 bps",
    mayContain: true,
  } as const;
  const outcome = await live.quorate.ledger.handle("UP-1", { kind: "observe", by: system, seen });
  const decided = performance.now();
  expect(outcome.ok && outcome.events.map((one) => one.type)).toContain("containmentRequested");
  const contained = await until((one) => one.status === "contained");
  expect(contained.containment).toMatchObject({ id: "pause-pilot", by: "quorate", confirmed: true });
  const sent = asked.findIndex((one) => one.what === "broadcast");
  expect(asked.slice(0, sent).map((one) => one.what)).toEqual(["signOn"]);
  expect(asked[sent + 1]?.what, "whoever is called takes no time from what contains").toBe("alert");
  console.info(`broadcast ${((asked[sent]?.at ?? 0) - decided).toFixed(1)} ms after the decision`);
  // How it goes on cannot be tried while it is contained; a check that says so lets nobody resume.
  const checked = await live.quorate.services.check({ person: "dev", account: "console:dev" }, "UP-1", () => undefined);
  const found = checked.ok
    ? checked.events.flatMap((one) => (one.type === "resimulated" ? one.data.findings : []))
    : [];
  expect(found.map((one) => `${one.severity} ${one.code}`)).toEqual(
    expect.arrayContaining(["refuse resumption/contained", "flag resumption/no-containment"]),
  );
  const paused = await live.chains.get(chainId).call(world.pilotPool, "0x5c975abb");
  expect(BigInt(paused)).toBe(1n);
}, 300_000);
