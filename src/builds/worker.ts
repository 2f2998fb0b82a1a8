/** The thread in which builds are read, compiled and compared, and code is walked: none of it is quick. */

import { parentPort, workerData } from "node:worker_threads";
import type { LayoutQuestion } from "../build-facts.ts";
import { type CodeWalk, walkCode } from "../domain/code-walk.ts";
import type { Hex } from "../domain/primitives.ts";
import { openCatalogue } from "./catalogue.ts";
import { BuildFault } from "./fault.ts";

/** What the other side sends; `id` comes back with the answer. */
export type Task = { id: number } & (
  | { kind: "inventory" }
  | { kind: "identify"; codes: readonly Hex[]; within: readonly Hex[] | undefined }
  | { kind: "layouts"; questions: readonly LayoutQuestion[] }
  | { kind: "walk"; codes: readonly Hex[] }
);
export type Reply = { id: number } & ({ result: unknown } | { reason: string });

const catalogue = openCatalogue((workerData as { folder: string | undefined }).folder);
const walks = new Map<Hex, CodeWalk>();

function walked(code: Hex): CodeWalk {
  const walk = walks.get(code) ?? walkCode(code);
  walks.set(code, walk);
  for (const oldest of [...walks.keys()].slice(0, -100)) walks.delete(oldest);
  return walk;
}

async function work(task: Task): Promise<unknown> {
  switch (task.kind) {
    case "inventory":
      return catalogue.inventory();
    case "identify":
      return catalogue.identify(task.codes, task.within);
    case "layouts":
      return catalogue.layouts(task.questions);
    case "walk":
      return task.codes.map(walked);
  }
}

/** One after another: they share what was read. */
let last: Promise<void> = Promise.resolve();

parentPort?.on("message", (task: Task) => {
  last = last.then(async () => {
    try {
      parentPort?.postMessage({ id: task.id, result: await work(task) } satisfies Reply);
    } catch (fault) {
      const said = fault instanceof Error ? fault.message : String(fault);
      const reason =
        fault instanceof BuildFault ? `The builds cannot be used: ${said}.` : `The builds cannot be read. ${said}`;
      parentPort?.postMessage({ id: task.id, reason } satisfies Reply);
    }
  });
});
