/** JSON-RPC over HTTP: one POST a message, a deadline, and a bound on the answer's size. */

import { ChainFault } from "../ports.ts";
import { connectionReason, type EndpointName, endpointFault, inert } from "./fault.ts";
import { post, TooLarge } from "./http-post.ts";

/** One message out, its parsed JSON answer back. Checks nothing of what JSON-RPC promises; `rpc.ts` does. */
export interface Endpoint extends EndpointName {
  /** `message` is a JSON-RPC request or a batch of them. Fails with a ChainFault by `timeoutMs` at the latest. */
  send(message: unknown, timeoutMs: number): Promise<unknown>;
  /** Counts connections: when it changes, what was known about the other side must be asked again. */
  readonly generation: number;
  close(): void;
}

/** Traces are the largest honest answers: tens of megabytes. */
export const largestAnswer = 64 * 1024 * 1024;

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
      const options = { headers, signal, largest: largestAnswer };
      // A redirect would send the calls, and what is asked, to a host nobody configured: it is not followed.
      const { status, text } = await post(address, JSON.stringify(message), options);
      if (status < 200 || status > 299) throw statusFault(name, status, text);
      return parsed(text, name);
    } catch (error) {
      throw faultOf(error, name, signal.aborted ? timeoutMs : undefined);
    }
  };
  return { ...name, send, generation: 0, close: () => undefined };
}

/** `late`: the milliseconds in which no answer came, where that is why. */
export function faultOf(error: unknown, name: EndpointName, late: number | undefined): ChainFault {
  if (late !== undefined) return endpointFault("timeout", name, `did not answer within ${late / 1000} s.`, error);
  if (error instanceof ChainFault) return error;
  if (error instanceof TooLarge)
    return endpointFault("garbage", name, "answered with more than 64 MiB, which was not read to the end.");
  return endpointFault("unreachable", name, `cannot be reached: ${connectionReason(error)}.`, error);
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
