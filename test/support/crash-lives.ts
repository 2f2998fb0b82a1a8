/** The lives of one ceremony: a process at a time, each killed somewhere, until one of them finishes. */

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { startBlocks } from "../../src/embedded/block-producer.ts";
import { advanceTime } from "../../src/embedded/trade.ts";
import { type StartedWorld, startWorld } from "../../src/embedded/world.ts";
import type { Card } from "../../src/view.ts";

/** What a life is told when it begins. */
export interface Life {
  url: string;
  dataDir: string;
  /** Heads come by themselves; otherwise the chain is looked at only when asked to, and every run is alike. */
  pushed: boolean;
  /** "before POINT" or "after POINT": where it is killed, at the first it comes to. */
  deaths: string[];
  /** Moments at which it loses its hold of the world and everything it knew, and begins anew in the same process. */
  losses: string[];
}

export interface Question {
  number: number;
  what:
    | { kind: "show"; card: Card }
    | { kind: "pass"; seconds: bigint; blocks: number }
    | { kind: "lost"; moment: string }
    | { kind: "done"; passed: string[] };
}

export interface Answer {
  /** Of the newest block, after time has passed. */
  timestamp: bigint;
  fault?: string;
}

const repository = fileURLToPath(new URL("../..", import.meta.url));

export interface Program {
  path: string;
  remove(): Promise<void>;
}

/** The child as one file, and its threads as others: starting them takes a quarter of what their sources take. */
export async function bundleChild(): Promise<Program> {
  await mkdir(join(repository, "test-results"), { recursive: true });
  const folder = await mkdtemp(join(repository, "test-results", "crash-"));
  const path = join(folder, "child.mjs");
  const source = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  await build({
    entryPoints: {
      child: source("crash-child.ts"),
      builds: source("../../src/builds/worker.ts"),
      forks: source("../../src/chain/fork-server-thread.ts"),
    },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node24",
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    external: ["pg-native"],
    banner: {
      js: `import { createRequire as req } from "node:module"; const require = req(import.meta.url),
        __filename = import.meta.filename, __dirname = import.meta.dirname;`,
    },
    logLevel: "error",
  });
  // Threads are started from files beside the program.
  await writeFile(join(folder, "worker.ts"), 'import "./builds.mjs";\n');
  await writeFile(join(folder, "fork-server-thread.ts"), 'import "./forks.mjs";\n');
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}

export interface Ceremony {
  world: StartedWorld;
  dataDir: string;
  /** Cards in the order they were shown, over all lives. */
  cards: Card[];
  /** What was written to the standard error of any life. */
  complaints: string[];
  /** Points passed by the life that finished. */
  passed: string[];
  /** Deaths that came, in order. */
  died: string[];
  /** Losses that came, in order. */
  lost: string[];
  remove(): Promise<void>;
}

export interface CeremonyPlan {
  deaths?: string[];
  losses?: string[];
  /** Milliseconds between blocks, pushed to the program; otherwise blocks come only when something is sent. */
  blockMs?: number;
  /** The chat fails the first time it is shown one of these cards. */
  chatFailsOnce?: readonly string[];
  /** Milliseconds after which a life is killed from outside; undefined lets it live. */
  lifetimes?: number[];
  /** The sample policies by default. */
  policies?: string;
  /** What is done to the chain before the first life. */
  prepare?(world: StartedWorld): Promise<void>;
}

/** Runs a ceremony through as many lives as it takes. */
export async function liveThrough(program: Program, plan: CeremonyPlan = {}): Promise<Ceremony> {
  const world = await startWorld();
  const producer = await startBlocks(world, { intervalMs: plan.blockMs ?? 3_600_000 });
  const dataDir = await mkdtemp(join(tmpdir(), "quorate-crash-"));
  const ceremony: Ceremony = {
    ...{ world, dataDir, cards: [], complaints: [], passed: [], died: [], lost: [] },
    async remove() {
      await producer.stop();
      await world.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  try {
    await plan.prepare?.(world);
    await lives(program, plan, ceremony);
    return ceremony;
  } catch (fault) {
    await ceremony.remove();
    throw fault;
  }
}

async function lives(program: Program, plan: CeremonyPlan, ceremony: Ceremony): Promise<void> {
  const deaths = new Set(plan.deaths);
  const failing = new Set(plan.chatFailsOnce);
  const lifetimes = [...(plan.lifetimes ?? [])];
  const policies = plan.policies ?? join(repository, "policies");
  let next = spawnChild(program, policies);
  try {
    for (;;) {
      const current = next;
      // The next life is made ready while this one runs: most of a life is its start.
      next = spawnChild(program, policies);
      const place = { url: ceremony.world.url, dataDir: ceremony.dataDir, pushed: plan.blockMs !== undefined };
      const losses = (plan.losses ?? []).filter((one) => !ceremony.lost.includes(one));
      const life = { ...place, deaths: [...deaths], losses };
      const end = await liveOnce(current, life, ceremony, failing, lifetimes.shift());
      if (end === "finished") return;
      ceremony.died.push(end);
      deaths.delete(end);
    }
  } finally {
    next.kill("SIGKILL");
  }
}

function spawnChild({ path }: Program, policies: string): ChildProcess {
  return fork(path, [policies], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    serialization: "advanced",
    execArgv: ["--disable-warning=ExperimentalWarning"],
    env: { ...process.env, NODE_COMPILE_CACHE: join(path, "..", "cache") },
  });
}

async function liveOnce(
  child: ChildProcess,
  life: Life,
  ceremony: Ceremony,
  failing: Set<string>,
  lifetime?: number,
): Promise<string> {
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      said[name] += text;
    });
  let finished = false;
  child.on("message", async ({ number, what }: Question) => {
    finished ||= what.kind === "done";
    const answer = await answerTo(what, ceremony, failing);
    if (child.connected) child.send({ number, answer }, () => undefined);
  });
  child.send(life);
  const timer = lifetime === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), lifetime);
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  clearTimeout(timer);
  if (said.stderr !== "") ceremony.complaints.push(said.stderr);
  if (finished && code === 0) return "finished";
  if (signal !== "SIGKILL") throw new Error(`A life ended by itself (${code ?? signal}): ${said.stderr}`);
  return said.stdout === "" ? "from outside" : (life.deaths[Number(said.stdout)] ?? said.stdout);
}

async function answerTo(what: Question["what"], ceremony: Ceremony, failing: Set<string>): Promise<Answer> {
  const { world, cards } = ceremony;
  switch (what.kind) {
    case "show":
      if (failing.delete(what.card.key)) return { timestamp: 0n, fault: "The chat is down." };
      cards.push(what.card);
      return { timestamp: 0n };
    case "pass":
      return { timestamp: (await advanceTime(world, what.seconds, what.blocks)).timestamp };
    case "lost":
      ceremony.lost.push(what.moment);
      return { timestamp: 0n };
    case "done":
      ceremony.passed = what.passed;
      return { timestamp: 0n };
  }
}
