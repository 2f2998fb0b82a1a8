/** What samples mean, rule by rule: the numbers are those of the evaluation rules that councils were promised. */

import { describe, expect, it } from "vitest";
import { judge, type Metric, type Verdict } from "../../../src/domain/metrics.ts";
import { agreed, type SourceSays } from "../../../src/domain/watch/agreement.ts";
import { ageOf, atHead } from "../../../src/domain/watch/head-age.ts";
import { isRechecking, noAlert, reorganised, replayed, superseded } from "../../../src/domain/watch/replay.ts";
import { conditionOf, emptyWindow, fold, inBlockOrder } from "../../../src/domain/watch/window.ts";
import { hashOf } from "../../support/sample-council.ts";
import { metricWith, samplesOf } from "./sample-metric.ts";

/** What changes, and at which block, such as `breach 2`. */
const changes = (metric: Metric, letters: string, since?: bigint) =>
  fold({ metric, since }, samplesOf(letters)).changes.map(({ kind, at }) => `${kind} ${at.blockNumber}`);
const one = metricWith({ failN: 1, ofM: 1, errorLimit: 100 });
const three = metricWith({ errorLimit: 100 });

describe("rule 1: several sources, one block", () => {
  const block = hashOf("this block");
  const says = (source: string, verdict: Verdict, value: bigint | null = null, blockHash = block): SourceSays => ({
    source,
    blockHash,
    verdict,
    value,
  });
  const sev1 = metricWith({ severity: 1, agree: 2 });

  it("takes what at least k of them say of that block", () => {
    const said = [says("a", "pass"), says("b", "pass"), says("c", "error")];
    expect(agreed(sev1, block, said)).toMatchObject({ verdict: "pass", agreeing: 2, asked: 3, suspected: false });
    const failing = [says("a", "fail", 9n), says("b", "fail", 9n), says("c", "error")];
    expect(agreed(sev1, block, failing)).toMatchObject({ verdict: "fail", value: 9n, mayContain: true });
  });

  it("counts an answer of another block as none", () => {
    const said = [says("a", "pass"), says("b", "pass", null, hashOf("another block"))];
    expect(agreed(sev1, block, said)).toMatchObject({ verdict: "error", agreeing: 0 });
  });

  it("calls fewer than k an error, also where the verdict is one and the values are two", () => {
    const said = [says("a", "fail", 9n), says("b", "fail", 8n)];
    const result = agreed(sev1, block, said);
    expect(result).toMatchObject({
      verdict: "error",
      value: null,
      reason: "disagreement: a says fail (9); b says fail (8)",
    });
    expect(agreed(sev1, block, [says("a", "pass"), says("b", "error")]).reason).toBe(
      "1 of 2 sources answered, and 2 must agree",
    );
  });

  it("lets a lone failing source of severity 1 page, and never contain", () => {
    const alone = [says("a", "fail", 9n), says("b", "pass"), says("c", "error")];
    expect(agreed(sev1, block, alone)).toMatchObject({ verdict: "error", suspected: true, mayContain: false });
    expect(agreed({ ...sev1, severity: 2 }, block, alone).suspected).toBe(false);
    // Outvoted, it is heard all the same.
    const outvoted = [says("a", "fail", 9n), says("b", "pass"), says("c", "pass")];
    expect(agreed(sev1, block, outvoted)).toMatchObject({ verdict: "pass", suspected: true, mayContain: false });
    // Where one would be enough, one against others is not, nor one while the others are silent.
    const loose = { ...sev1, agree: 1 };
    expect(agreed(loose, block, outvoted)).toMatchObject({ verdict: "fail", mayContain: false });
    expect(agreed(loose, block, [says("a", "fail"), says("b", "error")])).toMatchObject({ mayContain: false });
    expect(agreed(loose, block, [says("a", "fail", 9n)])).toMatchObject({ verdict: "fail", mayContain: true });
  });

  it("lets one that lies neither contain nor keep from containing", () => {
    const hushed = [says("a", "fail", 9n), says("b", "fail", 9n), says("c", "pass")];
    expect(agreed(sev1, block, hushed)).toMatchObject({ verdict: "fail", value: 9n, mayContain: true });
    const even = [...hushed, says("d", "pass")];
    expect(agreed(sev1, block, even)).toMatchObject({ verdict: "fail", mayContain: false });
  });

  it("pages once while the suspicion lasts, and is no breach", () => {
    const doubted = (letters: string) => samplesOf(letters).map((item) => ({ ...item, suspected: true }));
    const { changes: made } = fold({ metric: sev1 }, [...doubted("EEE"), ...samplesOf("PP", 3n)]);
    expect(made.map(({ kind }) => kind)).toEqual(["suspected"]);
  });

  it("is stale where every source is behind", () => {
    expect(agreed(sev1, block, [says("a", "stale"), says("b", "stale")]).verdict).toBe("stale");
  });
});

