import fc from "fast-check";
import { type Address, type Hex, keccak256, parseAbi, stringToBytes, zeroAddress, zeroHash } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openChains } from "../../src/chain/open.ts";
import {
  cancelData,
  executeBatchData,
  operationId,
  scheduleBatchData,
  type TimelockBatch,
} from "../../src/domain/timelock.ts";
import { startFaultyRpc } from "../support/faulty-rpc.ts";
import { gasKey, openzeppelin, person, startWorld, type World, word } from "./world.ts";

const [proposer, executor, guardian, stranger] = ["proposer", "executor", "guardian", "stranger"].map(
  (name) => person(name).address,
) as [Address, Address, Address, Address];
const abi = openzeppelin("TimelockController").abi;
const roleAbi = parseAbi([
  "function revokeRole(bytes32 role, address account)",
  "function grantRole(bytes32 role, address account)",
]);
const role = (name: string) => keccak256(stringToBytes(name));
const day = 86_400n;
let world: World;
let timelock: Address;

beforeAll(async () => {
  world = await startWorld();
  timelock = await world.deploy(openzeppelin("TimelockController"), [day, [proposer], [executor], world.deployer]);
});
afterAll(() => world.stop());

const hex = (minLength: number, maxLength: number) =>
  fc.uint8Array({ minLength, maxLength }).map((bytes) => `0x${Buffer.from(bytes).toString("hex")}` as Hex);
const uint = fc.bigInt({ min: 0n, max: (1n << 256n) - 1n });
const anyBatch: fc.Arbitrary<TimelockBatch> = fc.record({
  calls: fc.array(fc.record({ to: hex(20, 20), value: uint, data: hex(0, 80) }), { maxLength: 4 }),
  predecessor: hex(32, 32),
  salt: hex(32, 32),
});

test("operation ids of random batches are the contract's own", async () => {
  await fc.assert(
    fc.asyncProperty(anyBatch, async (batch) => {
      const { calls, predecessor, salt } = batch;
      const columns = [calls.map((c) => c.to), calls.map((c) => c.value), calls.map((c) => c.data)];
      const args = [...columns, predecessor, salt];
      const id = await world.client.readContract({ abi, address: timelock, functionName: "hashOperationBatch", args });
      expect(operationId(batch)).toBe(id);
    }),
    { numRuns: 30 },
  );
});

test("role holders are found, those who lost a role are not, and an open executor is told", async () => {
  const revoke = (name: string, account: Address) =>
    world.send(world.deployer, timelock, world.call(roleAbi, "revokeRole", [role(name), account]));
  const grant = (name: string, account: Address) =>
    world.send(world.deployer, timelock, world.call(roleAbi, "grantRole", [role(name), account]));
  await grant("CANCELLER_ROLE", guardian);
  await revoke("CANCELLER_ROLE", proposer);
  await grant("PROPOSER_ROLE", stranger);
  expect(await world.chain.timelock(timelock)).toEqual({
    address: timelock,
    minDelay: day,
    proposers: [proposer, stranger],
    executors: [executor],
    cancellers: [guardian],
    admins: [timelock, world.deployer],
    openExecutor: false,
  });
  // What changed since is seen although the old events are not read again.
  await revoke("PROPOSER_ROLE", stranger);
  await grant("EXECUTOR_ROLE", zeroAddress);
  expect(await world.chain.timelock(timelock)).toMatchObject({
    proposers: [proposer],
    executors: [executor],
    openExecutor: true,
  });
});

test("role holders are found through an RPC that gives few blocks of logs, or no old states; without logs it is a fault", async () => {
  const rpc = await startFaultyRpc(world.anvil.url);
  await world.client.mine({ blocks: 400, interval: 1 });
  const expected = await world.chain.timelock(timelock);
  const fresh = () =>
    openChains({ rpc: { [world.id]: rpc.url }, gasKey })
      .get(world.id)
      .timelock(timelock);
  await rpc.misbehave({ kind: "short logs", blocks: 120 });
  expect(await fresh()).toEqual(expected);
  await rpc.misbehave({ kind: "refuse", methods: ["eth_getCode"], message: "missing trie node" });
  expect(await fresh()).toEqual(expected);
  await rpc.misbehave({ kind: "lie", method: "eth_getLogs", result: [] });
  await expect(fresh()).rejects.toThrow(
    /does not have the role events of the timelock .* it does not keep all logs\.$/,
  );
  await rpc.stop();
});

test("an operation goes from Unset through Waiting and Ready to Done, or back by a cancellation", async () => {
  const batch = (salt: number): TimelockBatch => ({
    calls: [{ to: stranger, value: 0n, data: "0x" }],
    predecessor: zeroHash,
    salt: word(salt),
  });
  const id = operationId(batch(1));
  const state = () => world.chain.operation(timelock, id);
  expect(await state()).toEqual({ state: "Unset", readyAt: 0n });
  await world.send(proposer, timelock, scheduleBatchData(batch(1), day));
  const readyAt = (await world.chain.head()).timestamp + day;
  expect(await state()).toEqual({ state: "Waiting", readyAt });
  await world.client.setNextBlockTimestamp({ timestamp: readyAt - 1n });
  await world.client.mine({ blocks: 1 });
  expect(await state()).toEqual({ state: "Waiting", readyAt });
  await world.client.mine({ blocks: 1, interval: 1 });
  expect(await state()).toEqual({ state: "Ready", readyAt });
  await world.send(executor, timelock, executeBatchData(batch(1)));
  expect(await state()).toEqual({ state: "Done", readyAt: 0n });

  const other = operationId(batch(2));
  await world.send(proposer, timelock, scheduleBatchData(batch(2), day));
  expect((await world.chain.operation(timelock, other)).state).toBe("Waiting");
  await world.send(guardian, timelock, cancelData(other));
  expect((await world.chain.operation(timelock, other)).state).toBe("Unset");
});

test("what is no timelock is refused in words", async () => {
  const admin = await world.deploy(openzeppelin("ProxyAdmin"), [proposer]);
  // Answers every question with the word 1: PUSH 1, MSTORE, RETURN 32 bytes.
  const yes: Address = "0x0000000000000000000000000000000000000bad";
  await world.client.setCode({ address: yes, bytecode: "0x600160005260206000f3" });
  await expect(world.chain.timelock(yes)).rejects.toMatchObject({ kind: "not a timelock" });
  for (const account of [stranger, admin]) {
    const refusal = {
      kind: "not a timelock",
      message: `${account} on chain eip155:31900 is not an OpenZeppelin TimelockController.`,
    };
    await expect(world.chain.timelock(account)).rejects.toMatchObject(refusal);
    await expect(world.chain.operation(account, zeroHash)).rejects.toMatchObject(refusal);
  }
});
