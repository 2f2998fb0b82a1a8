/** What is measured of every block, and what becomes of it: the real stream, store and rules, on blocks and values that are said. */

import { numberToHex } from "viem";
import { afterEach, describe, expect, test } from "vitest";
import { ChainFault } from "../../src/ports.ts";
import { type MeasuredWorld, measuredWorld, type WorldOptions } from "../support/measured-world.ts";
import { hashOf, mainnet } from "../support/sample-council.ts";

let it: MeasuredWorld;
afterEach(() => it.end());

async function begin(options?: WorldOptions): Promise<void> {
  it = await measuredWorld(options);
  await it.settled();
}
/** Fails in blocks with these places after the execution. */
const failingAt =
  (metric: string, ...places: number[]) =>
  (id: string, { number }: { number: bigint }) =>
    id === metric && places.includes(Number(number - it.executed.number)) ? 9_000n : 10_000n;

describe("a block", () => {
  test("is asked about once, whatever is measured; nothing is asked where nothing is", async () => {
    await begin();
    it.asked.evaluations = 0;
    await it.mine(5);
    expect(it.asked.evaluations).toBe(5);
    await it.down();
    await it.forgets();
    await it.mine(3);
    expect(it.asked.evaluations).toBe(5);
  });

  test("that fails is a breach at once, with the value, and its samples stand", async () => {
    await begin();
    it.worth(failingAt("solvency", 2));
    await it.mine(4);
    expect(it.told()).toEqual(["breach solvency", "cleared solvency"]);
    expect(it.seen[0]).toMatchObject({ value: "9000", mayContain: true, block: { number: it.executed.number + 2n } });
    expect(await it.verdicts("solvency")).toBe("PPFPP");
    expect((await it.samples("liveness")).map((one) => one.value)).toEqual(Array(5).fill(10_000n));
  });

  test("that fails is what whoever is called later hears of, the newest of them, and of none that passes", async () => {
    await begin();
    it.worth((id, { number }) => (id === "solvency" ? 9_000n - (number - it.executed.number) : 10_000n));
    await it.mine(3);
    expect(it.failing("solvency")).toMatchObject({ value: 8_997n, blockNumber: it.executed.number + 3n });
    expect(it.failing("liveness")).toBeUndefined();
    it.worth(() => 10_000n);
    await it.mine(1);
    expect(it.failing("solvency")).toBeUndefined();
  });

  test("with more metrics than a few gives verdicts alone, and every sixteenth its values; a margin takes the value", async () => {
    const more = Object.fromEntries(Array.from({ length: 70 }, (_none, index) => [`m-${index}`, {}]));
    await begin({ metrics: { ...more, "m-1": { clearMargin: "5" } } });
    await it.mine(20);
    const rows = await it.samples("m-0");
    const whole = rows.filter(({ blockNumber }) => blockNumber % 16n === 0n);
    expect(whole.length).toBeGreaterThan(0);
    expect(whole.every((one) => one.value === 10_000n)).toBe(true);
    const others = rows.filter((one) => !whole.includes(one));
    expect(others.every((one) => one.value === null && one.verdict === "pass")).toBe(true);
    expect(others[0]?.reason).toBe("judged on the chain, and its value left there; must be at least 10,000 bps");
  });

  test("that could not be read is asked for once more, and is no breach", async () => {
    await begin();
    let answers = 0;
    it.worth((id) => {
      if (id === "liveness") answers += 1;
      return id === "liveness" && answers <= 2 ? null : 10_000n;
    });
    await it.mine(1);
    expect(await it.verdicts("liveness")).toBe("PP");
    it.worth((id) => (id === "liveness" ? null : 10_000n));
    it.asked.evaluations = 0;
    await it.mine(2);
    // The one that does not answer anyway is not asked for again.
    expect(it.asked.evaluations).toBe(3);
    expect(await it.verdicts("liveness")).toBe("PPEE");
    expect((await it.samples("liveness")).at(-1)?.reason).toBe("could not be read");
    expect(it.told()).toEqual([]);
  });

  test("that the node refuses again and again is judged with errors; one that it cannot be asked for waits", async () => {
    await begin();
    it.refuse(({ number }) =>
      number === it.executed.number + 1n ? new ChainFault("rejected", "The state is gone.") : undefined,
    );
    await it.mine(1);
    await expect.poll(() => it.verdicts("solvency")).toBe("PE");
    expect((await it.samples("solvency")).at(-1)?.reason).toBe("The state is gone.");
    it.refuse(() => new ChainFault("unreachable", "No route to it."));
    await it.mine(3);
    expect(await it.verdicts("solvency")).toBe("PE");
    it.refuse(() => undefined);
    await it.mine(1);
    expect(await it.verdicts("solvency")).toBe("PEPPPP");
  });

  test("counts for a metric with an interval only once that is over", async () => {
    await begin({ metrics: { liveness: { interval: "30" } } });
    await it.mine(6);
    const places = (await it.samples("liveness")).map((one) => Number(one.blockNumber - it.executed.number));
    expect(places).toEqual([0, 3, 6]);
  });

  test("counts for a metric of final blocks once it is final, and once", async () => {
    await begin({ metrics: { liveness: { finality: "finalized", severity: 1 } } });
    it.worth(failingAt("liveness", 2));
    await it.mine(3);
    expect(await it.verdicts("liveness")).toBe("");
    const [row] = await it.samples("solvency", { newest: 2 });
    it.final({
      number: row?.blockNumber ?? 0n,
      hash: row?.blockHash ?? "0x",
      parent: "0x",
      timestamp: row?.blockTime ?? 0n,
    });
    it.asked.evaluations = 0;
    await it.mine(3);
    expect(await it.verdicts("liveness")).toBe("F");
    expect(it.told()).toEqual(["breach liveness"]);
    expect(it.asked.evaluations).toBe(4);
  });

  test("before the execution says nothing of what was executed, though it is final only now", async () => {
    await begin({ metrics: { liveness: { finality: "finalized", severity: 1 } } });
    it.worth((id, { number }) => (id === "liveness" && number < it.executed.number ? 9_000n : 10_000n));
    const { number, hash, timestamp } = it.executed;
    const earlier = { number: number - 1n, hash: hashOf("before"), parent: hashOf("long before") };
    it.final({ ...earlier, timestamp: timestamp - 12n });
    await it.mine(2);
    expect(it.told(), "what failed was the old code").toEqual([]);
    expect(await it.samples("liveness")).toEqual([]);
    it.final({ number, hash, parent: earlier.hash, timestamp });
    await it.mine(1);
    expect(await it.verdicts("liveness")).toBe("P");
  });

  test("tells the worst first", async () => {
    await begin({ metrics: { solvency: { failN: "1", ofM: "1", severity: 2 }, liveness: { severity: 1 } } });
    it.worth((_id, { number }) => (number === it.executed.number + 1n ? 9_000n : 10_000n));
    await it.mine(1);
    expect(it.told()).toEqual(["breach liveness", "breach solvency"]);
  });

  test("before the execution fills no window, whatever was measured there", async () => {
    await begin({ metrics: { liveness: { invariant: true } } });
    const [row] = await it.samples("liveness");
    if (row === undefined) throw new Error("It was measured.");
    const before = [1n, 2n].map((back) => ({
      ...{ ...row, blockNumber: row.blockNumber - back, blockTime: row.blockTime - back, value: 9_000n },
      ...{ blockHash: numberToHex(back, { size: 32 }), verdict: "fail" as const },
    }));
    await it.down();
    await it.store().addSamples(before);
    await it.up();
    it.worth(failingAt("liveness", 1));
    await it.mine(2);
    expect(it.told()).toEqual([]);
    it.worth(failingAt("liveness", 3, 4));
    await it.mine(2);
    expect(it.told()).toEqual(["breach liveness"]);
  });

  test("compared with what cannot be read any more is an error, and told as unwatched", async () => {
    const relative = { pass: { is: ">=", baselineBps: 10_000 }, fail: { is: "<", baselineBps: 10_000 } };
    it = await measuredWorld({ metrics: { solvency: { ...relative, errorLimit: "3" } } });
    it.refuse(({ number }) => (number < it.executed.number ? new ChainFault("rejected", "Pruned.") : undefined));
    await it.settled();
    await it.mine(3);
    expect(await it.verdicts("solvency")).toBe("EEEE");
    expect((await it.samples("solvency", { newest: 1 }))[0]?.reason).toBe(
      "it is compared with the value before the execution, and that is not known",
    );
    expect(it.told()).toEqual(["doubted unwatched solvency"]);
    expect(it.faults[0]).toBe("values of UP-1 before its execution: Pruned.");
  });

  test("is compared with the one before the execution, which is read once and kept", async () => {
    const relative = { pass: { is: ">=", baselineBps: 10_000 }, fail: { is: "<", baselineBps: 10_000 } };
    it = await measuredWorld({ metrics: { solvency: relative } });
    it.worth((id, { number }) => (id === "solvency" ? 500n + (number - it.executed.number) / 3n : 10_000n));
    await it.settled();
    await it.mine(2);
    const [before, ...rows] = await it.samples("solvency");
    expect(before).toMatchObject({ blockNumber: it.executed.number - 1n, reason: "500 before the execution" });
    expect(rows.map((one) => one.verdict)).toEqual(["pass", "pass", "pass"]);
    // Another life, whose node has given that state up.
    await it.down();
    it.refuse(({ number }) => (number < it.executed.number ? new ChainFault("rejected", "Pruned.") : undefined));
    await it.up();
    it.worth((id, { number }) => (id === "solvency" && number >= it.executed.number ? 499n : 10_000n));
    await it.mine(1);
    expect(it.told()).toEqual(["breach solvency"]);
  });
});

