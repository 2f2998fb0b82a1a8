/** One POST over a connection that stays open. It takes less of the processor than `fetch`, which a check feels. */

import { type Agent, type IncomingMessage, request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";

export interface Posted {
  status: number;
  text: string;
}

export interface PostOptions {
  headers?: Record<string, string>;
  signal: AbortSignal;
  /** Node's own where left out: it follows NODE_USE_ENV_PROXY. */
  agent?: Agent;
  /** Bytes, unpacked; with one more {@link TooLarge} is thrown. */
  largest: number;
}

export class TooLarge extends Error {}

/** Follows no redirect: a status of 300 to 399 is handed back. Fails as node:http does, and where the signal is aborted. */
export async function post(url: URL, body: string, options: PostOptions): Promise<Posted> {
  const { status, answer } = await answered(url, body, options);
  return { status, text: await textOf(answer, options.largest) };
}

function answered(url: URL, body: string, options: PostOptions): Promise<{ status: number; answer: IncomingMessage }> {
  const { headers, signal, agent } = options;
  const request = url.protocol === "https:" ? tlsRequest : plainRequest;
  return new Promise((resolve, reject) => {
    const asked = request(url, {
      method: "POST",
      headers: { ...headers, "accept-encoding": "gzip", "content-length": Buffer.byteLength(body) },
      ...{ signal, agent },
    });
    asked.on("response", (answer) => resolve({ status: answer.statusCode ?? 0, answer }));
    asked.on("error", (error: NodeJS.ErrnoException) => {
      // The other side may close a connection that waited, just as it is used again: that is nobody's answer.
      const isStale = asked.reusedSocket && (error.code === "ECONNRESET" || error.code === "EPIPE");
      if (isStale && !signal.aborted) resolve(answered(url, body, options));
      else reject(error);
    });
    asked.end(body);
  });
}

function textOf(answer: IncomingMessage, largest: number): Promise<string> {
  const packed = answer.headers["content-encoding"]?.toLowerCase() === "gzip";
  const bytes: Readable = packed ? answer.pipe(createGunzip()) : answer;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const fail = (error: Error) => {
      answer.destroy();
      reject(error);
    };
    bytes.on("data", (chunk: Buffer) => {
      size += chunk.byteLength;
      if (size > largest) fail(new TooLarge(`more than ${largest} bytes came`));
      else chunks.push(chunk);
    });
    answer.on("error", fail);
    bytes.on("error", fail);
    bytes.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
  });
}
