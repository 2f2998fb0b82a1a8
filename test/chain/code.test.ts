/** What a chain says of code, by its hash. */

import { type Hex, keccak256, numberToHex } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { person, startWorld, type World } from "./world.ts";

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
