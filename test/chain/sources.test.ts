/** One source beside others: what it says, what it proves, and where it contradicts itself. Several URLs for one chain. */

import { type Hex, keccak256, toHex } from "viem";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { httpEndpoint } from "../../src/chain/http-endpoint.ts";
import { openChains } from "../../src/chain/open.ts";
import { createRpc } from "../../src/chain/rpc.ts";
import { openSource } from "../../src/chain/sources.ts";
import type { Question, Source } from "../../src/chain-sources.ts";
import { zeroHash } from "../../src/domain/primitives.ts";
import { type FaultyRpc, startFaultyRpc } from "../support/faulty-rpc.ts";
import { gasKey, openzeppelin, person, startWorld, type World } from "./world.ts";

let world: World;
let rpc: FaultyRpc;
let source: Source;
let account: Hex;
let questions: Question[];
const slot = toHex(0, { size: 32 });

beforeAll(async () => {
  world = await startWorld();
  account = await world.deploy(openzeppelin("ProxyAdmin"), [person("owner").address]);
  rpc = await startFaultyRpc(world.anvil.url);
  source = openSource(createRpc(httpEndpoint({ chain: world.id, url: new URL(`${rpc.url}/s3cret`) }), 2_000));
  questions = [
    { kind: "code", account },
    { kind: "codeHash", account },
    { kind: "word", account, slot },
    { kind: "call", to: account, data: "0x8da5cb5b" },
    { kind: "call", to: account, data: "0x12345678" },
    { kind: "code", account: person("nobody").address },
    { kind: "codeHash", account: person("nobody").address },
  ];
});
afterEach(() => rpc.misbehave({ kind: "none" }));
afterAll(async () => {
  await rpc.stop();
  await world.stop();
});

const testimony = async () => source.testify(questions, (await source.head()).hash);

test("everything is answered in one message, proven, and by a host without its key", async () => {
  const head = await source.head();
  const before = rpc.messages();
  const { heard, block, sealed, proven, lies } = await source.testify(questions, head.hash);
  expect(rpc.messages() - before).toBe(1);
  const owner = person("owner").address.slice(2).toLowerCase().padStart(64, "0");
  const code = await world.client.getCode({ address: account });
  expect(heard).toEqual([
    { says: code },
    { says: keccak256(code ?? "0x") },
    { says: `0x${owner}` },
    { says: `0x${owner}` },
    { says: "reverts" },
    { says: "0x" },
    { says: expect.stringMatching(/^0x/) },
  ]);
  expect({ sealed, proven, lies }).toEqual({ sealed: true, proven: [account, person("nobody").address], lies: [] });
  expect(block).toMatchObject({ number: head.number, hash: head.hash });
  expect(source.host).toBe(new URL(rpc.url).host);
});

test("blocks by their hashes, those it does not have left out", async () => {
  const { hash, parent, number } = await source.head();
  const found = await source.blocks([hash, zeroHash, parent]);
  expect(found.map((one) => one?.number)).toEqual([number, undefined, number - 1n]);
});

test("a block that it does not have is a fault", async () => {
  await expect(source.testify(questions, zeroHash)).rejects.toThrow(/does not have the block that the others have/);
});

test("what its own proof denies is a lie, and so is code with another hash", async () => {
  await rpc.misbehave({ kind: "lie", method: "eth_getStorageAt", result: toHex(7, { size: 32 }) });
  expect((await testimony()).lies).toEqual([
    { questions: [2], clause: `its own proof shows something else at slot ${slot} of ${account}` },
  ]);
  await rpc.misbehave({ kind: "lie", method: "eth_getCode", about: account, result: "0x6001", withoutProofs: true });
  const { lies, proven } = await testimony();
  expect(lies).toEqual([{ questions: [1, 0], clause: `the code it shows of ${account} has another hash` }]);
  expect(proven).toEqual([]);
});

test("a node's own error is silence and no answer, and never shows a key", async () => {
  await rpc.misbehave({ kind: "refuse", methods: ["eth_getStorageAt"], message: "no archive at /s3cret for you" });
  const { heard, lies } = await testimony();
  expect(heard[2]).toEqual({ silent: "no archive at for you" });
  expect(lies).toEqual([]);
});

test("several URLs of one chain: any of spaces and commas, one a host, and a fault where one is no URL", () => {
  const hosts = (urls: string) => {
    const chains = openChains({ rpc: { [world.id]: urls }, gasKey });
    const found = chains.get(world.id).sources.map((one) => one.host);
    chains.close();
    return found;
  };
  expect(hosts("https://one.example/k?a=1,2")).toEqual(["one.example"]);
  expect(hosts("https://one.example/k wss://two.example,  http://three.example:81")).toEqual([
    ...["one.example", "two.example", "three.example:81"],
  ]);
  expect(hosts("https://one.example/k,https://two.example/l")).toEqual(["one.example", "two.example"]);
  expect(hosts("https://one.example/k https://one.example/l")).toEqual(["one.example"]);
  for (const wrong of ["", "https://one.example two", "https://one.example ftp://two.example"])
    expect(() => hosts(wrong)).toThrow("is not an http, https, ws or wss URL");
});
