import { type Address, getAddress, type Hex, parseAbi, zeroAddress, zeroHash } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { implementationSlot } from "../../src/chain/proxies.ts";
import type { SimulationStep } from "../../src/chain-facts.ts";
import { transparentUpgrade } from "../../src/domain/proxy-calls.ts";
import { executeBatchData, operationId, scheduleBatchData, type TimelockBatch } from "../../src/domain/timelock.ts";
import { simulate } from "../support/run-plan.ts";
import { artefact, openzeppelin, person, startWorld, type World, word } from "./world.ts";

const [council, executor, stranger] = ["council", "executor", "stranger"].map((name) => person(name).address) as [
  Address,
  Address,
  Address,
];
const feedAbi = parseAbi(["function initialize(address owner, address keeper, uint256 price)"]);
const day = 86_400n;
let world: World;
let timelock: Address;
let proxy: Address;
let admin: Address;
let oldCode: Address;
let newCode: Address;

beforeAll(async () => {
  world = await startWorld();
  timelock = await world.deploy(openzeppelin("TimelockController"), [day, [council], [executor], zeroAddress]);
  oldCode = await world.deploy(artefact("src/embedded/artefacts/PriceFeed.json"));
  newCode = await world.deploy(artefact("src/embedded/artefacts/PriceFeedV2.json"));
  const init = world.call(feedAbi, "initialize", [council, council, 1n]);
  proxy = await world.deploy(openzeppelin("TransparentUpgradeableProxy"), [oldCode, timelock, init]);
  admin = (await world.chain.proxy(proxy)).admin;
});
afterAll(() => world.stop());

function upgradeTo(implementation: Address, predecessor: Hex, salt: number): TimelockBatch {
  return { calls: [transparentUpgrade(admin, proxy, implementation, "0x")], predecessor, salt: word(salt) };
}

function step(name: string, from: Address, data: Hex, after = 0n): SimulationStep {
  return { name, from, to: timelock, value: 0n, data, after };
}

test("a whole release path, with its rollback on the state after it, leaves the chain as it was", async () => {
  const upgrade = upgradeTo(newCode, zeroHash, 1);
  const rollback = upgradeTo(oldCode, operationId(upgrade), 2);
  const before = await world.chain.head();
  const report = await simulate(world.chain, {
    steps: [
      step("schedule", council, scheduleBatchData(upgrade, day)),
      step("schedule rollback", council, scheduleBatchData(rollback, day)),
      step("execute", executor, executeBatchData(upgrade), day),
    ],
    watch: [proxy, newCode],
    branches: [
      { name: "rollback", steps: [step("rollback", executor, executeBatchData(rollback), 1n)] },
      { name: "again", steps: [step("execute again", executor, executeBatchData(upgrade))] },
      { name: "rollback once more", steps: [step("rollback", executor, executeBatchData(rollback), 1n)] },
    ],
  });

  const hashOf = (account: Address) => world.chain.codeHash(account);
  const running = async (implementation: Address) => [
    { address: proxy, implementation, codeHash: await hashOf(implementation) },
    { address: newCode, implementation: newCode, codeHash: await hashOf(newCode) },
  ];
  expect(report).toMatchObject({ chain: world.id, block: before, before: await running(oldCode) });
  expect(report.steps.map((entry) => [entry.name, entry.success, entry.reason])).toEqual([
    ["schedule", true, ""],
    ["schedule rollback", true, ""],
    ["execute", true, ""],
  ]);
  // The first block is later than its parent, by one second: what it schedules is ready a day after that.
  const readyAt = `0x${(before.timestamp + 1n + day).toString(16).padStart(64, "0")}`;
  expect(report.steps[0]?.storage.map((change) => change.after)).toContain(readyAt);
  const executed = report.steps[2];
  expect(executed?.implementations).toEqual(await running(newCode));
  const pad = (account: Address) => `0x${account.slice(2).toLowerCase().padStart(64, "0")}`;
  expect(executed?.storage).toContainEqual({
    address: proxy,
    slot: implementationSlot,
    before: pad(oldCode),
    after: pad(newCode),
  });
  expect(executed?.events.map((event) => event.address)).toContain(proxy);
  expect(report.branches.map(({ name, steps }) => [name, steps[0]?.success])).toEqual([
    ["rollback", true],
    ["again", false],
    ["rollback once more", true],
  ]);
  expect(report.branches[0]?.steps[0]?.implementations).toEqual(await running(oldCode));
  expect(report.branches[1]?.steps[0]?.reason).toBe(`operation ${operationId(upgrade)} is not Ready`);
  // The real chain saw nothing of it.
  expect(await world.chain.head()).toEqual(before);
  expect((await world.chain.proxy(proxy)).implementation).toBe(oldCode);
});

test("one second too early, by the wrong person, or out of order: the steps stop with a reason", async () => {
  const upgrade = upgradeTo(newCode, zeroHash, 3);
  const rollback = upgradeTo(oldCode, operationId(upgrade), 4);
  const schedule = step("schedule", council, scheduleBatchData(upgrade, day));
  const run = async (...steps: SimulationStep[]) => {
    const report = await simulate(world.chain, { steps, watch: [proxy], branches: [] });
    return report.steps.map((entry) => (entry.success ? entry.name : entry.reason));
  };
  const late = step("never reached", executor, executeBatchData(upgrade));
  expect(await run(schedule, step("execute", executor, executeBatchData(upgrade), day - 1n), late)).toEqual([
    "schedule",
    `operation ${operationId(upgrade)} is not Ready`,
  ]);
  expect(await run(step("schedule", stranger, scheduleBatchData(upgrade, day)))).toEqual([
    `${stranger} does not hold PROPOSER_ROLE`,
  ]);
  expect(await run(step("schedule", council, scheduleBatchData(upgrade, day - 1n)))).toEqual([
    `the delay of ${day - 1n} s is below the timelock's minDelay of ${day} s`,
  ]);
  expect(
    await run(
      step("schedule rollback", council, scheduleBatchData(rollback, day)),
      step("rollback", executor, executeBatchData(rollback), day),
    ),
  ).toEqual(["schedule rollback", `its predecessor ${operationId(upgrade)} is not Done`]);
});

test("a slot that is written and put back is no change", async () => {
  const busy: Address = "0x0000000000000000000000000000000000000b57";
  // SSTORE(1, 9), SSTORE(0, 1), SSTORE(0, 0)
  await world.client.setCode({ address: busy, bytecode: "0x6009600155600160005560006000555b00" });
  const entry = { ...step("busy", council, "0x00"), to: busy };
  const report = await simulate(world.chain, { steps: [entry], watch: [], branches: [] });
  expect(report.steps[0]?.storage).toEqual([
    { address: getAddress(busy), slot: word(1), before: word(0), after: word(9) },
  ]);
});

test("a step that would do nothing, or lacks its ether, is no success", async () => {
  const nothing = { ...step("call", council, "0x12345678"), to: stranger };
  const poor = { ...step("pay", stranger, "0x"), to: council, value: 1n };
  for (const [entry, reason] of [
    [nothing, `${stranger} has no code, so the call would do nothing`],
    [poor, `${stranger} has less than the 1 wei that the step sends`],
  ] as const) {
    const report = await simulate(world.chain, { steps: [entry], watch: [], branches: [] });
    expect(report.steps).toMatchObject([{ success: false, reason }]);
  }
});