describe("rule 2: heads", () => {
  const head = { number: 7n, timestamp: 1_000n };

  it("that are older than the metric allows are stale, to the second, whatever was read there", () => {
    for (const verdict of ["pass", "fail", "inconclusive"] as const) {
      expect(atHead(one, head, 1_060n, verdict)).toBe(verdict);
      expect(atHead(one, head, 1_061n, verdict)).toBe("stale");
    }
    expect(ageOf(head, 990n)).toBe(0n);
  });
});

it("rule 3: where pass and fail both hold, fail wins", () => {
  expect(judge(metricWith({ fail: { is: ">", value: 0 } }), 10_000n, undefined)).toBe("fail");
});

describe("rule 4: a breach", () => {
  it("is 3 of the last 5 conclusive samples where policy says nothing, and 1 of 1 of an invariant of severity 1", () => {
    expect([three.failN, three.ofM]).toEqual([3n, 5n]);
    const invariant = metricWith({ severity: 1 });
    expect([invariant.failN, invariant.ofM, invariant.invariant]).toEqual([1n, 1n, true]);
    const other = metricWith({ severity: 1, invariant: false });
    expect([other.failN, other.ofM]).toEqual([3n, 5n]);
    // The first failure of an invariant of severity 1 is one too many, however wide its window.
    expect([metricWith({ severity: 1, ofM: 5 }).failN, metricWith({ ofM: 2 }).failN]).toEqual([1n, 2n]);
  });

  it("comes with the third failure in five, and not with the fourth or the second", () => {
    expect(changes(three, "FF")).toEqual([]);
    expect(changes(three, "FFF")).toEqual(["breach 2"]);
    expect(changes(three, "FPFPF")).toEqual(["breach 4"]);
    expect(changes(three, "FPPFPF")).toEqual([]);
    expect(changes(one, "PF")).toEqual(["breach 1"]);
  });

  it("comes with a failure and with nothing else, also where old ones are still in the window", () => {
    const quick = metricWith({ failN: 3, ofM: 10, clearN: 2, errorLimit: 100 });
    expect(changes(quick, "FFFPPPEIP")).toEqual(["breach 2", "cleared 4"]);
    expect(changes(quick, "FFFPPPF")).toEqual(["breach 2", "cleared 4", "breach 6"]);
  });

  it("can be told for every width that policy may ask for, however much lies between", () => {
    const wide = metricWith({ failN: 12, ofM: 30, errorLimit: 1_000 });
    const rare = `FE${"I".repeat(20)}`.repeat(12);
    expect(changes(wide, rare)).toEqual([`breach ${11 * 22}`]);
  });

  it("cannot be asked for where it can never come", () => {
    expect(() => metricWith({ failN: 4, ofM: 3 })).toThrow(/4 of the last 3 samples can never fail/);
    expect(() => metricWith({ failN: 0 })).toThrow(/must not be less than 1/);
    expect(metricWith({ failN: 7 }).ofM).toBe(7n);
  });
});

