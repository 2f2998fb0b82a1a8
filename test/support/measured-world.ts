/** A chain whose blocks and values a test says, and a ceremony under its canary on it: stream, store and rules are the real ones. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Block } from "../../src/block-reads.ts";
import type { Source } from "../../src/chain-sources.ts";
import type { CeremonyState } from "../../src/domain/ceremony.ts";
import type { Observation } from "../../src/domain/intent.ts";
import { judge, metric as metricShape, type Verdict } from "../../src/domain/metrics.ts";
import type { Evaluator } from "../../src/evaluator.ts";
import type { Chain, Chains, SampleRow } from "../../src/ports.ts";
import { openStore } from "../../src/store/open-store.ts";
import { type BlockStream, startBlockStream } from "../../src/watch/block-stream.ts";
import { createMeasuring, type Measuring } from "../../src/watch/measuring.ts";
import type { Ceremony } from "./ceremony-driver.ts";
import { ceremonyAt } from "./given.ts";
import { addressOf, hashOf, mainnet, samplePolicy } from "./sample-council.ts";

/** Null: nothing can be read. */
type Worth = (metric: string, block: Block, source: number) => bigint | null;

export interface WorldOptions {
  /** Changes to the metrics `solvency` (severity 1) and `liveness` (2), and further ones of the phase. */
  metrics?: Record<string, object>;
  sources?: number;
  /** Seconds between blocks. */
  every?: bigint;
}

const base = {
  ...{ title: "Solvency", class: "asset", chain: mainnet, unit: "bps", containment: "pause-vault", owner: "caro" },
  ...{ pass: { is: ">=", value: 10_000 }, fail: { is: "<", value: 10_000 } },
};

export type MeasuredWorld = Awaited<ReturnType<typeof measuredWorld>>;

