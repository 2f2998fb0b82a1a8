/** New heads of a chain: pushed over a WebSocket where there is one, asked for again and again otherwise. */

import { z } from "zod";
import type { Block } from "../block-reads.ts";
import type { Hex } from "../domain/primitives.ts";
import { blockIn, newestBlock } from "./blocks.ts";
import { endpointFault } from "./fault.ts";
import type { Rpc } from "./rpc.ts";
import type { WsEndpoint } from "./ws-endpoint.ts";

export type HeadListener = (head: Block) => void;
export type FaultListener = (fault: Error) => void;

/** A subscription that stays silent for this long is asked whether it is still there. */
const silenceMs = 15_000;
/** Pauses between attempts to subscribe again, in milliseconds; the last one repeats. */
const reconnectMs = [100, 500, 1_000, 2_000, 5_000];

/** Passes every head on once: pollers see one many times, and behind a load balancer nodes that lag show old ones again. */
function onlyNew(listener: HeadListener): HeadListener {
  const seen: Hex[] = [];
  return (head) => {
    if (seen.includes(head.hash)) return;
    seen.push(head.hash);
    if (seen.length > 64) seen.shift();
    listener(head);
  };
}

/** Asks for the newest block every `pollMs` milliseconds. Each failed attempt is told; the next one is made all the same. */
export function pollHeads(rpc: Rpc, pollMs: number, listener: HeadListener, onFault: FaultListener): () => void {
  const emit = onlyNew(listener);
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const ask = async () => {
    const started = performance.now();
    try {
      const head = await newestBlock(rpc);
      if (!stopped) emit(head);
    } catch (error) {
      if (!stopped) onFault(error as Error);
    }
    if (!stopped) timer = setTimeout(ask, Math.max(0, pollMs - (performance.now() - started)));
  };
  void ask();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

/**
 * Subscribes to `newHeads`. A lost, silent or failing connection is told and made again, with growing pauses; after
 * that the newest head is read once, so that the listener is not blind until the next block. Gaps are not filled.
 */
export function subscribeHeads(
  rpc: Rpc,
  endpoint: WsEndpoint,
  listener: HeadListener,
  onFault: FaultListener,
  onSubscribed: () => void = () => undefined,
): () => void {
  const emit = onlyNew(listener);
  let stopped = false;
  let failures = 0;
  let subscription: string | undefined;
  let timer: NodeJS.Timeout | undefined;

  const again = (fault: Error) => {
    if (stopped) return;
    subscription = undefined;
    onFault(fault);
    clearTimeout(timer);
    timer = setTimeout(start, reconnectMs[Math.min(failures++, reconnectMs.length - 1)]);
  };
  const watchSilence = () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      try {
        emitIfRunning(await newestBlock(rpc));
        if (subscription !== undefined) watchSilence();
      } catch (error) {
        endpoint.drop();
        again(error as Error);
      }
    }, silenceMs);
  };
  const emitIfRunning = (head: Block) => {
    if (!stopped) emit(head);
  };
  const start = async () => {
    try {
      const id = await rpc.request("eth_subscribe", ["newHeads"], z.string().min(1));
      if (stopped) return void rpc.request("eth_unsubscribe", [id], z.boolean()).catch(() => undefined);
      subscription = id;
      failures = 0;
      onSubscribed();
      emitIfRunning(await newestBlock(rpc));
      watchSilence();
    } catch (error) {
      again(error as Error);
    }
  };

  const offNotice = endpoint.onNotice((id, payload) => {
    if (stopped || id !== subscription) return;
    const head = blockIn(payload);
    if (head === undefined) return onFault(endpointFault("garbage", endpoint, "announced a block that is none."));
    watchSilence();
    emit(head);
  });
  const offLost = endpoint.onLost(() => {
    if (subscription !== undefined)
      again(endpointFault("unreachable", endpoint, "cut the connection: new blocks are not seen."));
  });
  void start();

  return () => {
    stopped = true;
    clearTimeout(timer);
    offNotice();
    offLost();
    if (subscription !== undefined) rpc.request("eth_unsubscribe", [subscription], z.boolean()).catch(() => undefined);
  };
}
