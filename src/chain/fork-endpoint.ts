/** JSON-RPC to a fork: a node of this process on this machine, asked so often that a plain connection pays. */

import { Agent } from "node:http";
import { type EndpointName, endpointFault, inert } from "./fault.ts";
import { type Endpoint, faultOf, largestAnswer, parsed } from "./http-endpoint.ts";
import { post } from "./http-post.ts";
import { ipcConnection } from "./ipc-connection.ts";
import { firstId } from "./message-id.ts";

/** Characters of what goes through the socket at most: anvil reads what is longer again and again, as it comes in. */
const mostByIpc = 32_768;
const headers = { "content-type": "application/json" };

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
      const { status, text } = await post(name.url, body, { headers, signal, agent, largest: largestAnswer });
      if (status !== 200)
        throw endpointFault("rejected", name, `refused the request (HTTP ${status}).`, inert(text, name.url));
      return parsed(text, name);
    } catch (error) {
      throw faultOf(error, name, signal.aborted ? timeoutMs : undefined);
    }
  };
  const close = () => {
    ipc?.close();
    agent.destroy();
  };
  return { ...name, send, generation: 0, close };
}
