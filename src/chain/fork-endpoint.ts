/** JSON-RPC to a fork: a node of this process on this machine, asked so often that a plain connection pays. */

import { Agent, request } from "node:http";
import { ChainFault } from "../ports.ts";
import { connectionReason, type EndpointName, endpointFault, inert } from "./fault.ts";
import { type Endpoint, parsed } from "./http-endpoint.ts";
import { ipcConnection } from "./ipc-connection.ts";
import { firstId } from "./message-id.ts";

/** Characters of what goes through the socket at most: anvil reads what is longer again and again, as it comes in. */
const mostByIpc = 32_768;

/** `url` is http without credentials; `ipcPath`: its Unix socket, where it has one. */
export function forkEndpoint(name: EndpointName, ipcPath: string | undefined): Endpoint {
  const agent = new Agent({ keepAlive: true });
  const ipc = ipcPath === undefined ? undefined : ipcConnection(name, ipcPath);
  const send = async (message: unknown, timeoutMs: number): Promise<unknown> => {
    const body = JSON.stringify(message);
    const id = firstId(message);
    if (ipc !== undefined && id !== undefined && body.length <= mostByIpc) return ipc.ask(body, id, timeoutMs);
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const { status, text } = await posted(name.url, agent, body, signal);
      if (status !== 200)
        throw endpointFault("rejected", name, `refused the request (HTTP ${status}).`, inert(text, name.url));
      return parsed(text, name);
    } catch (error) {
      if (signal.aborted) throw endpointFault("timeout", name, `did not answer within ${timeoutMs / 1000} s.`, error);
      if (error instanceof ChainFault) throw error;
      throw endpointFault("unreachable", name, `cannot be reached: ${connectionReason(error)}.`, error);
    }
  };
  const close = () => {
    ipc?.close();
    agent.destroy();
  };
  return { ...name, send, generation: 0, close };
}

function posted(
  url: URL,
  agent: Agent,
  body: string,
  signal: AbortSignal,
): Promise<{ status: number | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const asked = request(url, { method: "POST", agent, headers, signal }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => resolve({ status: answer.statusCode, text: Buffer.concat(chunks).toString("utf8") }));
    });
    asked.on("error", reject);
    asked.end(body);
  });
}
