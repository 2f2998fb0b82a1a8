/** Processes of the test's own, which it may kill. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { StoreLocation } from "../../src/store/open-store.ts";

export interface Appender {
  pid: number;
  /** What it said so far: "open", then the sequence of every acknowledged event. */
  lines: string[];
  /** Resolves once it said so many lines. */
  said(count: number): Promise<void>;
  /** Lets a "shared" one begin. */
  begin(): void;
  /** Resolves when it ended, with its exit code. */
  ended: Promise<number | null>;
  kill(): Promise<void>;
}

export function startAppender(place: StoreLocation, access: "own" | "shared", count: number, name: string): Appender {
  const script = fileURLToPath(new URL("appender.ts", import.meta.url));
  const flags = ["--disable-warning=ExperimentalWarning", script];
  const child: ChildProcess = spawn(process.execPath, [...flags, JSON.stringify(place), access, `${count}`, name], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const check = () => {
    for (const wake of waiting) wake();
  };
  if (child.stdout === null || child.pid === undefined) throw new Error("The appender did not start.");
  const reader = createInterface(child.stdout).on("line", (line) => {
    lines.push(line);
    check();
  });
  const ended = Promise.all([once(child, "exit"), once(reader, "close")]).then(() => child.exitCode);
  const kill = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  onTestFinished(kill);
  return {
    pid: child.pid,
    lines,
    begin: () => void child.stdin?.write("begin\n"),
    ended,
    async said(wanted) {
      const enough = new Promise<void>((resolve) => {
        const wake = () => lines.length >= wanted && resolve();
        waiting.add(wake);
        wake();
      });
      await Promise.race([enough, ended]);
      if (lines.length < wanted) throw new Error(`The appender ended after ${lines.length} lines.`);
    },
    kill,
  };
}
