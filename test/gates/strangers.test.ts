/** What a stranger finds open in functions that write little or nothing where anybody looks, on a fork of a real node. */

import { type Address, getAddress, type Hex, keccak256, stringToBytes } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { judgeStrangers, placeTarget, stranger, triesOf } from "../../src/gates/simulation/strangers.ts";
import { startWorld, type World } from "../chain/world.ts";

const selector: Hex = "0x11223344";
const at = (low: number): Address => getAddress(`0x${(0xc0de_1000 + low).toString(16).padStart(40, "0")}`);
const implementation = at(99);
const topic = (event: string) => `7f${keccak256(stringToBytes(event)).slice(2)}`;
const upgraded = topic("Upgraded(address)");

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

test.each<[string, { code: Hex; isNew: boolean; found: string[] }]>([
  [
    "keeps the caller's address where it alone knows, and says so",
    {
      code: `0x60043573${stranger.slice(2)}8114601e57005b80600555${upgraded}5f5fa200`,
      isNew: false,
      found: ["simulation/open-upgrade"],
    },
  ],
  [
    "says that it runs the code that it is told of, and writes nothing",
    {
      code: `0x60043573${implementation.slice(2)}8114601e57005b${upgraded}5f5fa200`,
      isNew: false,
      found: ["simulation/open-upgrade"],
    },
  ],
  [
    "creates a contract",
    { code: "0x6360015ff35f526004601c5ff05000", isNew: false, found: ["simulation/open-upgrade"] },
  ],
  [
    "calls whom it is told to, as told, where there is code",
    {
      code: "0x600435803b15601957600460645f375f5f60045f5f855af1005b5f5ffd",
      isNew: true,
      found: ["simulation/open-call"],
    },
  ],
  ["writes what it is told, and did before", { code: "0x6004355f5500", isNew: false, found: [] }],
  ["writes what it is told, and is new", { code: "0x6004355f5500", isNew: true, found: ["simulation/open-power"] }],
  [
    "says that it sends tokens to whoever names themselves",
    {
      code: `0x60043573${stranger.slice(2)}14601d57005b3330${topic("Transfer(address,address,uint256)")}60205fa300`,
      isNew: true,
      found: ["simulation/open-money"],
    },
  ],
  ["answers what it is told", { code: "0x6004355f5260205ff3", isNew: true, found: [] }],
])("a function that anybody may call and that %s", async (_what, { code, isNew, found }) => {
  const proxy = at(1);
  await world.client.setCode({ address: proxy, bytecode: code });
  const upgrade = {
    name: "Vault",
    chain: world.chain.id,
    proxy,
    from: at(98),
    to: implementation,
    through: proxy,
    initData: "0x" as const,
  };
  const tries = triesOf([{ upgrade, selectors: [selector], before: isNew ? [] : [selector], nameOf: () => undefined }]);
  const findings = await world.chain.onFork(async (fork) => {
    await placeTarget(fork);
    return judgeStrangers(fork, tries, "");
  });
  expect(findings.map((one) => one.code)).toEqual(found);
});
