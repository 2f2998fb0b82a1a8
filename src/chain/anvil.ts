/** Starts anvil, a real EVM node, as a child that cannot outlive this process. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { guardCommand } from "./anvil-guard.ts";

export interface AnvilOptions {
  /** 31337 by default; a fork has the id of the forked chain unless one is given. */
  chainId?: number;
  /** The hardfork whose rules hold; pinned, so that a newer anvil runs the same. */
  hardfork?: string;
  /** RPC to fork from. */
  forkUrl?: string;
  /** Block the fork starts at; the newest by default. */
  forkBlock?: bigint;
  /** 0, the default, takes a free one. */
  port?: number;
  /** Timestamp of the genesis block in seconds; wall time by default. Not for forks. */
  timestamp?: bigint;
  /** How many of anvil's well-known funded accounts exist; none by default. */
  accounts?: number;
  /** False: blocks appear only when asked for (`evm_mine`). True by default. */
  automine?: boolean;
  /** In Gas; 60 million by default. */
  gasLimit?: bigint;
  /** How many past states are kept, in memory alone. All by default, and beyond some hundred in files: slower. */
  keepStates?: number;
  /**
   * Whether the deterministic deployer is there from the start, and is what CREATE2 goes through; true by default. A fork has
   * the one of its chain, or none, and needs a tenth less time where nothing has to look for it.
   */
  deployer?: boolean;
  /** One by default. A fork needs two: with one, a trace and a read that both wait for the chain wait for ever. */
  threads?: number;
  /** PEM text of the only certificates that it trusts; those of the machine by default. */
  roots?: string;
  /** Milliseconds until a start counts as failed; 20 seconds by default (a fork asks its RPC first). */
  timeoutMs?: number;
}