describe("several sources", () => {
  const failsAt =
    (...sources: number[]) =>
    (id: string, _block: unknown, source: number) =>
      id === "solvency" && sources.includes(source) ? 9_000n : 10_000n;
  const agree = { solvency: { severity: 1, agree: 2 } };

  test("one that fails alone wakes people and is no breach; it is over when nobody says so any more", async () => {
    await begin({ sources: 3, metrics: agree });
    it.worth(failsAt(1));
    await it.mine(2);
    expect(it.told()).toEqual(["doubted suspected solvency"]);
    expect(it.seen[0]).toMatchObject({
      sentence: expect.stringMatching(
        /may have failed, and the sources are not of one mind: .*source-2 says fail \(9000\)/,
      ),
    });
    expect(await it.verdicts("solvency")).toBe("PPP");
    it.worth(failsAt());
    await it.mine(1);
    expect(it.told()).toEqual(["doubted suspected solvency", "doubtOver suspected solvency"]);
  });

  test("half of them are a breach that runs nothing; more than half are one that may", async () => {
    await begin({ sources: 4, metrics: agree });
    it.worth(failsAt(0, 1));
    await it.mine(1);
    it.worth(failsAt());
    await it.mine(1);
    it.worth(failsAt(0, 1, 2));
    await it.mine(1);
    const breaches = it.seen.filter((one) => one.what === "breach");
    expect(breaches.map((one) => one.what === "breach" && one.mayContain)).toEqual([false, true]);
    expect(breaches.map((one) => one.what === "breach" && one.sources)).toEqual([
      { agree: 2, of: 4 },
      { agree: 3, of: 4 },
    ]);
  });

  test("one that never answers holds nothing up, and is not waited for again", async () => {
    await begin({ sources: 3, metrics: agree });
    it.refuse((_block, source) => (source === 2 ? new Promise<never>(() => undefined) : undefined));
    it.worth(failsAt(0, 1));
    await it.mine(1);
    expect(it.told()).toEqual(["breach solvency"]);
    const from = performance.now();
    await it.mine(20);
    expect(performance.now() - from).toBeLessThan(20 * 300);
    expect((await it.verdicts("solvency")).slice(1)).toBe("F".repeat(21));
  });

  test("fewer than have to agree are an error, and nothing passes on it", async () => {
    await begin({ sources: 3, metrics: agree });
    it.refuse((_block, source) => (source > 0 ? new ChainFault("unreachable", "No route to it.") : undefined));
    await it.mine(1);
    const [newest] = await it.samples("solvency", { newest: 1 });
    expect(newest).toMatchObject({ verdict: "error", reason: "1 of 3 sources answered, and 2 must agree" });
  });
});

