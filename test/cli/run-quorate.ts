/** The real program as a child process, as `npm run -s quorate` starts it. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const node = ["--disable-warning=ExperimentalWarning", "src/cli.ts"];

/** Starts it with nothing configured but `environment`, so that the machine's own variables do not count. */
export function startQuorate(words: readonly string[], environment: Record<string, string> = {}) {
  const { PATH, HOME, TMPDIR } = process.env;
  const own = Object.fromEntries(Object.entries({ PATH, HOME, TMPDIR }).filter(([, value]) => value !== undefined));
  return spawn(process.execPath, [...node, ...words], {
    cwd: root,
    // Compiled once, not by each of many short processes.
    env: { ...own, NODE_COMPILE_CACHE: `${root}node_modules/.cache/quorate-tests`, ...environment },
    stdio: ["pipe", "pipe", "pipe"],
  });
}

/** Runs it to its end. */
export async function quorate(words: readonly string[], environment: Record<string, string> = {}): Promise<Ended> {
  const child = startQuorate(words, environment);
  child.stdin.end();
  const ended: Ended = { code: null, stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    ended.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    ended.stderr += text;
  });
  const [code] = await once(child, "close");
  return { ...ended, code };
}