export interface Anvil {
  /** http://127.0.0.1:PORT */
  readonly url: string;
  /** ws://127.0.0.1:PORT */
  readonly wsUrl: string;
  readonly port: number;
  /** A Unix socket in its folder, which nobody else on the machine may enter; undefined where it has none. */
  readonly ipcPath: string | undefined;
  /** Process id of the guard, whose child anvil is. */
  readonly pid: number;
  /** Settles when anvil is gone, whatever the reason. */
  readonly exited: Promise<void>;
  /** Ends anvil and removes its folder; may be called again. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts anvil on 127.0.0.1. It dies with this process, even after SIGKILL, and leaves no file behind
 * (see {@link guardCommand}). `finalized` lags `latest` by two blocks, not by the 64 that anvil has by default.
 * Throws one sentence if the binary is missing or the node does not come up.
 */
export async function startAnvil(options: AnvilOptions = {}): Promise<Anvil> {
  const { command, args } = guardCommand(anvilBinary(), anvilArguments(options), undefined, options.roots);
  // A process group of its own: Ctrl-C at a terminal must reach the guard only through the death of this process.
  const guard = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], detached: true, windowsHide: true });
  guard.stdin.on("error", () => undefined); // the guard went first
  const exited = guardExit(guard);
  const stop = async () => {
    guard.ref();
    guard.stdin.end();
    await exited;
  };
  try {
    const { port, folder } = await whereabouts(guard, options.timeoutMs ?? 20_000);
    forget(guard);
    const url = `http://127.0.0.1:${port}`;
    const wsUrl = `ws://127.0.0.1:${port}`;
    return {
      url,
      wsUrl,
      port,
      ipcPath: ipcPath(folder),
      pid: guard.pid ?? 0,
      exited,
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Arguments in anvil's own words. Request logs stay on: only with them it says which port it took. */
function anvilArguments(options: AnvilOptions): string[] {
  const fork = options.forkUrl !== undefined;
  const named: [string, string | number | bigint | undefined][] = [
    ["--host", "127.0.0.1"],
    ["--port", options.port ?? 0],
    ["--hardfork", options.hardfork ?? "osaka"],
    ["--accounts", options.accounts ?? 0],
    ["--slots-in-an-epoch", 1],
    ["--gas-limit", options.gasLimit ?? 60_000_000n],
    ["--threads", options.threads ?? 1],
    ["--chain-id", options.chainId ?? (fork ? undefined : 31337)],
    ["--timestamp", fork ? undefined : options.timestamp],
    ["--prune-history", options.keepStates],
    ["--fork-url", options.forkUrl],
    ["--fork-block-number", options.forkBlock],
    ["--ipc", process.platform === "win32" ? undefined : socketName],
  ];
  const flags = ["--no-request-size-limit", "--no-cors"];
  if (fork) flags.push("--no-storage-caching");
  if (options.deployer === false) flags.push("--disable-default-create2-deployer");
  if (options.automine === false) flags.push("--no-mining");
  return [...named.flatMap(([name, value]) => (value === undefined ? [] : [name, String(value)])), ...flags];
}

/** In anvil's folder, where it runs. */
const socketName = "anvil.ipc";
/** What the system takes for the path of a socket, in bytes. */
const longestPath = 100;

function ipcPath(folder: string): string | undefined {
  const path = join(folder, socketName);
  return process.platform === "win32" || Buffer.byteLength(path) > longestPath ? undefined : path;
}

/** The platform's binary itself: npm's JavaScript wrapper starts three times slower and would orphan it. */
export function anvilBinary(): string {
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  const name = `@foundry-rs/anvil-${process.platform}-${architecture}`;
  const require = createRequire(createRequire(import.meta.url).resolve("@foundry-rs/anvil/package.json"));
  try {
    const folder = dirname(require.resolve(`${name}/package.json`));
    return join(folder, "bin", process.platform === "win32" ? "anvil.exe" : "anvil");
  } catch (cause) {
    throw new Error(`anvil is not installed: the npm package ${name} is missing; run npm ci.`, { cause });
  }
}

/** Resolves when anvil says where it listens; its folder was said before. */
async function whereabouts(guard: ChildProcess, timeoutMs: number): Promise<{ port: number; folder: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ port: number; folder: string }>();
  let output = "";
  let errors = "";
  const fail = (what: string) => reject(new Error(`anvil did not start: ${what}.`));
  const timer = setTimeout(() => fail(`no answer within ${timeoutMs / 1000} seconds`), timeoutMs);
  const onOutput = (chunk: Buffer) => {
    output += chunk.toString("utf8");
    const port = /Listening on 127\.0\.0\.1:(\d+)/.exec(output)?.[1];
    const folder = /^Folder (.*)$/m.exec(output)?.[1];
    if (port !== undefined && folder !== undefined) resolve({ port: Number(port), folder });
  };
  const onErrors = (chunk: Buffer) => {
    errors = (errors + chunk.toString("utf8")).slice(-2000);
  };
  guard.stdout?.on("data", onOutput);
  guard.stderr?.on("data", onErrors);
  guard.once("error", (error) => fail(error.message));
  guard.stdout?.once("end", () => fail(firstLine(errors) || "it ended at once"));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    guard.stdout?.off("data", onOutput);
    guard.stderr?.off("data", onErrors);
  }
}

function firstLine(text: string): string {
  return (text.trim().split("\n")[0] ?? "").replace(/^Error: /, "").replace(/\.$/, "");
}

/** Only anvil holds the guard's output, so its end is anvil's end; the guard is told to clean up then. */
async function guardExit(guard: ChildProcess): Promise<void> {
  guard.stdout?.once("end", () => guard.stdin?.end());
  await Promise.race([once(guard, "exit"), once(guard, "error")]).catch(() => undefined);
}

/** Reads the request logs away, and lets this process end without stopping anvil first. */
function forget(guard: ChildProcess): void {
  guard.unref();
  for (const stream of [guard.stdin, guard.stdout, guard.stderr]) {
    if (stream && "unref" in stream && typeof stream.unref === "function") stream.unref();
  }
  guard.stdout?.resume();
  guard.stderr?.resume();
}
