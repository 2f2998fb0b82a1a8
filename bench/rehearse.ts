/** How long a whole clean ceremony takes: the real command line, five times, one after another. */

import { spawn } from "node:child_process";
import { cpus } from "node:os";
import { join } from "node:path";

const RUNS = 5;
/** Seconds on two cores. */
const LIMIT = 20;

interface Run {
  /** From the start of the process to its end, in seconds. */
  wall: number;
  /** As the rehearsal itself says. */
  seconds: number;
  events: number;
  transactions: number;
  blocks: number;
}

/** Prints medians; hands back the exit code: 0 where the median is below the limit. */
export async function measure(json: boolean): Promise<number> {
  const runs: Run[] = [];
  for (let run = 0; run < RUNS; run += 1) runs.push(await rehearseOnce());
  const result = {
    bench: "rehearse",
    scenario: "clean",
    runs: RUNS,
    cores: cpus().length,
    wall: spread(runs.map((one) => one.wall)),
    seconds: spread(runs.map((one) => one.seconds)),
    events: median(runs.map((one) => one.events)),
    transactions: median(runs.map((one) => one.transactions)),
    blocks: median(runs.map((one) => one.blocks)),
    limit: LIMIT,
    ok: median(runs.map((one) => one.wall)) < LIMIT,
  };
  const { wall, seconds, events, transactions, blocks } = result;
  process.stdout.write(
    json
      ? `${JSON.stringify(result)}\n`
      : `A clean ceremony, ${RUNS} times: median ${wall.median} s from start to end of the process (${wall.min} to ${wall.max}), ${seconds.median} s of it the rehearsal; ${events} events, ${transactions} transactions, ${blocks} blocks. The limit is ${LIMIT} s.\n`,
  );
  return result.ok ? 0 : 1;
}

async function rehearseOnce(): Promise<Run> {
  const cli = join(import.meta.dirname, "..", "src", "cli.ts");
  const startedAt = performance.now();
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", cli, "rehearse", "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    text += part;
  });
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.on("error", reject).on("close", resolve);
  const code = await promise;
  const wall = Math.round((performance.now() - startedAt) / 10) / 100;
  const counted = /(\d+) events, (\d+) transactions, (\d+) blocks/.exec(text);
  if (code !== 0 || counted === null) throw new Error(`The rehearsal did not end as it should (exit code ${code}).`);
  const { seconds } = JSON.parse(text.trimEnd().split("\n").at(-1) ?? "{}") as { seconds: number };
  const [, events, transactions, blocks] = counted.map(Number);
  return { wall, seconds, events: events ?? 0, transactions: transactions ?? 0, blocks: blocks ?? 0 };
}

function spread(values: readonly number[]) {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
