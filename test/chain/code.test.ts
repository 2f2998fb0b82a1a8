/** What a chain says of code: by hash and by bytes, past implementations, and what becomes of destroyed code. */

import { type Hex, keccak256, numberToHex } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { artefact, openzeppelin, person, startWorld, type World } from "./world.ts";

const feed = artefact("src/embedded/artefacts/PriceFeed.json");
const feedV2 = artefact("src/embedded/artefacts/PriceFeedV2.json");
let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

test("a code hash that starts with 0xef is read like any other", async () => {
  const account = person("whose code hashes to ef").address;
  const codes = Array.from({ length: 4000 }, (_, index): Hex => `0x61${numberToHex(index, { size: 2 }).slice(2)}00`);
  const code = codes.find((one) => keccak256(one).startsWith("0xef"));
  if (code === undefined) throw new Error("None of them does.");
  await world.client.setCode({ address: account, bytecode: code });
  expect(await world.chain.codeHash(account)).toBe(keccak256(code));
});

test("code and storage of many accounts come in their order, empty where there is none", async () => {
  const [first, second] = [person("first").address, person("second").address];
  await world.client.setCode({ address: second, bytecode: "0x6001" });
  await world.client.setStorageAt({ address: second, index: 3, value: numberToHex(7, { size: 32 }) });
  expect(await world.chain.codes([first, second, first])).toEqual(["0x", "0x6001", "0x"]);
  const slot = numberToHex(3, { size: 32 });
  expect(await world.chain.words([first, second].map((account) => ({ account, slot })))).toEqual([
    numberToHex(0, { size: 32 }),
    numberToHex(7, { size: 32 }),
  ]);
});

test("past implementations are those of the proxies and beacons asked for, oldest first, also when asked again", async () => {
  const implementations = [await world.deploy(feed), await world.deploy(feedV2), await world.deploy(feed)] as const;
  const beacon = await world.deploy(openzeppelin("UpgradeableBeacon"), [implementations[0], world.deployer]);
  const other = await world.deploy(openzeppelin("UpgradeableBeacon"), [implementations[0], world.deployer]);
  const set = (to: Hex) =>
    world.send(world.deployer, beacon, world.call(openzeppelin("UpgradeableBeacon").abi, "upgradeTo", [to]));
  const seen = async () => (await world.chain.implementationsOf([beacon])).map((one) => one.implementation);
  expect(await seen()).toEqual([implementations[0]]);
  await set(implementations[1]);
  expect(await seen()).toEqual(implementations.slice(0, 2));
  await set(implementations[2]);
  expect(await seen()).toEqual(implementations);
  expect((await world.chain.implementationsOf([beacon, other])).filter((one) => one.setBy === other)).toHaveLength(1);
});

test("destroyed code stays since Cancun, and did not before", async () => {
  expect(await world.chain.keepsDestroyedCode()).toBe(true);
  const old = await startWorld({ hardfork: "shanghai" });
  try {
    expect(await old.chain.keepsDestroyedCode()).toBe(false);
  } finally {
    await old.stop();
  }
});