describe("rule 5: what is no verdict", () => {
  it("neither fills nor empties the window of failures", () => {
    for (const letter of ["S", "E", "I"]) {
      expect(changes(three, `F${letter}F${letter.repeat(9)}F`)).toEqual(["breach 12"]);
      expect(changes(one, `P${letter.repeat(9)}`)).toEqual([]);
    }
  });

  it("never clears, and begins the passes anew", () => {
    const two = metricWith({ failN: 1, ofM: 1, clearN: 3, errorLimit: 100 });
    for (const letter of ["S", "E", "I"]) {
      expect(changes(two, `F${letter.repeat(50)}`)).toEqual(["breach 0"]);
      expect(changes(two, `FPP${letter}PP`)).toEqual(["breach 0"]);
      expect(changes(two, `FPP${letter}PPP`)).toEqual(["breach 0", "cleared 6"]);
    }
  });

  it("is told of itself after errorLimit of them in a row, at exactly that one", () => {
    const limited = metricWith({ errorLimit: 3 });
    expect(changes(limited, "PEE")).toEqual([]);
    expect(changes(limited, "PEES")).toEqual(["unwatched 3"]);
    expect(changes(limited, "PEEIEE")).toEqual([]);
    expect(changes(limited, "PESESEP")).toEqual(["unwatched 3", "watched again 6"]);
  });
});

describe("rule 6: warm-up", () => {
  const slow = { warmup: 36, failN: 1, ofM: 1 };

  it("lets failures be, to the second, and keeps what comes after", () => {
    expect(changes(metricWith(slow), "FFFPP", 1_000n)).toEqual([]);
    expect(changes(metricWith(slow), "FFFF", 1_000n)).toEqual(["breach 3"]);
  });

  it("is not for invariants", () => {
    expect(changes(metricWith({ ...slow, severity: 1 }), "FF", 1_000n)).toEqual(["breach 0"]);
    expect(changes(metricWith({ ...slow, invariant: true }), "FF", 1_000n)).toEqual(["breach 0"]);
  });

  it("counts from an execution alone", () => {
    expect(changes(metricWith(slow), "F")).toEqual(["breach 0"]);
  });
});

describe("rule 7: clearing", () => {
  const careful = metricWith({ failN: 1, ofM: 1, clearN: 3, clearMargin: 50, errorLimit: 100 });
  const at = (value: bigint | null, from: bigint) => samplesOf("P", from).map((item) => ({ ...item, value }));
  const changed = (...values: (bigint | null)[]) =>
    fold({ metric: careful }, [...samplesOf("F"), ...values.flatMap((value, index) => at(value, BigInt(index) + 1n))])
      .changes.length;

  it("needs clearN passes in a row, each beyond the margin", () => {
    expect(changed(10_050n, 10_050n)).toBe(1);
    expect(changed(10_050n, 10_050n, 10_050n)).toBe(2);
    expect(changed(10_050n, 10_049n, 10_050n, 10_050n)).toBe(1);
    expect(changed(10_050n, 10_049n, 10_050n, 10_050n, 10_050n)).toBe(2);
  });

  it("does not believe a pass whose value nobody kept", () => {
    expect(changed(10_050n, null, 10_050n, 10_050n)).toBe(1);
  });

  it("takes as many passes as the window is wide where policy says nothing", () => {
    expect(changes(three, "FFFPPPP")).toEqual(["breach 2"]);
    expect(changes(three, "FFFPPPPP")).toEqual(["breach 2", "cleared 7"]);
  });

  it("does not come of silence: no samples change nothing, and never having measured is not quiet", () => {
    const { window } = fold({ metric: three }, samplesOf("FFF"));
    expect(fold({ metric: three }, [], window)).toEqual({ window, changes: [] });
    expect(conditionOf(emptyWindow)).toBe("unmeasured");
    expect(conditionOf(fold({ metric: three }, samplesOf("EESI")).window)).toBe("unmeasured");
    expect(
      ["P", "PF", "FFF", "FFFP", "FFFPPPPP"].map((it) => conditionOf(fold({ metric: three }, samplesOf(it)).window)),
    ).toEqual(["quiet", "pending", "firing", "clearing", "quiet"]);
  });
});

