/** JSON-RPC over a WebSocket, with subscriptions. Reconnects when asked for something, or while somebody listens. */

import { z } from "zod";
import type { EndpointName } from "./fault.ts";
import { connectionReason, endpointFault } from "./fault.ts";
import { type Endpoint, parsed } from "./http-endpoint.ts";
import { firstId } from "./message-id.ts";

export interface WsEndpoint extends Endpoint {
  /** Calls back with the payload of every `eth_subscription` message of the present connection. */
  onNotice(listener: (subscription: string, payload: unknown) => void): () => void;
  /** Calls back when a connection that stood is lost. */
  onLost(listener: () => void): () => void;
  /** Cuts the present connection, because it no longer answers; the next request opens another. */
  drop(): void;
}

interface Waiting {
  resolve(reply: unknown): void;
  reject(error: Error): void;
}

const notice = z.object({
  method: z.literal("eth_subscription"),
  params: z.object({ subscription: z.string(), result: z.unknown() }),
});

export function wsEndpoint(name: EndpointName): WsEndpoint {
  let socket: Promise<WebSocket> | undefined;
  let generation = 0;
  const waiting = new Map<number, Waiting>();
  const noticeListeners = new Set<(subscription: string, payload: unknown) => void>();
  const lostListeners = new Set<() => void>();

  function lost(opened: boolean): void {
    socket = undefined;
    generation += 1;
    const cut = endpointFault("unreachable", name, "cannot be reached: the connection was cut.");
    for (const entry of waiting.values()) entry.reject(cut);
    waiting.clear();
    if (opened) for (const listener of lostListeners) listener();
  }

  function receive(text: unknown): void {
    let message: unknown;
    try {
      message = parsed(String(text), name);
    } catch (error) {
      // Nothing says whose answer this was: everybody who waits hears of it.
      for (const entry of waiting.values()) entry.reject(error as Error);
      waiting.clear();
      return;
    }
    const key = firstId(message);
    const pushed = key === undefined ? notice.safeParse(message) : undefined;
    if (pushed?.success) {
      const { subscription, result } = pushed.data.params;
      for (const listener of noticeListeners) listener(subscription, result);
      return;
    }
    const entry = key === undefined ? [...waiting.values()][0] : waiting.get(key);
    entry?.resolve(message);
  }

  function connect(): Promise<WebSocket> {
    const { promise, resolve, reject } = Promise.withResolvers<WebSocket>();
    const opening = new WebSocket(name.url);
    let opened = false;
    opening.addEventListener("open", () => {
      opened = true;
      resolve(opening);
    });
    opening.addEventListener("message", (event) => receive(event.data));
    opening.addEventListener("error", (event) => {
      const cause = "error" in event ? event.error : undefined;
      reject(endpointFault("unreachable", name, `cannot be reached: ${connectionReason(cause)}.`, cause));
    });
    opening.addEventListener("close", () => {
      reject(endpointFault("unreachable", name, "cannot be reached: the connection was refused."));
      if (socket === promise) lost(opened);
    });
    return promise;
  }

  async function send(message: unknown, timeoutMs: number): Promise<unknown> {
    socket ??= connect();
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const late = () => {
      reject(endpointFault("timeout", name, `did not answer within ${timeoutMs / 1000} s.`));
      drop(); // a connection that is dead without having been cut would otherwise stay for ever
    };
    const timer = setTimeout(late, timeoutMs);
    const key = firstId(message) ?? 0;
    try {
      const open = await Promise.race([socket, promise as Promise<never>]).catch((error: unknown) => {
        drop(); // a connection that does not open in time is not waited for again
        throw error;
      });
      waiting.set(key, { resolve, reject });
      open.send(JSON.stringify(message));
      return await promise;
    } finally {
      clearTimeout(timer);
      waiting.delete(key);
    }
  }

  function drop(): void {
    const going = socket;
    if (going === undefined) return;
    lost(true);
    void going.then(
      (open) => open.close(),
      () => undefined,
    );
  }

  return {
    ...name,
    send,
    get generation() {
      return generation;
    },
    onNotice: (listener) => listen(noticeListeners, listener),
    onLost: (listener) => listen(lostListeners, listener),
    drop,
    close() {
      lostListeners.clear();
      noticeListeners.clear();
      drop();
    },
  };
}

function listen<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
