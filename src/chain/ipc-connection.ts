/** JSON-RPC over a Unix socket, one message a line: a sixth of what HTTP costs where messages are small and many. */

import { connect, type Socket } from "node:net";
import { connectionReason, type EndpointName, endpointFault } from "./fault.ts";
import { parsed } from "./http-endpoint.ts";
import { firstId } from "./message-id.ts";

export interface IpcConnection {
  /** A JSON-RPC message as text, and the parsed answer. Fails with a ChainFault by `timeoutMs` at the latest. */
  ask(text: string, id: number, timeoutMs: number): Promise<unknown>;
  close(): void;
}

interface Waiting {
  resolve(answer: unknown): void;
  reject(fault: Error): void;
}

/** Opens nothing: the first message connects. It keeps the program alive only while an answer is waited for. */
export function ipcConnection(name: EndpointName, path: string): IpcConnection {
  const waiting = new Map<number, Waiting>();
  let socket: Socket | undefined;

  function lost(cause: unknown): void {
    socket = undefined;
    const fault = endpointFault("unreachable", name, `cannot be reached: ${connectionReason(cause)}.`, cause);
    for (const one of waiting.values()) one.reject(fault);
    waiting.clear();
  }

  function receive(line: string): void {
    try {
      const answer = parsed(line, name);
      waiting.get(firstId(answer) ?? Number.NaN)?.resolve(answer);
    } catch (fault) {
      // Nothing says whose answer this was: everybody who waits hears of it.
      for (const one of waiting.values()) one.reject(fault as Error);
    }
  }

  function open(): Socket {
    const opened = connect(path);
    let parts: string[] = [];
    opened.setEncoding("utf8");
    opened.on("data", (chunk: string) => {
      const lines = chunk.split("\n");
      const rest = lines.pop() ?? "";
      for (const line of lines) {
        receive([...parts, line].join(""));
        parts = [];
      }
      if (rest !== "") parts.push(rest);
    });
    let cause: unknown;
    opened.on("error", (error) => {
      cause = error;
    });
    opened.on("close", () => socket === opened && lost(cause));
    return opened;
  }

  return {
    async ask(text, id, timeoutMs) {
      socket ??= open();
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      const late = () => reject(endpointFault("timeout", name, `did not answer within ${timeoutMs / 1000} s.`));
      const timer = setTimeout(late, timeoutMs);
      waiting.set(id, { resolve, reject });
      socket.ref();
      socket.write(text);
      try {
        return await promise;
      } finally {
        clearTimeout(timer);
        waiting.delete(id);
        if (waiting.size === 0) socket?.unref();
      }
    },
    close: () => void socket?.destroy(),
  };
}
