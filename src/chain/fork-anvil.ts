/** Anvils that are started before they are needed: a check reads for a while before its first fork. */

import { type Anvil, type AnvilOptions, startAnvil } from "./anvil.ts";

export interface SpareAnvil {
  /** Starts one in the background unless one is there already. */
  warm(): void;
  /** The same in a moment: whoever needed one may need another, unless all of it is over. */
  again(): void;
  /** What is asked for again while `run` goes on is started after it: starting takes time away from it. */
  during<T>(run: () => Promise<T>): Promise<T>;
  /** An anvil that nobody used; the caller stops it. */
  take(): Promise<Anvil>;
  close(): void;
}

/** Milliseconds after which an anvil that nobody took is stopped. */
const idleMs = 60_000;
const momentMs = 50;

/** No state passes from one fork to the next: each gets an anvil of its own. */
export function spareAnvil(options: AnvilOptions): SpareAnvil {
  let spare: Promise<Anvil> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let running = 0;
  let wanted = false;

  function takeIt(): Promise<Anvil> | undefined {
    const taken = spare;
    spare = undefined;
    clearTimeout(timer);
    return taken;
  }
  const stop = () => {
    // One that did not start has nothing to stop.
    takeIt()?.then(
      (anvil) => anvil.stop(),
      () => undefined,
    );
  };

  function warm(): void {
    if (spare !== undefined || closed) return;
    const starting = startAnvil(options);
    spare = starting;
    const gone = () => {
      if (spare === starting) takeIt();
    };
    starting.then((anvil) => anvil.exited.then(gone), gone);
    timer = setTimeout(stop, idleMs).unref();
  }

  function again(): void {
    const whenIdle = () => {
      wanted = running > 0;
      if (!wanted) warm();
    };
    setTimeout(whenIdle, momentMs).unref();
  }

  return {
    warm,
    again,
    async during(run) {
      running += 1;
      try {
        return await run();
      } finally {
        running -= 1;
        if (wanted) again();
      }
    },
    async take() {
      const anvil = await takeIt();
      return anvil ?? startAnvil(options);
    },
    close() {
      closed = true;
      stop();
    },
  };
}
