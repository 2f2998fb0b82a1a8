/** Trading blocks in the background, and a block at once for whoever sends a transaction. */

import { tradeIfPending, tradeOnce } from "./trade.ts";
import type { World } from "./world.ts";

export interface BlockProducer {
  /** Settles when the last block is mined; may be called again. */
  stop(): Promise<void>;
}

/**
 * Mines a trading block every `intervalMs` until stopped. anvil does not mine by itself here, so that every block has
 * its trades: a transaction that arrives in between is heard of over WebSocket (`newPendingTransactions`) and gets a
 * trading block of its own within milliseconds. A block's time is the chain's time, and at least a second after the
 * block before: many transactions in a row carry the chain's time ahead of wall time.
 *
 * Resolves once the first of its blocks is mined, so that whoever reads the chain next does not read it by chance before
 * or after that. `onFault` hears once when the chain is gone; the producer has stopped then.
 */
export async function startBlocks(
  world: World,
  { intervalMs = 5_000, onFault }: { intervalMs?: number; onFault?: (error: Error) => void } = {},
): Promise<BlockProducer> {
  const stopped = new AbortController();
  const fail = (error: unknown) => {
    if (stopped.signal.aborted) return;
    stopped.abort();
    onFault?.(error instanceof Error ? error : new Error(String(error)));
  };
  const socket = await watchPending(
    world,
    onceAtATime(() => tradeIfPending(world).catch(fail)),
    fail,
  );
  await tradeOnce(world);
  const blocks = (async () => {
    await pause(intervalMs, stopped.signal);
    while (!stopped.signal.aborted) {
      await tradeOnce(world);
      await pause(intervalMs, stopped.signal);
    }
  })().catch(fail);
  return {
    async stop() {
      stopped.abort();
      socket.close();
      await blocks;
      await world.inTurn(async () => undefined);
    },
  };
}

/** Calls back for every transaction that enters the pool, ours included. */
async function watchPending(world: World, onPending: () => void, onFault: (error: Error) => void): Promise<WebSocket> {
  const socket = new WebSocket(world.wsUrl);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.onopen = () =>
    socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_subscribe", params: ["newPendingTransactions"] }));
  socket.onmessage = ({ data }) => {
    const message: { id?: number; error?: { message: string } } = JSON.parse(String(data));
    if (message.error) reject(new Error(`The embedded chain refused to say what is pending: ${message.error.message}`));
    else if (message.id === 1) resolve();
    else onPending();
  };
  socket.onclose = () => {
    const error = new Error("The embedded chain closed its connection.");
    reject(error);
    onFault(error);
  };
  await promise;
  return socket;
}

/** While one call is under way, further ones become a single one after it. */
function onceAtATime(work: () => Promise<unknown>): () => void {
  let running = false;
  let again = false;
  const run = async () => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    do {
      again = false;
      await work();
    } while (again);
    running = false;
  };
  return () => void run();
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
  });
}
