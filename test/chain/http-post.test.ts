/** What a node, or what stands before it, does to a connection; against a real server on loopback. */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { httpEndpoint } from "../../src/chain/http-endpoint.ts";
import { post, TooLarge } from "../../src/chain/http-post.ts";
import type { ChainFault } from "../../src/ports.ts";

let respond: (request: IncomingMessage, response: ServerResponse) => void;
let asked: { path: string; socket: Socket }[];
const server = createServer((request, response) => {
  asked.push({ path: request.url ?? "", socket: request.socket });
  request.resume().on("end", () => respond(request, response));
});
const url = () => new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
const answer = '{"jsonrpc":"2.0","id":1,"result":"0x1"}';
const json = JSON.parse(answer) as unknown;

beforeEach(async () => {
  asked = [];
  respond = (_request, response) => void response.end(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const chain = () => httpEndpoint({ chain: "eip155:1", url: url() });
const faultOf = (promise: Promise<unknown>): Promise<ChainFault> =>
  promise.then(
    () => Promise.reject(new Error("it was answered")),
    (error: ChainFault) => error,
  );

test("an answer that came packed is read, and packing is asked for", async () => {
  respond = ({ headers }, response) => {
    expect(headers["accept-encoding"]).toBe("gzip");
    response.setHeader("content-encoding", "gzip").end(gzipSync(answer));
  };
  expect(await chain().send({}, 2_000)).toEqual(json);
});

test("what is small on its way and large unpacked is not read to its end", async () => {
  respond = (_request, response) =>
    void response.setHeader("content-encoding", "gzip").end(gzipSync(Buffer.alloc(1_000_000)));
  const options = { signal: AbortSignal.timeout(2_000), largest: 10_000 };
  await expect(post(url(), "{}", options)).rejects.toThrow(TooLarge);
  await expect(post(url(), "{}", { ...options, largest: 1_000_000 })).resolves.toMatchObject({ status: 200 });
});

test("broken packing, and an answer that ends in its middle, are a connection that failed", async () => {
  respond = (_request, response) => void response.setHeader("content-encoding", "gzip").end("no gzip");
  expect((await faultOf(chain().send({}, 2_000))).message).toMatch(/cannot be reached: the connection failed \(Z_/);
  respond = (_request, response) => {
    response.setHeader("content-length", 1_000).write(answer);
    setImmediate(() => response.destroy());
  };
  expect((await faultOf(chain().send({}, 2_000))).message).toMatch(/cannot be reached: the connection was cut\.$/);
});

test("a redirect is followed nowhere: what is asked goes to nobody else", async () => {
  respond = ({ url: path }, response) =>
    path === "/" ? void response.writeHead(307, { location: "/elsewhere" }).end() : void response.end(answer);
  const fault = await faultOf(chain().send({}, 2_000));
  expect(fault.message).toMatch(/refused the request \(HTTP 307\)\.$/);
  expect(asked.map((one) => one.path)).toEqual(["/"]);
});

test("one connection serves one question after another, and one that was closed while it waited is replaced", async () => {
  const endpoint = chain();
  for (let index = 0; index < 3; index += 1) await endpoint.send({}, 2_000);
  expect(new Set(asked.map((one) => one.socket)).size).toBe(1);
  // As a server does whose patience ends just as the next question is on its way.
  const [old] = asked;
  respond = ({ socket }, response) => void (socket === old?.socket ? socket.destroy() : response.end(answer));
  expect(await endpoint.send({}, 2_000)).toEqual(json);
  expect(new Set(asked.map((one) => one.socket)).size).toBe(2);
});

test("a new connection that is cut without an answer is told, not tried again and again", async () => {
  respond = ({ socket }) => void socket.destroy();
  expect((await faultOf(chain().send({}, 2_000))).message).toMatch(/cannot be reached: the connection was cut\.$/);
  expect(asked).toHaveLength(1);
});

test("an answer that begins and never ends is late", async () => {
  respond = (_request, response) => void response.write("[");
  expect((await faultOf(chain().send({}, 100))).message).toMatch(/did not answer within 0\.1 s\.$/);
});
