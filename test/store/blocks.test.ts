import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { JudgedBlock } from "../../src/block-store.ts";
import { canonicalHash } from "../../src/domain/canonical.ts";
import type { Verdict } from "../../src/domain/metrics.ts";
import type { ChainId, Hex } from "../../src/domain/primitives.ts";
import { packVerdicts, unpackVerdicts } from "../../src/domain/watch/verdict-bits.ts";
import type { SampleRow } from "../../src/ports.ts";
import { type OpenedStore, openStore, type StoreLocation } from "../../src/store/open-store.ts";
import { memoryBlocks } from "../support/memory-blocks.ts";
import { emptied, type Intruder, testEngines } from "./engines.ts";

const chain: ChainId = "eip155:1";
const hashOf = (name: string): Hex => canonicalHash({ name });
const verdict = fc.constantFrom<Verdict>("pass", "fail", "inconclusive", "stale", "error");

function block(number: bigint, branch = "main", verdicts: Verdict[] = ["pass"]): JudgedBlock {
  const at = (n: bigint) => hashOf(`${branch} ${n}`);
  return {
    ...{ number, hash: at(number), parent: at(number - 1n), timestamp: 1_000n + number },
    ...{ catalogue: hashOf("catalogue"), verdicts },
  };
}

const orphan = ({ number, hash }: JudgedBlock, by: JudgedBlock) => ({ number, hash, by: by.hash });

describe("verdicts in two bits each", () => {
  test("come back as they were", () => {
    fc.assert(
      fc.property(fc.array(verdict, { maxLength: 60 }), (verdicts) => {
        expect(unpackVerdicts(packVerdicts(verdicts), verdicts.length)).toEqual(verdicts);
      }),
    );
  });

  test("take a quarter of a byte each, and a failing node takes no more", () => {
    const { bits, others } = packVerdicts(Array.from({ length: 1_000 }, () => "error" as const));
    expect([bits.length, others]).toEqual([250, "e0-999"]);
  });

  test.each([
    ["a missing reason", { bits: Uint8Array.of(3), others: "" }, 1],
    ["a reason for a pass", { bits: Uint8Array.of(0), others: "e0" }, 1],
    ["too few bytes", { bits: Uint8Array.of(0), others: "" }, 5],
    ["a reason beyond the end", { bits: Uint8Array.of(3), others: "e0-1" }, 1],
    ["another word", { bits: Uint8Array.of(3), others: "p0" }, 1],
  ])("are not guessed from %s", (_what, packed, count) => {
    expect(() => unpackVerdicts(packed, count)).toThrow(RangeError);
  });
});

describe.each(testEngines)("blocks on $name", (engine) => {
  let place: StoreLocation;
  let store: OpenedStore;
  let intruder: Intruder;

  beforeAll(async () => {
    await engine.start();
    place = await engine.place();
    store = await openStore(place);
    intruder = await engine.intruder(place);
  });
  afterAll(async () => {
    await intruder.close();
    await store.close();
    await engine.stop();
  });
  beforeEach(() => emptied(intruder));

  test("are kept with their verdicts and the values that came back", async () => {
    const verdicts: Verdict[] = ["pass", "fail", "inconclusive", "stale", "error", "pass"];
    const one = block(7n, "main", verdicts);
    const sample: SampleRow = {
      ...{ ceremony: "", metric: "solvency", chain, verdict: "fail", reason: "too low", value: -(2n ** 100n) },
      ...{ blockNumber: 7n, blockHash: one.hash, blockTime: 1_007n, observedAt: 5n },
    };
    await store.keepBlock(chain, one, [sample], 7n);
    await store.close();
    store = await openStore(place);
    expect(await store.newestJudged(chain, 5)).toEqual([one]);
    expect(await store.samples("", "solvency")).toEqual([sample]);
    expect(await store.newestJudged("eip155:2", 5)).toEqual([]);
  });

  test("with a value that cannot be kept are not kept themselves", async () => {
    const broken = { ceremony: "", metric: null as never, chain, verdict: "fail", reason: "", value: 1n } as const;
    const at = { blockNumber: 7n, blockHash: hashOf("7"), blockTime: 1n, observedAt: 5n };
    await expect(store.keepBlock(chain, block(7n), [{ ...broken, ...at }], 7n)).rejects.toThrow();
    expect(await store.blockRuns(chain, 65)).toEqual([]);
    expect(await store.judgedBlocks(chain, 0n, 9n)).toEqual([]);
  });

  test("that a reorganisation took out stay, say what took their place, and may come back", async () => {
    await store.keepBlock(chain, block(7n), [], 7n);
    await store.supersedeBlocks(chain, [orphan(block(7n), block(7n, "other"))], 6n);
    expect(await store.judgedBlocks(chain, 0n, 9n)).toEqual([]);
    expect(await intruder.run("select superseded_by from block_verdicts")).toEqual([
      { superseded_by: block(7n, "other").hash },
    ]);
    await store.keepBlock(chain, block(7n), [], 7n);
    expect(await store.judgedBlocks(chain, 0n, 9n)).toEqual([block(7n)]);
    expect((await intruder.run("select hash from block_verdicts")).length).toBe(1);
  });

  test("that were edited are not read as verdicts", async () => {
    await store.keepBlock(chain, block(7n, "main", ["error"]), [], 7n);
    await intruder.run("update block_verdicts set others = ''");
    await expect(store.judgedBlocks(chain, 0n, 9n)).rejects.toThrow(
      "The verdicts of block 7 of eip155:1 are not readable: they were damaged or edited.",
    );
  });

  test("are found again in the runs in which they were recorded", async () => {
    const act = fc.record({
      keep: fc.boolean(),
      number: fc.bigInt({ min: 1n, max: 30n }),
      branch: fc.constantFrom("main", "other"),
      complete: fc.bigInt({ min: 0n, max: 12n }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(act, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 5 }),
        async (acts, depth) => {
          await emptied(intruder);
          const model = memoryBlocks();
          for (const { keep, number, branch, complete } of acts) {
            const one = block(number, branch);
            const other = block(number, branch === "main" ? "other" : "main");
            for (const target of [store, model]) {
              // Of one number only one block is canonical.
              await target.supersedeBlocks(chain, [orphan(other, one)], complete);
              if (keep) await target.keepBlock(chain, one, [], complete);
            }
          }
          expect(await store.blockRuns(chain, depth)).toEqual(await model.blockRuns(chain, depth));
          expect(await store.newestJudged(chain, depth)).toEqual(await model.newestJudged(chain, depth));
          expect(await store.judgedBlocks(chain, 5n, 9n)).toEqual(await model.judgedBlocks(chain, 5n, 9n));
        },
      ),
      { numRuns: 15 },
    );
  });
});
