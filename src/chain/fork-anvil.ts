/** Anvils that are started before they are needed: a check reads for a while before its first fork. */

import { rootCertificates } from "node:tls";
import { type ChainId, chainNumber } from "../domain/primitives.ts";
import { startAnvil } from "./anvil.ts";
import { forkEndpoint } from "./fork-endpoint.ts";
import { createRpc, hexQuantity, type Rpc } from "./rpc.ts";

/** One that nobody used, and the way to talk to it, which has been tried. */
export interface ReadyAnvil {
  rpc: Rpc;
  /** Ends both. */
  stop(): Promise<void>;
}

export interface SpareAnvil {
  /** Starts one in the background unless one is there already. */
  warm(): void;
  /** The same in a moment: whoever needed one may need another, unless all of it is over. */
  again(): void;
  /** What is asked for again while `run` goes on is started after it: starting takes time away from it. */
  during<T>(run: () => Promise<T>): Promise<T>;
  /** The caller stops it. */
  take(): Promise<ReadyAnvil>;
  close(): void;
}

/** Milliseconds after which an anvil that nobody took is stopped. */
const idleMs = 60_000;
const momentMs = 50;

/**
 * A fork asks this process, without TLS, and reads every certificate that it trusts as it begins: for those of a whole machine
 * that takes longer than all the rest. One it has to have.
 */
const roots = rootCertificates[0] ?? "";

/** No state passes from one fork to the next: each gets an anvil of its own. */
export function spareAnvil(chain: ChainId, timeoutMs: number): SpareAnvil {
  let spare: Promise<ReadyAnvil> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let running = 0;
  let wanted = false;

  function takeIt(): Promise<ReadyAnvil> | undefined {
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
    const starting = startReady(chain, timeoutMs, () => gone());
    spare = starting;
    const gone = () => {
      if (spare === starting) takeIt();
    };
    starting.catch(gone);
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
      return anvil ?? startReady(chain, timeoutMs);
    },
    close() {
      closed = true;
      stop();
    },
  };
}

async function startReady(chain: ChainId, timeoutMs: number, gone: () => void = () => undefined): Promise<ReadyAnvil> {
  const anvil = await startAnvil({ chainId: Number(chainNumber(chain)), timeoutMs, threads: 4, roots });
  void anvil.exited.then(gone);
  const endpoint = forkEndpoint({ chain, url: new URL(anvil.url) });
  const stop = () => {
    endpoint.close();
    return anvil.stop();
  };
  try {
    const rpc = createRpc(endpoint, timeoutMs);
    // Connects, and has its chain id seen.
    await rpc.request("eth_blockNumber", [], hexQuantity);
    return { rpc, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
