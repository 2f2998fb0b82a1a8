/** What a block leaves in memory. */

import { fork } from "node:child_process";
import { join } from "node:path";

export interface Memory {
  blocks: number;
  /** Invariants that are judged in each. */
  metrics: number;
  seconds: number;
  /** Bytes that a block adds, by regression: of live JavaScript objects, and of all that the process has. */
  heap: number;
  rss: number;
  /** At the end. */
  heapMiB: number;
  rssMiB: number;
}

/** Rejects where a block was not judged. */
export function measureMemory(): Promise<Memory> {
  const execArgv = ["--disable-warning=ExperimentalWarning", "--expose-gc"];
  const child = fork(join(import.meta.dirname, "memory-process.ts"), { execArgv });
  return new Promise((resolve, reject) => {
    child.once("message", (memory) => resolve(memory as Memory));
    child.once("exit", (code) => reject(new Error(`The process whose memory is measured ended with ${code}.`)));
  });
}