describe("time", () => {
  test("a head that is old is stale, unless the node has a newer one already", async () => {
    await begin();
    it.clock.wall += 500n;
    await it.mine(1);
    const [stale] = await it.samples("solvency", { newest: 1 });
    expect(stale?.verdict).toBe("stale");
    expect(stale?.reason).toMatch(/^the newest block, \d+, is 8 min 8 s old$/);
    // The node is only slow to say that it has a newer one.
    await it.mine(2, false);
    await it.tellsLate();
    await it.settled();
    expect((await it.verdicts("solvency")).slice(2)).toBe("PS");
    expect(it.judged.at(-2)?.isHead).toBe(true);
  });

  test("without blocks is recorded and told after a while, clears nothing, and costs the budget", async () => {
    await begin({
      metrics: { solvency: { severity: 1, errorLimit: "3" }, liveness: { severity: 2, errorLimit: "3" } },
    });
    it.worth(failingAt("liveness", 1, 2, 3));
    await it.mine(3);
    expect(it.isOpen("liveness")).toBe(true);
    it.silent(true);
    for (let second = 0; second < 400; second += 1) {
      it.clock.wall += 1n;
      await it.listen();
    }
    expect((await it.verdicts("solvency")).slice(4)).toBe("SSSSSS");
    expect(it.told()).toEqual(["breach liveness", "doubted unwatched solvency,liveness"]);
    expect(it.seen.find((one) => one.what === "doubted")).toMatchObject({
      sentence: expect.stringMatching(
        /^Solvency, Solvency cannot be measured: nothing was measured since block \d+, 3 min \d+ s ago$/,
      ),
    });
    expect(it.ceremony.state.budget?.left).toBeLessThan(80);
    it.silent(false);
    await it.mine(20, false);
    await it.mine(1);
    expect(it.told().slice(2)).toEqual(["doubtOver unwatched solvency,liveness", "cleared liveness"]);
  });

  test("with the node gone from the start on is told too", async () => {
    await begin();
    await it.down();
    it.silent(true);
    it.refuse(() => new ChainFault("unreachable", "No route to it."));
    await it.up();
    for (let minute = 0; minute < 6; minute += 1) {
      it.clock.wall += 61n;
      await it.listen();
    }
    expect(it.told()).toEqual(["doubted unwatched solvency,liveness"]);
  });
});

