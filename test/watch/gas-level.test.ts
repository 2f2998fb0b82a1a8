import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { Policy } from "../../src/domain/policy.ts";
import type { Chains } from "../../src/ports.ts";
import { type GasLevel, watchGasLevel } from "../../src/watch/gas-level.ts";
import { startWorld, type World } from "../chain/world.ts";

let world: World;
let chains: Chains;
let level: GasLevel;
let said: string[];
let faults: string[];

beforeAll(async () => {
  world = await startWorld();
  chains = { ids: [world.id], get: () => world.chain };
});
afterAll(() => world.stop());

const lowGas = 10n ** 17n;
const policy = () => ({ chains: [{ id: world.id, name: "Test", lowGas }] }) as Policy;
const hold = (value: bigint) => world.client.setBalance({ address: world.chain.gasAccount, value });

beforeEach(async () => {
  level?.stop();
  [said, faults] = [[], []];
  await hold(lowGas);
});

function start(over: Chains = chains) {
  level = watchGasLevel({
    chains: over,
    policy: policy(),
    low: (sentence) => void said.push(sentence),
    onFault: (where, fault) => void faults.push(`${where}: ${fault.message}`),
  });
}

test("exactly enough is said to nobody, a wei less at once and in full", async () => {
  start();
  await level.check();
  expect(said).toEqual([]);
  await hold(lowGas - 1n);
  await level.check();
  expect(said).toEqual([
    `The gas account ${world.chain.gasAccount} on Test (eip155:31900) holds 0.099999999999999999 ether, and policy wants 0.1 at least: fill it up, or nothing can be sent soon.`,
  ]);
});

test("it is said once a crossing, not once a look", async () => {
  start();
  await hold(1n);
  for (let look = 0; look < 3; look++) await level.check();
  expect(said).toHaveLength(1);
  await hold(lowGas);
  await level.check();
  await hold(2n);
  await level.check();
  expect(said).toHaveLength(2);
});

test("an account that is low from the start is said at the start", async () => {
  await hold(0n);
  start();
  await vi.waitUntil(() => said.length === 1);
});

test("it is looked at with new blocks, once a minute of block time", async () => {
  start();
  await level.check();
  await hold(5n);
  const { timestamp } = await world.client.getBlock();
  await world.client.setNextBlockTimestamp({ timestamp: timestamp + 61n });
  await world.client.mine({ blocks: 1 });
  await vi.waitUntil(() => said.length === 1, { timeout: 10_000 });
});

test("a chain that cannot be read is a fault, not a low balance, and is looked at again", async () => {
  let down = true;
  const broken = {
    ...world.chain,
    balance: (account: `0x${string}`) => (down ? Promise.reject(new Error("down")) : world.chain.balance(account)),
  };
  await hold(0n);
  start({ ids: [world.id], get: () => broken });
  await level.check();
  expect(said).toEqual([]);
  expect(faults).toContain("gas level of eip155:31900: down");
  down = false;
  await level.check();
  expect(said).toHaveLength(1);
});