describe("rule 8: a reorganisation", () => {
  const setting = { metric: metricWith({ failN: 1, ofM: 1, clearN: 2 }) };
  const [kept, orphans] = [samplesOf("PP"), samplesOf("PF", 2n)];
  const orphaned = new Map(orphans.map(({ blockNumber, blockHash }) => [blockHash, hashOf(`fork ${blockNumber}`)]));
  const marked = superseded([...kept, ...orphans], orphaned);
  const before = { ...noAlert, window: fold(setting, [...kept, ...orphans]).window };
  const { alert } = reorganised(setting, before, marked, 3n);
  const fork = (letters: string) => samplesOf(letters, 2n, "fork");
  const replay = (letters: string) => {
    let now = alert;
    const seen: string[] = [];
    for (const sample of fork(letters)) {
      const next = replayed(setting, now, sample);
      now = next.alert;
      seen.push(...next.changes.map(({ kind, at }) => `${kind} ${at.blockNumber}`));
    }
    return { now, seen };
  };

  it("supersedes the samples of the blocks that are gone, and drops none", () => {
    expect(marked.map((item) => item.supersededBy)).toEqual([undefined, undefined, hashOf("fork 2"), hashOf("fork 3")]);
    const twice = superseded(marked, new Map([[orphans[0]?.blockHash ?? "0x", hashOf("later")]]));
    expect(twice).toEqual(marked);
  });

  it("keeps the alert open and says that it is being rechecked, until the new chain was measured as far", () => {
    expect(isRechecking(alert)).toBe(true);
    expect(isRechecking(replay("P").now)).toBe(true);
    expect(isRechecking(replay("FF").now)).toBe(false);
    expect(replay("FF").now.window.open).toBe(true);
  });

  it("clears only by passes of the new chain", () => {
    expect(replay("P").seen).toEqual([]);
    expect(replay("PP").seen).toEqual(["cleared 3"]);
    expect(replay("PEPP").seen).toEqual(["cleared 5"]);
  });

  it("clears nothing before the new chain was measured as far as the old one, however few passes it takes", () => {
    const quick = { metric: metricWith({ failN: 1, ofM: 1, clearN: 1 }) };
    const [second, third] = fork("PP");
    if (!second || !third) throw new Error("There are two.");
    const one = replayed(quick, alert, second);
    expect(one).toMatchObject({ changes: [], alert: { window: { open: true } } });
    expect(replayed(quick, one.alert, third).changes.map(({ kind, at }) => `${kind} ${at.blockNumber}`)).toEqual([
      "cleared 3",
    ]);
  });

  it("opens again what only orphaned blocks had cleared", () => {
    const [failing, cleared] = [samplesOf("F"), samplesOf("PP", 1n)];
    const gone = new Map(cleared.map(({ blockHash }) => [blockHash, hashOf("fork")]));
    const closed = { ...noAlert, window: fold(setting, [...failing, ...cleared]).window };
    expect(closed.window.open).toBe(false);
    const result = reorganised(setting, closed, superseded([...failing, ...cleared], gone), 2n);
    expect(result).toMatchObject({ reopened: true, alert: { window: { open: true } } });
  });
});

describe("rule 9 and the order of things", () => {
  it("puts samples in the order of their blocks, each once, before they are counted", () => {
    const [a, b, c] = samplesOf("PFP");
    if (!a || !b || !c) throw new Error("There are three.");
    expect(inBlockOrder([c, a, b, a])).toEqual([a, b, c]);
  });

  it("forgets nothing of a long ceremony: the thousandth sample counts as the first did", () => {
    const { window } = fold({ metric: three }, samplesOf("P".repeat(5_000)));
    expect(window.conclusive).toBe(5_000n);
    expect(changes(three, `${"P".repeat(4_000)}FFF`)).toEqual(["breach 4002"]);
  });

  it("lets a metric in shadow be measured, and nothing come of it", () => {
    const shadow = metricWith({ failN: 1, ofM: 1, mode: "shadow", errorLimit: 2 });
    const { window, changes: made } = fold({ metric: shadow }, samplesOf("FFEEEP"));
    expect(made).toEqual([]);
    expect(window).toMatchObject({ open: false, conclusive: 3n });
  });
});
