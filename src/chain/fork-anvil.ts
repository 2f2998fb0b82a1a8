/** Anvils that are started, and forks that are begun, before they are needed. */

import { rootCertificates } from "node:tls";
import { z } from "zod";
import { type ChainId, chainNumber } from "../domain/primitives.ts";
import { startAnvil } from "./anvil.ts";
import { forkEndpoint } from "./fork-endpoint.ts";
import { createRpc, type Rpc } from "./rpc.ts";

/** One that nobody used, and the way to talk to it, which has been tried. */
interface ReadyAnvil {
  rpc: Rpc;
  /** Ends both. */
  stop(): Promise<void>;
}

/** What was begun on an anvil that waits. */
interface Begun {
  /** Where another is begun in its place, or nobody took it. */
  close(): void;
}

export interface TakenAnvil<B> {
  anvil: Promise<ReadyAnvil>;
  /** What was begun on it last; undefined where nothing was, or could be. The caller closes it. */
  begun: Promise<B | undefined>;
}

export interface SpareAnvil<B> {
  /** Starts one in the background unless one is there already. */
  warm(): void;
  /** The same in a moment, with a fork begun on it: whoever needed one may need another, unless all of it is over. */
  again(): void;
  /** What is begun on one that waits is of an older block now, and is begun anew. */
  moved(): void;
  /** What is asked for again while `run` goes on is started after it: starting takes time away from it. */
  during<T>(run: () => Promise<T>): Promise<T>;
  /** The caller stops it. */
  take(): TakenAnvil<B>;
  close(): void;
}

/** Milliseconds after which an anvil that nobody took is stopped. */
const idleMs = 60_000;
const momentMs = 50;
/** Milliseconds between two that are begun on the same anvil: chains with faster blocks are not followed. */
const pauseMs = 2_000;
const never = Number.NEGATIVE_INFINITY;

/**
 * A fork asks this process, without TLS, and reads every certificate that it trusts as it begins: for those of a whole machine
 * that takes longer than all the rest. One it has to have.
 */
const roots = rootCertificates[0] ?? "";

interface Spare<B> extends TakenAnvil<B> {
  /** When it was begun last, by a clock that only goes forward. */
  begunAt: number;
}

/**
 * No state passes from one fork to the next: each that was used gets an anvil of its own. `begin`: a fork of the newest block;
 * left out, none is begun before it is needed.
 */
export function spareAnvil<B extends Begun>(
  chain: ChainId,
  timeoutMs: number,
  begin?: (rpc: Rpc) => Promise<B>,
): SpareAnvil<B> {
  let spare: Spare<B> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let running = 0;
  let wanted = false;

  function takeIt(): Spare<B> | undefined {
    const taken = spare;
    spare = undefined;
    clearTimeout(timer);
    return taken;
  }
  const stop = () => {
    const taken = takeIt();
    void taken?.begun.then((one) => one?.close());
    // One that did not start has nothing to stop.
    taken?.anvil.then(
      (anvil) => anvil.stop(),
      () => undefined,
    );
  };

  function warm(): Spare<B> | undefined {
    if (spare !== undefined || closed) return spare;
    const starting: Spare<B> = {
      anvil: startReady(chain, timeoutMs, () => gone()),
      begun: Promise.resolve(undefined),
      begunAt: never,
    };
    const gone = () => {
      if (spare === starting) takeIt();
    };
    starting.anvil.catch(gone);
    spare = starting;
    timer = setTimeout(stop, idleMs).unref();
    return starting;
  }

  /** What cannot be begun now is begun by whoever takes the anvil. */
  function beginOn(one: Spare<B>): void {
    if (begin === undefined) return;
    one.begunAt = performance.now();
    const before = one.begun;
    one.begun = Promise.all([one.anvil, before])
      .then(([anvil, old]) => {
        old?.close();
        return begin(anvil.rpc);
      })
      .catch(() => undefined);
  }

  function again(): void {
    const whenIdle = () => {
      wanted = running > 0;
      if (wanted) return;
      const one = warm();
      if (one?.begunAt === never) beginOn(one);
    };
    setTimeout(whenIdle, momentMs).unref();
  }

  return {
    warm: () => void warm(),
    again,
    moved() {
      const one = spare;
      if (one === undefined || one.begunAt === never || performance.now() - one.begunAt < pauseMs) return;
      // Whoever watches the chain looks at the block first.
      setTimeout(() => running === 0 && spare === one && beginOn(one), momentMs).unref();
    },
    async during(run) {
      running += 1;
      try {
        return await run();
      } finally {
        running -= 1;
        if (wanted) again();
      }
    },
    take: () => takeIt() ?? { anvil: startReady(chain, timeoutMs), begun: Promise.resolve(undefined) },
    close() {
      closed = true;
      stop();
    },
  };
}

async function startReady(chain: ChainId, timeoutMs: number, gone: () => void = () => undefined): Promise<ReadyAnvil> {
  const anvil = await startAnvil({
    chainId: Number(chainNumber(chain)),
    timeoutMs,
    threads: 4,
    deployer: false,
    roots,
  });
  void anvil.exited.then(gone);
  const endpoint = forkEndpoint({ chain, url: new URL(anvil.url) }, anvil.ipcPath);
  const stop = () => {
    endpoint.close();
    return anvil.stop();
  };
  try {
    const rpc = createRpc(endpoint, timeoutMs);
    // Connects, and has its chain id seen. A line for every question, which nobody reads, would take a tenth of its time.
    await rpc.request("anvil_setLoggingEnabled", [false], z.unknown());
    return { rpc, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
