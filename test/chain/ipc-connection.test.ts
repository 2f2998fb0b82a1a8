/** Messages over a Unix socket: whose answer it is, however it comes in, and what is said where none comes. */

import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type IpcConnection, ipcConnection } from "../../src/chain/ipc-connection.ts";

let folder: string;
let path: string;
let server: Server;
let connection: IpcConnection;
let peer: PromiseWithResolvers<Socket>;
let heard: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "quorate-ipc-"));
  path = join(folder, "node.ipc");
  peer = Promise.withResolvers();
  heard = "";
  server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      heard += chunk.toString("utf8");
    });
    peer.resolve(socket);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  connection = ipcConnection({ chain: "eip155:31337", url: new URL("http://127.0.0.1:1") }, path);
});
afterEach(async () => {
  connection.close();
  (await Promise.race([peer.promise, undefined]))?.destroy();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true, force: true });
});

const ask = (id: number) => connection.ask(JSON.stringify({ id }), id, 5_000);
const answer = (id: number, result: string) => `${JSON.stringify({ id, result })}\n`;

test("answers find their questions in whatever order and pieces they come, batches by their smallest id", async () => {
  const asked = [ask(1), ask(2), connection.ask('[{"id":4},{"id":3}]', 3, 5_000)];
  const socket = await peer.promise;
  socket.write(answer(2, "zwei €"));
  const bytes = Buffer.from(`[{"id":4,"result":"four"},{"id":3,"result":"three"}]\n${answer(1, "ein €")}`);
  const middle = bytes.length - 6;
  socket.write(bytes.subarray(0, 10));
  await asked[1];
  socket.write(bytes.subarray(10, middle));
  socket.write(bytes.subarray(middle));
  expect(await Promise.all(asked)).toEqual([
    { id: 1, result: "ein €" },
    { id: 2, result: "zwei €" },
    [
      { id: 4, result: "four" },
      { id: 3, result: "three" },
    ],
  ]);
  expect(heard).toBe('{"id":1}{"id":2}[{"id":4},{"id":3}]');
});

test("a node that goes, or does not answer in time, is said to everybody who waits; the next message connects anew", async () => {
  const lost = [ask(1), ask(2)];
  (await peer.promise).destroy();
  for (const one of lost) await expect(one).rejects.toThrow(/cannot be reached/);
  peer = Promise.withResolvers();
  const again = ask(3);
  (await peer.promise).write(answer(3, "there"));
  expect(await again).toEqual({ id: 3, result: "there" });
  await expect(connection.ask('{"id":4}', 4, 50)).rejects.toThrow("did not answer within 0.05 s");
});

test("what is no JSON is nobody's answer", async () => {
  const asked = ask(1);
  (await peer.promise).write("what?\n");
  await expect(asked).rejects.toThrow(/JSON/);
});

test("a socket that is not there is a node that cannot be reached", async () => {
  const nowhere = ipcConnection({ chain: "eip155:31337", url: new URL("http://127.0.0.1:1") }, join(folder, "none"));
  await expect(nowhere.ask('{"id":1}', 1, 5_000)).rejects.toThrow(/cannot be reached/);
});