describe("what was missed", () => {
  test("comes after the head, each block once; what failed in it is told, and nothing is over before all is known", async () => {
    await begin({ metrics: { solvency: { severity: 1, clearN: "2" } } });
    it.worth(failingAt("solvency", 70));
    await it.down();
    await it.mine(100, false);
    it.judged.length = 0;
    await it.up();
    await it.settled();
    expect(it.judged[0]).toEqual({ number: it.newest().number, isHead: true });
    expect(await it.verdicts("solvency")).toBe(`${"P".repeat(70)}F${"P".repeat(30)}`);
    expect(it.told()).toEqual(["breach solvency"]);
    await it.mine(1);
    expect(it.told()).toEqual(["breach solvency", "cleared solvency"]);
    const blocks = (await it.samples("solvency")).map((one) => one.blockNumber);
    expect(new Set(blocks).size).toBe(blocks.length);
  });

  test("before an execution that was missed too says nothing of what was executed", async () => {
    await begin();
    it.worth(failingAt("solvency", 2));
    await it.down();
    await it.mine(5, false);
    const { number, hash, timestamp } = it.newest();
    const { state } = it.ceremony;
    const phases = state.phases.map((one) => ({ ...one, executedAt: { chain: mainnet, number, hash, timestamp } }));
    it.ceremony.current = { ...state, phases };
    await it.mine(5, false);
    await it.up();
    await it.settled();
    await it.mine(1);
    expect(it.told(), "what failed was the old code").toEqual([]);
    const since = await it.samples("solvency", { from: it.executed.number + 1n });
    expect(since.map((one) => one.blockNumber - number)).toEqual([0n, 1n, 2n, 3n, 4n, 5n, 6n]);
  });

  test("is a breach together with what came after it, where neither is one alone", async () => {
    await begin();
    it.worth(failingAt("liveness", 98, 99, 100));
    await it.down();
    await it.mine(100, false);
    await it.up();
    await it.settled();
    expect(it.told()).toEqual([]);
    await it.mine(1);
    expect(it.told()).toEqual(["breach liveness"]);
    expect(it.seen[0]).toMatchObject({ block: { number: it.executed.number + 100n }, value: "9000" });
    // And no further one comes of the same failures.
    await it.mine(6);
    expect(it.told()).toEqual(["breach liveness", "cleared liveness"]);
  });

  test("counts for what comes after it, in the order of the blocks", async () => {
    await begin();
    it.worth(failingAt("liveness", 98, 99, 101));
    await it.down();
    await it.mine(100, false);
    await it.up();
    await it.settled();
    expect(it.told()).toEqual([]);
    await it.mine(1);
    expect(it.told()).toEqual(["breach liveness"]);
  });

  test("costs nothing of the budget, whether the program was down meanwhile or only slow", async () => {
    await begin();
    await it.mine(1);
    await it.down();
    await it.mine(100, false);
    await it.up();
    await it.settled();
    await it.mine(100, false);
    await it.mine(1);
    expect(await it.verdicts("solvency")).toBe("P".repeat((await it.samples("solvency")).length));
    expect(it.ceremony.state.budget?.left).toBe(100);
  });

  test("between an execution and its being known is measured afterwards", async () => {
    await begin();
    await it.forgets();
    it.worth(failingAt("solvency", 5));
    await it.mine(40);
    expect(await it.verdicts("solvency")).toBe("P");
    it.learns();
    await it.settled();
    expect(await it.verdicts("solvency")).toBe(`PPPPPF${"P".repeat(35)}`);
    expect(it.told()).toEqual(["breach solvency"]);
    await it.mine(1);
    expect(it.told()).toEqual(["breach solvency", "cleared solvency"]);
  });

  test("before a ceremony was known is still to be measured when the next head passes: nothing is over by that head", async () => {
    await begin();
    it.worth(failingAt("solvency", 1, 6));
    await it.mine(1);
    await it.forgets();
    await it.mine(5);
    it.learns();
    await it.mine(1);
    expect(it.told()).toEqual(["breach solvency"]);
    expect(await it.verdicts("solvency")).toBe("PFPPPPFP");
    await it.mine(1);
    expect(it.told()).toEqual(["breach solvency", "cleared solvency"]);
  });
});

