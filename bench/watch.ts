/**
 * The watch by the clock: from a block to the decision beside other ways to read the same, from the decision to the page and
 * to the containment, and what a block leaves in memory. The ratios are those of one run on one machine, in turns, so that
 * its speed and load count on every side.
 */

import { loadavg } from "node:os";
import { type Containments, measureContainments } from "./watch/containments.ts";
import { type Decisions, measureDecisions } from "./watch/decisions.ts";
import { type Memory, measureMemory } from "./watch/memory.ts";
import { measurePages, type Pages } from "./watch/pages.ts";
import { type Name, names } from "./watch/ways.ts";

const limits = {
  /** At 1,000 invariants, by one bare multicall. */ bare: 0.6,
  /** At 1,000 invariants: how many times as long viem takes that reads each by itself. */ each: 20,
  requests: 2,
  /** Bytes up, for an invariant and block. */ bytes: 200,
  /** Bytes up in all, where the catalogue is deployed. */ deployed: 4_000,
  /** Milliseconds from the decision until the request that calls people leaves for Slack: a median. */ page: 10,
  /** Milliseconds from the decision until the node has taken what was signed before: a median. */ containment: 15,
  /** Bytes that a block adds to what is alive in memory. */ memory: 1_000,
};

interface Measured {
  decisions: Decisions[];
  pages: Pages;
  containments: Containments;
  memory: Memory;
}

/** Prints medians and ratios; hands back the exit code: 0 where every limit is kept. */
export async function measure(json: boolean): Promise<number> {
  const startedAt = performance.now();
  const load = () => Number((loadavg()[0] ?? 0).toFixed(1));
  const before = load();
  // First, as in a program of their own: decisions leave a large heap behind.
  const containments = await measureContainments();
  const pages = await measurePages();
  const decisions = await measureDecisions();
  const measured = { decisions, pages, containments, memory: await measureMemory() };
  const ok = judged(measured);
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  const result = { bench: "watch", seconds, load: { before, after: load() }, limits, ...measured, ok };
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${text(measured, seconds, before)}\n`);
  return Object.values(ok).every(Boolean) ? 0 : 1;
}

function judged({ decisions, pages, containments, memory }: Measured): Record<string, boolean> {
  const thousand = decisions.find((one) => one.invariants === 1_000);
  const every = (holds: (one: Decisions) => boolean) => decisions.every(holds);
  return {
    sentByBare: (thousand?.ratio.sent ?? 1) <= limits.bare,
    deployedByBare: (thousand?.ratio.deployed ?? 1) <= limits.bare,
    eachBySent: thousand !== undefined && thousand.ratio.viemEach / thousand.ratio.sent >= limits.each,
    eachByDeployed: thousand !== undefined && thousand.ratio.viemEach / thousand.ratio.deployed >= limits.each,
    requests: every(({ up }) => [up.sent, up.deployed].every((one) => (one?.requests ?? 9) <= limits.requests)),
    bytes: (thousand?.up.sent?.bytes ?? Number.POSITIVE_INFINITY) / 1_000 <= limits.bytes,
    deployedBytes: every(({ up }) => (up.deployed?.bytes ?? Number.POSITIVE_INFINITY) < limits.deployed),
    page: pages.left.median <= limits.page,
    containment: containments.median <= limits.containment,
    memory: memory.heap < limits.memory,
  };
}

function text({ decisions, pages, containments, memory }: Measured, seconds: number, load: number): string {
  const lines = decisions.flatMap(({ invariants, chains, ms, ratio, up }) => [
    `${invariants} invariants on ${chains === 1 ? "one chain" : `each of ${chains} chains`}: from the head to the decision`,
    ...(Object.keys(names) as Name[]).map((name) => {
      const carried = up[name] === undefined ? "" : `, ${up[name].requests} request, ${up[name].bytes} bytes up`;
      return `  ${names[name]}: ${ms[name].median} ms (least ${ms[name].least}), ${ratio[name]} x the bare multicall${carried}`;
    }),
  ]);
  return [
    `Medians at a load of ${load}, in ${seconds} s.`,
    ...lines,
    `From the decision to the page leaving for Slack: median ${pages.left.median} ms, p95 ${pages.left.p95} ms, max ${pages.left.max} ms of ${pages.breaches}; the limit is ${limits.page} ms. Slack has it after ${pages.arrived.median} ms (p95 ${pages.arrived.p95}, max ${pages.arrived.max}).`,
    `From the decision to the node having the containment: median ${containments.median} ms, max ${containments.max} ms of ${containments.containments}; the limit is ${limits.containment} ms.`,
    `Memory over ${memory.blocks} blocks with ${memory.metrics} invariants: ${memory.heap} bytes a block of live objects, ${memory.rss} of the whole process (${memory.heapMiB} and ${memory.rssMiB} MiB at the end); the limit is ${limits.memory} of live objects.`,
  ].join("\n");
}
