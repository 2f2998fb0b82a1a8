/** JSON-RPC over HTTP: one POST a message, a deadline, and a bound on the answer's size. */

import type { ChainFault } from "../ports.ts";
import { connectionReason, type EndpointName, endpointFault, inert } from "./fault.ts";

/** One message out, its parsed JSON answer back. Checks nothing of what JSON-RPC promises; `rpc.ts` does. */
export interface Endpoint extends EndpointName {
  /** `message` is a JSON-RPC request or a batch of them. Fails with a ChainFault by `timeoutMs` at the latest. */
  send(message: unknown, timeoutMs: number): Promise<unknown>;
  /** Counts connections: when it changes, what was known about the other side must be asked again. */
  readonly generation: number;
  close(): void;
}

/** Traces are the largest honest answers: tens of megabytes. */
const largestAnswer = 64 * 1024 * 1024;

export function httpEndpoint(name: EndpointName): Endpoint {
  const address = new URL(name.url);
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (address.username !== "" || address.password !== "") {
    const pair = `${decodeURIComponent(address.username)}:${decodeURIComponent(address.password)}`;
    headers.authorization = `Basic ${Buffer.from(pair).toString("base64")}`;
    address.username = "";
    address.password = "";
  }
  const send = async (message: unknown, timeoutMs: number): Promise<unknown> => {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      // A redirect would send the calls, and what is asked, to a host nobody configured.
      const request = { method: "POST", headers, body: JSON.stringify(message), signal, redirect: "error" } as const;
      const response = await fetch(address, request);
      const text = await boundedText(response, name);
      if (!response.ok) throw statusFault(name, response.status, text);
      return parsed(text, name);
    } catch (error) {
      if (signal.aborted) throw endpointFault("timeout", name, `did not answer within ${timeoutMs / 1000} s.`, error);
      if (error instanceof TypeError)
        throw endpointFault("unreachable", name, `cannot be reached: ${connectionReason(error)}.`, error);
      throw error;
    }
  };
  return { ...name, send, generation: 0, close: () => undefined };
}

async function boundedText(response: Response, name: EndpointName): Promise<string> {
  const decoder = new TextDecoder();
  let size = 0;
  let text = "";
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > largestAnswer)
      throw endpointFault("garbage", name, "answered with more than 64 MiB, which was not read to the end.");
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** The JSON in an answer, or the fault that says what came instead. */
export function parsed(text: string, name: EndpointName): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const what = /^\s*</.test(text) ? "a web page" : text.trim() === "" ? "nothing" : "broken JSON";
    throw endpointFault("garbage", name, `answered with ${what} instead of JSON-RPC.`, error);
  }
}

function statusFault(name: EndpointName, status: number, text: string): ChainFault {
  const detail = inert(text, name.url);
  if (status === 429) return endpointFault("rejected", name, "refused: too many requests (HTTP 429).", detail);
  if (status === 401 || status === 403)
    return endpointFault(
      "rejected",
      name,
      `refused: its key or allow-list does not let us in (HTTP ${status}).`,
      detail,
    );
  if (status >= 500) return endpointFault("unreachable", name, `is failing (HTTP ${status}).`, detail);
  return endpointFault("rejected", name, `refused the request (HTTP ${status}).`, detail);
}
