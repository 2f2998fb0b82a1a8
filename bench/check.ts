/**
 * How long a whole check takes beside `forge script` simulating the same upgrade on the same node: on loopback, and behind
 * 50 ms of way to every request. Ratios of one run on one machine, so that its speed and load count on both sides.
 */

import { loadavg } from "node:os";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { type ForgeProject, forgeProject } from "./check/forge.ts";
import { type Arrival, type Checked, openSample, type Sample } from "./check/sample.ts";
import { type SlowRpc, startSlowRpc } from "./check/slow-rpc.ts";

/** Each way: of checks that take a tenth of a second, and of those that wait for a node far away. */
const runs = { near: 21, far: 7 };
/** Checks on loopback before any is compared: a Quorate runs for weeks, and what it runs often is compiled for good by then. */
const warmUp = 60;
/** Milliseconds that a request takes longer on its way. */
const way = 50;
/** Milliseconds in which what a check leaves behind has come to rest. */
const settling = 250;
const limits = {
  /** Check by forge. */ loopback: 1,
  far: 1 / 3,
  /** Milliseconds without a turn of the event loop. */ blocked: 50,
};

/** Prints medians and ratios; hands back the exit code: 0 where every limit is kept. */
export async function measure(json: boolean): Promise<number> {
  const sample = await openSample();
  try {
    const project = await forgeProject(sample.path);
    if (typeof project === "string") {
      process.stderr.write(`${project}\n`);
      return 2;
    }
    const far = await startSlowRpc(sample.url, way);
    try {
      return report(await measured(sample, project, far), json);
    } finally {
      await far.stop();
      await project.remove();
    }
  } finally {
    await sample.close();
  }
}

interface Compared {
  /** Milliseconds, medians. */
  check: Spread;
  forge: Spread;
  ratio: number;
  /** Milliseconds of the first check there, which is not counted: it loads code, and learns where forks look. */
  first: number;
}

interface Measured {
  load: number;
  /** Milliseconds: builds read, and of that spent compiling sources. Neither is part of a check's time. */
  builds: { readMs: number; compiledMs: number };
  /** Of a program that has just begun, in milliseconds: its first check, and its first as many as are compared later. */
  begun: { first: number; check: Spread };
  /** The newest block was there for a moment, and the fork was begun on it. */
  loopback: Compared;
  /** The newest block came right before: the fork is begun in the check. */
  justMined: Compared;
  far: Compared;
  requests: { check: number; forge: number };
  /** Longest time without a turn of the event loop in a check, in milliseconds. */
  blocked: Spread;
}

async function measured(sample: Sample, project: ForgeProject, far: SlowRpc): Promise<Measured> {
  const blocked: number[] = [];
  const check = async (url: string, arrives: Arrival) => {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const done = await sample.check(url, arrives);
    delay.disable();
    blocked.push(delay.max / 1e6);
    return passed(done).ms;
  };
  const compare = async (url: string, runs: number, arrives: Arrival = "after"): Promise<Compared> => {
    const times = { check: [] as number[], forge: [] as number[] };
    // The first of each is not counted: it loads code and files.
    for (let run = 0; run <= runs; run += 1) {
      times.check.push(await check(url, arrives));
      // After a check its next anvil starts: that must not take time away from the other side.
      await new Promise((resolve) => setTimeout(resolve, settling));
      times.forge.push(await project.simulate(url));
    }
    const [ours, theirs] = [spread(times.check.slice(1)), spread(times.forge.slice(1))];
    const first = Math.round(times.check[0] ?? Number.NaN);
    return { check: ours, forge: theirs, ratio: rounded(ours.median / theirs.median, 3), first };
  };
  const early: number[] = [];
  for (let run = 0; run < warmUp; run += 1) {
    early.push(await check(sample.url, "after"));
    await new Promise((resolve) => setTimeout(resolve, settling));
  }
  const loopback = await compare(sample.url, runs.near);
  const justMined = await compare(sample.url, runs.near, "before");
  const apart = await compare(far.url, runs.far);
  const counted = async (run: () => Promise<unknown>) => {
    const before = await far.requests();
    await run();
    // With what begins the next fork.
    await new Promise((resolve) => setTimeout(resolve, settling));
    return (await far.requests()) - before;
  };
  const requests = {
    check: await counted(() => sample.check(far.url)),
    forge: await counted(() => project.simulate(far.url)),
  };
  return {
    ...{ load: rounded(loadavg()[0] ?? 0, 1), builds: sample.builds, loopback, justMined, far: apart, requests },
    begun: { first: Math.round(early[0] ?? Number.NaN), check: spread(early.slice(1, runs.near + 1)) },
    blocked: spread(blocked.slice(1)),
  };
}

function passed(done: Checked): Checked {
  if (done.complaints.length > 0) throw new Error(`The check of the sample complains: ${done.complaints.join("; ")}`);
  return done;
}

function report(found: Measured, json: boolean): number {
  const ok = {
    loopback: found.loopback.ratio <= limits.loopback,
    far: found.far.ratio <= limits.far,
    eventLoop: found.blocked.median <= limits.blocked,
  };
  const line = (where: string, { check, forge, ratio, first }: Compared, limit?: number) =>
    `  ${where}: check ${shown(check)}, forge script ${shown(forge)}: ratio ${ratio}${limit === undefined ? "" : ` (limit ${rounded(limit, 3)})`}; the first check, not counted: ${first}`;
  const text = [
    `A package of three proxies, ${runs.near} times each way on loopback and ${runs.far} times far away; medians (least to most) in milliseconds, at a load of ${found.load}.`,
    `  a program that has just begun, on loopback: its first check ${found.begun.first}, the ${runs.near} after it ${shown(found.begun.check)}; then ${warmUp} in all before anything is compared`,
    line("loopback node", found.loopback, limits.loopback),
    line("loopback node, with a block right before the check", found.justMined),
    line(`${way} ms to every request`, found.far, limits.far),
    `  HTTP requests: check ${found.requests.check}, forge script ${found.requests.forge}`,
    `  longest without a turn of the event loop: ${shown(found.blocked)} (limit ${limits.blocked})`,
    `  not counted: builds read in ${found.builds.readMs}, of which ${found.builds.compiledMs} went into compiling sources`,
  ].join("\n");
  process.stdout.write(
    json ? `${JSON.stringify({ bench: "check", runs, warmUp, ...found, limits, ok })}\n` : `${text}\n`,
  );
  return Object.values(ok).every(Boolean) ? 0 : 1;
}

interface Spread {
  median: number;
  min: number;
  max: number;
}

function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number) => Math.round(sorted[index] ?? Number.NaN);
  return { median: at(Math.floor(sorted.length / 2)), min: at(0), max: at(sorted.length - 1) };
}

const shown = ({ median, min, max }: Spread) => `${median} (${min} to ${max})`;
const rounded = (value: number, digits: number) => Number(value.toFixed(digits));
