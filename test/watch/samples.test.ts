/** Every block since the execution is measured, bad values breach at once, and silence is never success. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Chain, Chains } from "../../src/ports.ts";
import { sentence, startCouncil, type TestCouncil, walk, wholeText } from "../support/embedded.ts";

let council: TestCouncil;
beforeAll(async () => {
  council = await startCouncil();
  await walk(council, "canary");
});
afterAll(() => council.stop());

const phase = async () => (await council.state()).package.phases[0];
const samplesOf = (metric: string) => council.store.samples("UP-1", metric);
const head = () => council.chains.get("eip155:31337").head();

/** The embedded chain, seen through something that answers measurements in another way. */
function chainsWhere(evaluate: Chain["evaluate"]): Chains {
  return { ids: council.chains.ids, get: (id) => ({ ...council.chains.get(id), evaluate }) };
}
const real: Chain["evaluate"] = (...asked) => council.chains.get("eip155:31337").evaluate(...asked);
const noRoute: Chain["evaluate"] = () => Promise.reject(new Error("no route to it"));
/** The node answers, and no contract does. */
const mute: Chain["evaluate"] = async (...asked) => {
  const found = await real(...asked);
  return { ...found, verdicts: found.verdicts.map(() => "error" as const), values: new Map() };
};
const measure = async (chains: Chains | undefined, seconds = 30n, blocks = 3) => {
  council.switches.chains = chains;
  await council.advance(seconds, blocks);
  council.switches.chains = undefined;
};

test("every block is measured in every metric, also after a pause in which nobody looked", async () => {
  await measure(chainsWhere(noRoute), 100n, 12);
  expect(council.faults.length).toBeGreaterThan(0);
  const paused = (await samplesOf("pilot-solvency")).length;
  await council.advance(30n, 1);
  const executedAt = (await council.state()).phases[0]?.executedAt?.number ?? 0n;
  const { number } = await head();
  const wanted = Array.from({ length: Number(number - executedAt) + 1 }, (_, index) => executedAt + BigInt(index));
  for (const metric of (await phase())?.metrics ?? [])
    expect((await samplesOf(metric)).map((one) => one.blockNumber)).toEqual(wanted);
  expect((await samplesOf("pilot-solvency")).length).toBeGreaterThanOrEqual(paused + 13);
});

describe("values that cannot be read", () => {
  test("are no breach, and no success either: the canary cannot be advanced", async () => {
    await council.advance(700n, 24);
    expect(sentence(await council.ask("ben", "canary", { action: "show" }))).toMatch(
      /^Canary pilot of UP-1 is measured/,
    );
    await measure(chainsWhere(mute));
    const newest = (await samplesOf("pilot-solvency")).at(-1);
    expect(newest).toMatchObject({ value: null, verdict: "error", reason: "could not be read" });
    const state = await council.state();
    expect(state.breaches).toEqual([]);
    expect(sentence(await council.ask("ben", "canary", { action: "advance" }))).toMatch(
      /^UP-1 cannot advance yet: 0 clean blocks in a row, and 20 are needed; clean for 0 s of block time, and 10 min are needed; what is at risk was not measured in the newest block\.$/,
    );
    expect((await council.state()).status).toBe("canary");
  });

  test("of an unreachable chain leave the newest sample to grow old, and nothing advances on it", async () => {
    await council.advance(700n, 24);
    await measure(chainsWhere(noRoute), 300n, 1);
    expect(sentence(await council.ask("ben", "canary", { action: "advance" }))).toMatch(
      /^UP-1 cannot advance yet: the newest sample is \d+ s old\.$/,
    );
    await council.advance(30n, 1);
  });
});

describe("a bad value", () => {
  /** Solvency as one unit short of whole; the other metrics as they are. */
  const insolvent = () =>
    chainsWhere(async (catalogue, ...asked) => {
      const found = await real(catalogue, ...asked);
      const index = catalogue.entries.findIndex((one) => one.metric === "UP-1/pilot-solvency");
      const verdicts = found.verdicts.with(index, "fail");
      return { ...found, verdicts, values: new Map([...found.values, [index, 9_999n]]) };
    });

  test("is a breach in the very block, pages, and holds the ceremony: its budget is spent", async () => {
    await council.advance(30n, 1);
    const before = (await head()).number;
    await measure(insolvent(), 30n, 1);
    const [breach] = (await council.state()).breaches;
    expect(breach).toMatchObject({ metric: "pilot-solvency", open: true, severity: 1, containment: "pause-pilot" });
    expect(breach?.block.number).toBe(before + 1n);
    const page = council.shown.find((one) => one.key === "UP-1/alert-1/1");
    expect(page).toMatchObject({ status: "SEV1 BREACH", urgent: true, mentions: council.policy.onCall.sev1 });
    expect(page?.title).toMatch(
      /^SEV1 BREACH · Pilot pool solvency 9,999 bps \(< 10,000\) · Embedded · @Caro, @Dev, @Finn, @Gus: acknowledge by \d\d:\d\d UTC \(5 min\)$/,
    );
    expect(sentence(await council.ask("ben", "canary", { action: "advance" }))).toMatch(
      /^UP-1 is held, and advancing the canary is possible only while a ceremony is under its canary\.$/,
    );
    expect((await council.state()).budget).toMatchObject({ left: 0, severe: 1 });
    expect(wholeText(await council.ask("ben", "why"))).toMatch(/Pilot pool solvency is 9,999 bps/);
  });

  test("breaches once, however long it lasts, and unreadable values do not close it", async () => {
    await measure(insolvent());
    await measure(chainsWhere(mute));
    expect((await council.history()).filter((one) => one.type === "breached")).toHaveLength(1);
    expect((await council.state()).breaches[0]?.open).toBe(true);
  });

  test("is over once the values pass again", async () => {
    await council.advance(30n, 1);
    expect((await council.state()).breaches[0]?.open).toBe(false);
    expect((await council.thread()).at(-1)).toMatch(/^pilot-solvency is within its bounds again at block \d+\.$/);
  });
});

describe("between two phases", () => {
  test("what runs is still measured, on every block", async () => {
    await council.advance(700n, 24);
    for (const who of ["ben", "caro", "dev"] as const) {
      expect((await council.state()).status).toBe("held");
      await council.ask(who, "canary", { action: "start", reason: "the reading was forged" });
    }
    expect((await council.state()).budget).toMatchObject({ left: 100, severe: 0 });
    expect(sentence(await council.ask("ben", "canary", { action: "advance" }))).toMatch(/^UP-1 advanced\./);
    await council.quorate.settle();
    const before = (await samplesOf("pilot-cap")).length;
    await council.advance(60n, 4);
    expect(["scheduled", "ready"]).toContain((await council.state()).status);
    expect((await samplesOf("pilot-cap")).length).toBe(before + 4);
  });

  test("the next phase is measured in all its metrics from the block of its execution on", async () => {
    expect(sentence(await council.as("eve", "execute", { ceremony: "UP-1" }))).toMatch(/^Sent: Execute main\./);
    await council.advance(60n, 3);
    const run = (await council.state()).phases.find((one) => one.phase === 1);
    const executedAt = run?.executedAt?.number ?? 0n;
    const { number } = await head();
    const wanted = Array.from({ length: Number(number - executedAt) + 1 }, (_, index) => executedAt + BigInt(index));
    for (const metric of (await council.state()).package.phases[1]?.metrics ?? [])
      expect((await samplesOf(metric)).map((one) => one.blockNumber).filter((block) => block >= executedAt)).toEqual(
        wanted,
      );
  });
});
