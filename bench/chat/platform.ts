/** The other end of the platform's process. */

import { fork } from "node:child_process";
import { join } from "node:path";
import type { Asked } from "./ways.ts";

export interface PlatformProcess {
  /** Rejects with the platform's own words. */
  ask<Name extends keyof Asked>(name: Name, given: Asked[Name]["with"]): Promise<Asked[Name]["gives"]>;
  stop(): Promise<void>;
}

export function startPlatform(): PlatformProcess {
  const child = fork(join(import.meta.dirname, "platform-process.ts"), {
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  const open = new Map<number, PromiseWithResolvers<unknown>>();
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  void gone.then(() => {
    for (const one of open.values()) one.reject(new Error("The platform's process has ended."));
  });
  child.on("message", ({ id, value, fault }: { id: number; value?: unknown; fault?: string }) => {
    if (fault === undefined) open.get(id)?.resolve(value);
    else open.get(id)?.reject(new Error(fault));
    open.delete(id);
  });
  let last = 0;
  return {
    ask(name, given) {
      last += 1;
      const answer = Promise.withResolvers<unknown>();
      open.set(last, answer);
      child.send({ id: last, name, given });
      return answer.promise as Promise<never>;
    },
    async stop() {
      child.disconnect();
      await gone;
    },
  };
}
