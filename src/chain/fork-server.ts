/** Where forks ask for their state: a loopback RPC in a thread of its own, which comes here with what it does not know. */

import { randomBytes } from "node:crypto";
import { Worker } from "node:worker_threads";
import type { KnownState } from "./fork-foresight.ts";
import type { ForkQuestion, ForkReply, Said, Told } from "./fork-server-thread.ts";

export interface ServedFork {
  /** Of a host and port of this machine, with a path that nobody can guess: it may spend the chain's RPC. */
  readonly url: string;
  /** What is answered without coming back here. */
  learn(state: KnownState): void;
  /** Its own block, with whole transactions or their hashes. */
  learnBlock(whole: boolean, block: unknown): void;
  close(): void;
}

export interface ForkServer {
  /** Starts the thread unless it runs. */
  warm(): void;
  /** `block`: number of the fork's block in hexadecimal; `settled`: answers by method; `answer` never fails. */
  serve(
    block: string,
    settled: Record<string, unknown>,
    answer: (question: ForkQuestion) => Promise<ForkReply>,
  ): Promise<ServedFork>;
  close(): void;
}

type Answering = (question: ForkQuestion) => Promise<ForkReply>;

export function forkServer(): ForkServer {
  const answering = new Map<string, Answering>();
  let running: { worker: Worker; port: Promise<number> } | undefined;

  function start() {
    const worker = new Worker(new URL("./fork-server-thread.ts", import.meta.url), {
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
    const { promise: port, resolve, reject } = Promise.withResolvers<number>();
    const started = { worker, port };
    const ended = (fault: unknown) => {
      if (running === started) running = undefined;
      reject(new Error(`the thread that answers forks broke off: ${String(fault)}`));
    };
    // Looked at by whoever waits for it.
    port.catch(() => undefined);
    worker.on("message", (said: Said) => {
      if (said.kind === "listening") resolve(said.port);
      else void reply(worker, said);
    });
    worker.on("error", ended).on("exit", ended);
    worker.unref();
    running = started;
    return started;
  }

  async function reply(worker: Worker, { id, path, question }: Said & { kind: "ask" }): Promise<void> {
    const answer = answering.get(path);
    const gone = { error: { code: -32603, message: "the fork is over" } };
    worker.postMessage({ kind: "reply", id, reply: (await answer?.(question)) ?? gone } satisfies Told);
  }

  return {
    warm() {
      if (running === undefined) start();
    },
    async serve(block, settled, answer) {
      const { worker, port } = running ?? start();
      const tell = (told: Told) => worker.postMessage(told);
      const path = `/${randomBytes(16).toString("hex")}`;
      answering.set(path, answer);
      tell({ kind: "open", path, block, settled });
      return {
        url: `http://127.0.0.1:${await port}${path}`,
        learn: (state) => tell({ kind: "learn", path, state }),
        learnBlock: (whole, own) => tell({ kind: "block", path, whole, block: own }),
        close() {
          answering.delete(path);
          tell({ kind: "close", path });
        },
      };
    },
    close() {
      void running?.worker.terminate();
    },
  };
}