describe("a reorganisation", () => {
  test("leaves a breach open that its blocks had, as being rechecked, until they are measured again", async () => {
    await begin();
    it.worth(failingAt("solvency", 3));
    await it.mine(3);
    expect(it.told()).toEqual(["breach solvency"]);
    it.worth(() => 10_000n);
    it.refuse(() => new ChainFault("unreachable", "No route to it."));
    await it.reorganise(2, 2);
    expect(it.isRechecking("solvency")).toBe(true);
    expect(it.isOpen("solvency")).toBe(true);
    expect(it.rechecked).toEqual(["UP-1"]);
    it.refuse(() => undefined);
    await it.mine(1);
    expect(it.isRechecking("solvency")).toBe(false);
    expect(it.told()).toEqual(["breach solvency", "cleared solvency"]);
    // Not by the first block of the new chain, but once it was measured as far as the old one.
    expect(it.seen.at(-1)).toMatchObject({ what: "cleared", block: { number: it.executed.number + 3n } });
    expect(await it.verdicts("solvency")).toBe("PPPPP");
    const all = await it.samples("solvency", { superseded: true });
    expect(all.filter((one) => one.supersededBy !== undefined).map((one) => one.verdict)).toEqual(["pass", "fail"]);
  });

  test("opens again what only its blocks had cleared", async () => {
    await begin({ metrics: { solvency: { severity: 1, clearN: "2" } } });
    it.worth(failingAt("solvency", 1));
    await it.mine(3);
    expect(it.told()).toEqual(["breach solvency", "cleared solvency"]);
    it.refuse(() => new ChainFault("unreachable", "No route to it."));
    await it.reorganise(2, 3);
    expect(it.told()).toEqual(["breach solvency", "cleared solvency", "breach solvency"]);
    expect(it.seen.at(-1)).toMatchObject({ what: "breach", value: "9000", block: { number: it.executed.number + 1n } });
    expect(it.isOpen("solvency")).toBe(true);
    it.refuse(() => undefined);
    await it.mine(1);
    expect(it.told().slice(3)).toEqual(["cleared solvency"]);
  });
});
