/** The builds of a folder, worked on in a thread of their own that starts with the first question. */

import { Worker } from "node:worker_threads";
import type { Builds } from "../build-facts.ts";
import { BuildFault } from "./fault.ts";
import type { Reply, Task } from "./worker.ts";

/** Milliseconds for one question: the first compile takes several seconds on a slow machine. */
const patience = 110_000;
/** A file that would fill the memory ends the thread, not the program. */
const memory = { maxOldGenerationSizeMb: 2048 };

type Asked = { resolve(value: unknown): void; reject(fault: Error): void; timer: NodeJS.Timeout };
type Question = Task extends infer T ? (T extends Task ? Omit<T, "id"> : never) : never;

/** `folder` undefined: no builds, but code can be walked. Nothing is read yet. */
export function openBuilds(folder: string | undefined): Builds {
  let worker: Worker | undefined;
  let closed = false;
  let lastId = 0;
  const open = new Map<number, Asked>();

  function give(id: number, settle: (asked: Asked) => void): void {
    const asked = open.get(id);
    if (asked === undefined) return;
    open.delete(id);
    clearTimeout(asked.timer);
    settle(asked);
    if (open.size === 0) worker?.unref();
  }

  function start(): Worker {
    const started = new Worker(new URL("./worker.ts", import.meta.url), {
      workerData: { folder },
      resourceLimits: memory,
      // upgrades-core prints notes, and solc has been known to.
      stdout: true,
      stderr: true,
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
    const failed = (fault: unknown) => {
      if (worker === started) worker = undefined;
      const said = fault instanceof Error ? fault.message : `It ended with ${String(fault)}.`;
      for (const id of [...open.keys()])
        give(id, (asked) => asked.reject(new BuildFault(`The thread that reads builds broke off. ${said}`)));
    };
    started.stdout.resume();
    started.stderr.resume();
    started.on("message", (reply: Reply) =>
      give(reply.id, (asked) =>
        "result" in reply ? asked.resolve(reply.result) : asked.reject(new BuildFault(reply.reason)),
      ),
    );
    started.on("error", failed);
    started.on("exit", failed);
    return started;
  }

  async function ask<T>(question: Question): Promise<T> {
    // A check that is in hand when the program stops asks on: another thread would keep the program from ending.
    if (closed) throw new BuildFault("The builds were closed.");
    worker ??= start();
    const asking = worker;
    asking.ref();
    const id = ++lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        give(id, (asked) => asked.reject(new BuildFault("Reading the builds took too long; it was stopped.")));
        void asking.terminate();
      }, patience);
      open.set(id, { resolve: (value) => resolve(value as T), reject, timer });
      asking.postMessage({ ...question, id } as Task);
    });
  }

  return {
    inventory: () => ask({ kind: "inventory" }),
    identify: (codes, within) => (codes.length === 0 ? Promise.resolve([]) : ask({ kind: "identify", codes, within })),
    layouts: (questions) => (questions.length === 0 ? Promise.resolve([]) : ask({ kind: "layouts", questions })),
    walk: (codes) => (codes.length === 0 ? Promise.resolve([]) : ask({ kind: "walk", codes })),
    async close() {
      closed = true;
      await worker?.terminate();
    },
  };
}