export async function measuredWorld({ metrics = {}, sources = 1, every = 12n }: WorldOptions = {}) {
  const policy = samplePolicy();
  const given = { solvency: { severity: 1 }, liveness: { severity: 2 } };
  const names = [...new Set([...Object.keys(given), ...Object.keys(metrics)])];
  policy.metrics = names.map((id) => {
    const read = { kind: "call", to: addressOf(id), signature: "function value() view returns (uint256)" };
    const own = { severity: 2, ...(given as Record<string, object>)[id], ...metrics[id] };
    return metricShape.parse({ ...base, id, read, ...own });
  });
  // Played once for all: only what is measured in its phase is another.
  const ceremony: Ceremony = ceremonyAt("canary");
  ceremony.policy = policy;
  const { package: pkg } = ceremony.state;
  const phases = pkg.phases.map((one) => ({ ...one, metrics: names }));
  ceremony.current = { ...ceremony.state, package: { ...pkg, phases } };
  const executed = ceremony.state.phases[0]?.executedAt;
  if (executed === undefined) throw new Error("Nothing was executed.");

  const dataDir = mkdtempSync(join(tmpdir(), "quorate-measured-"));
  let store = await openStore({ dataDir });
  let made = 0;
  let canonical: Block[] = [
    { number: executed.number, hash: executed.hash, parent: hashOf("before"), timestamp: executed.timestamp },
  ];
  const known = new Map(canonical.map((one) => [one.hash, one]));
  known.set(hashOf("before"), {
    ...{ number: executed.number - 1n, hash: hashOf("before"), parent: hashOf("long before") },
    timestamp: executed.timestamp - every,
  });
  const clock = { wall: executed.timestamp };
  const asked = { evaluations: 0, all: 0, headers: 0 };
  const faults: string[] = [];
  const seen: Observation[] = [];
  const judged: { number: bigint; isHead: boolean }[] = [];
  const rechecked: string[] = [];
  let worth: Worth = () => 10_000n;
  let refuse: (block: Block, source: number) => Error | undefined | Promise<never> = () => undefined;
  let silent = false;
  let follower: ((block: Block) => void) | undefined;
  let final: Block | undefined;

  const evaluatorOf = (source: number): Evaluator => ({
    async evaluate(catalogue, { blockHash }, tell) {
      asked.evaluations += 1;
      if (tell === "all") asked.all += 1;
      const block = known.get(blockHash);
      if (block === undefined) throw new Error("no such block");
      const fault = await refuse(block, source);
      if (fault !== undefined) throw fault;
      const verdicts: Verdict[] = [];
      const values = new Map<number, bigint>();
      for (const [index, entry] of catalogue.entries.entries()) {
        const found = policy.metrics.find((one) => entry.metric === one.id || entry.metric === `UP-1/${one.id}`);
        const value = found === undefined ? null : worth(found.id, block, source);
        const baseline = worth(found?.id ?? "", known.get(hashOf("before")) ?? block, source) ?? undefined;
        const verdict = found === undefined ? "error" : judge(found, value, baseline);
        verdicts.push(verdict);
        if (value !== null && (tell === "all" || verdict === "fail")) values.set(index, value);
      }
      return { verdicts, values, timestamp: block.timestamp, gas: 0n, requests: 1 };
    },
  });
  const newest = (): Block => {
    const block = canonical.at(-1);
    if (block === undefined) throw new Error("There are no blocks.");
    return block;
  };
  const chain = {
    id: mainnet,
    ...evaluatorOf(0),
    sources: Array.from({ length: sources }, (_none, index) => ({
      ...evaluatorOf(index),
      host: `source-${index + 1}`,
    })) as unknown as Source[],
    async newestBlock() {
      asked.headers += 1;
      if (silent) throw new Error("no route to it");
      return newest();
    },
    blocks: async (numbers: readonly bigint[]) =>
      numbers.map((number) => [...known.values()].find((one) => one.number === number && isCanonical(one))),
    onBlock(listener: (block: Block) => void) {
      follower = listener;
      queueMicrotask(() => listener(newest()));
      return () => {
        if (follower === listener) follower = undefined;
      };
    },
    finalBlock: async () => final,
    safeBlock: async () => final,
  } as unknown as Chain;
  const isCanonical = (one: Block) => canonical.includes(one) || one.hash === hashOf("before");
  const chains: Chains = { ids: [mainnet], get: () => chain };

  let measuring: Measuring;
  let stream: BlockStream;
  let knows = true;
  function start(): void {
    measuring = createMeasuring({
      ...{ store, chains, policy },
      clock: { now: () => clock.wall },
      list: async () => (knows ? [ceremony.state] : []),
      async record(_id, one) {
        seen.push(one);
        ceremony.observe(one);
        measuring.saw(ceremony.state);
      },
      missing: () => stream.missing(),
      rechecked: (state: CeremonyState) => void rechecked.push(state.id),
      onFault: (where, fault) => void faults.push(`${where}: ${(fault as Error).message}`),
    });
    stream = startBlockStream({
      ...{ chain, store, pauseMs: () => 0 },
      judge(block, isHead) {
        judged.push({ number: block.number, isHead });
        return measuring.judge(mainnet, block, isHead);
      },
      orphaned: (blocks) => measuring.orphaned(mainnet, blocks),
      whole: () => measuring.whole(mainnet),
      onFault: (fault) => void faults.push(fault.message),
    });
  }
  start();

  const world = {
    ...{ ceremony, policy, asked, faults, seen, judged, rechecked, clock, executed },
    store: () => store,
    newest,
    worth(how: Worth): void {
      worth = how;
    },
    refuse(how: typeof refuse): void {
      refuse = how;
    },
    silent(is: boolean): void {
      silent = is;
    },
    final(block: Block): void {
      final = block;
    },
    /** Blocks on top, the clock with them; told of one by one unless they are to be missed. */
    async mine(count = 1, isTold = true): Promise<void> {
      for (let one = 0; one < count; one += 1) {
        const parent = newest();
        made += 1;
        const block = {
          ...{ number: parent.number + 1n, hash: hashOf(`block ${made}`), parent: parent.hash },
          timestamp: parent.timestamp + every,
        };
        canonical = [...canonical, block];
        known.set(block.hash, block);
        if (block.timestamp > clock.wall) clock.wall = block.timestamp;
        if (isTold) follower?.(block);
        if (isTold) await world.settled();
      }
    },
    /** The last blocks go, and so many others come. */
    async reorganise(depth: number, count: number): Promise<void> {
      canonical = canonical.slice(0, -depth);
      await world.mine(count, false);
      follower?.(newest());
      await world.settled();
    },
    /** Told of the block before the newest, as by a node that is slow to say what it has. */
    async tellsLate(): Promise<void> {
      const late = canonical.at(-2);
      if (late === undefined) throw new Error("There is one block.");
      follower?.(late);
      while (!judged.some((one) => one.number === late.number)) await new Promise(setImmediate);
    },
    async settled(): Promise<void> {
      await stream.settled("all");
      await measuring.catchUp(mainnet);
    },
    listen: () => measuring.listen(mainnet, () => stream.settled("head")),
    failing: (metric: string) => measuring.failing("UP-1", metric),
    isRechecking: (metric: string) => measuring.isRechecking("UP-1", metric),
    /** The program does not know yet that the phase was executed. */
    async forgets(): Promise<void> {
      await stream.stop();
      knows = false;
      start();
    },
    learns(): void {
      measuring.saw(ceremony.state);
    },
    async down(): Promise<void> {
      await stream.stop();
    },
    async up(): Promise<void> {
      await store.close();
      store = await openStore({ dataDir });
      start();
    },
    samples: (metric: string, which = {}): Promise<SampleRow[]> => store.samples("UP-1", metric, which),
    /** The verdicts of a metric by block, first letters, from the execution on. */
    async verdicts(metric: string): Promise<string> {
      const rows = await world.samples(metric);
      return rows.map((one) => (one.verdict[0] ?? "").toUpperCase()).join("");
    },
    /** What was recorded, in short. */
    told: (): string[] => seen.filter(({ what }) => what !== "budget").map(inShort),
    isOpen: (metric: string) => ceremony.state.breaches.some((one) => one.metric === metric && one.open),
    async end(): Promise<void> {
      await stream.stop();
      measuring.stop();
      await store.close();
      rmSync(dataDir, { recursive: true });
    },
  };
  return world;
}

function inShort(one: Observation): string {
  if (one.what === "breach" || one.what === "cleared") return `${one.what} ${one.metric}`;
  if (one.what === "doubted" || one.what === "doubtOver") return `${one.what} ${one.about} ${one.metrics.join()}`;
  return one.what;
}
