import { keccak256, parseGwei, parseTransaction, recoverTransactionAddress, toHex } from "viem";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { openChains } from "../../src/chain/open.ts";
import { type FaultyRpc, startFaultyRpc } from "../support/faulty-rpc.ts";
import { gasKey, person, startWorld, type World } from "./world.ts";

const target = person("target").address;
let world: World;
let rpc: FaultyRpc;

beforeAll(async () => {
  world = await startWorld();
  rpc = await startFaultyRpc(world.anvil.url);
});
afterEach(() => rpc.misbehave({ kind: "none" }));
afterAll(async () => {
  await rpc.stop();
  await world.stop();
});

const mined = (hash: `0x${string}`) => vi.waitUntil(() => world.chain.receipt(hash), { interval: 5 });

test("signing sends nothing, and the bytes hold the chain, the nonce, no value and a bounded fee", async () => {
  const asked = rpc.asked.length;
  const chain = openChains({ rpc: { [world.id]: rpc.url }, gasKey }).get(world.id);
  const { raw, hash, nonce } = await chain.signWithGasKey({ to: target, data: "0x1234" });
  expect(rpc.asked.slice(asked)).not.toContain("eth_sendRawTransaction");
  expect(hash).toBe(keccak256(raw));
  const signed = parseTransaction(raw);
  expect(signed).toMatchObject({
    chainId: 31900,
    nonce: Number(nonce),
    to: target.toLowerCase(),
    data: "0x1234",
    type: "eip1559",
  });
  expect(signed.value ?? 0n).toBe(0n);
  const { baseFeePerGas } = await world.client.getBlock();
  expect(signed.maxFeePerGas).toBe((baseFeePerGas ?? 0n) * 2n + (signed.maxPriorityFeePerGas ?? 0n));
  expect(await recoverTransactionAddress({ serializedTransaction: raw as `0x02${string}` })).toBe(chain.gasAccount);
  expect(await chain.receipt(hash)).toBeUndefined();
});

test("the same bytes can be sent again, while they wait and after they were mined", async () => {
  const { raw, hash, nonce } = await world.chain.signWithGasKey({ to: target, data: "0x01" });
  await world.client.setAutomine(false);
  expect(await world.chain.broadcast(raw)).toBe(hash);
  expect(await world.chain.broadcast(raw)).toBe(hash);
  expect(await world.chain.receipt(hash)).toBeUndefined();
  expect(await world.chain.transactionCount(world.chain.gasAccount)).toBe(nonce + 1n);
  const next = await world.chain.signWithGasKey({ to: target, data: "0x02" });
  expect(next.nonce).toBe(nonce + 1n);
  await world.client.setAutomine(true);
  await world.client.mine({ blocks: 1 });
  const receipt = await mined(hash);
  expect(receipt).toMatchObject({ success: true, from: world.chain.gasAccount, hash });
  expect(receipt?.block).toEqual(await world.chain.block(receipt?.block.number ?? 0n));
  expect(await world.chain.broadcast(raw)).toBe(hash);
});

test("a nonce that another transaction used, and an empty gas account, are told", async () => {
  const first = await world.chain.signWithGasKey({ to: target, data: "0x03" });
  const second = await world.chain.signWithGasKey({ to: target, data: "0x04" });
  expect(second.nonce).toBe(first.nonce);
  await world.chain.broadcast(first.raw);
  await mined(first.hash);
  await expect(world.chain.broadcast(second.raw)).rejects.toMatchObject({
    kind: "rejected",
    message: expect.stringMatching(
      new RegExp(`refused the transaction: its nonce ${second.nonce} was used by another\\.$`),
    ),
  });
  const third = await world.chain.signWithGasKey({ to: target, data: "0x05" });
  const address = world.chain.gasAccount;
  const value = await world.chain.balance(address);
  await world.client.setBalance({ address, value: 0n });
  await expect(world.chain.broadcast(third.raw)).rejects.toThrow(
    /refused the transaction: its account has too little to pay the gas\.$/,
  );
  await expect(world.chain.signWithGasKey({ to: target, data: "0x" })).rejects.toThrow(
    new RegExp(
      `^The gas account ${address} on chain eip155:31900 holds 0 ether, and the transaction may cost 0\\.\\d+: fill it up\\.$`,
    ),
  );
  await world.client.setBalance({ address, value });
});

test("a node that answers with the hash of another transaction is not believed", async () => {
  const chain = openChains({ rpc: { [world.id]: rpc.url }, gasKey }).get(world.id);
  const { raw } = await chain.signWithGasKey({ to: target, data: "0x06" });
  await rpc.misbehave({ kind: "lie", method: "eth_sendRawTransaction", result: `0x${"11".repeat(32)}` });
  await expect(chain.broadcast(raw)).rejects.toThrow(/took a transaction and answered with the hash of another\.$/);
});

describe("a fee that blocks do not take any more", () => {
  const fees = (raw: `0x${string}`) => {
    const { maxFeePerGas = 0n, maxPriorityFeePerGas = 0n, ...rest } = parseTransaction(raw);
    return { maxFeePerGas, maxPriorityFeePerGas, rest };
  };
  /** The newest block has this base fee, in wei. */
  async function baseFeeIs(wei: bigint): Promise<void> {
    await world.client.setNextBlockBaseFeePerGas({ baseFeePerGas: wei });
    await world.client.mine({ blocks: 1 });
  }
  const calm = parseGwei("1");
  beforeEach(() => baseFeeIs(calm));
  afterAll(() => baseFeeIs(calm));

  test("is raised at the same nonce, and the node takes it in the place of the one that waits", async () => {
    await world.client.setAutomine(false);
    const { raw, hash, nonce } = await world.chain.signWithGasKey({ to: target, data: "0x07" });
    await world.chain.broadcast(raw);
    const before = fees(raw);
    await baseFeeIs(before.maxFeePerGas + 1n);
    expect(await world.chain.receipt(hash)).toBeUndefined();
    const raised = await world.chain.raisedFee(raw);
    const after = fees(raised?.raw ?? "0x");
    const { baseFeePerGas } = await world.client.getBlock();
    expect(after.maxFeePerGas).toBe((baseFeePerGas ?? 0n) * 2n + before.maxPriorityFeePerGas);
    expect(after.maxPriorityFeePerGas).toBe((before.maxPriorityFeePerGas * 9n + 7n) / 8n);
    expect(after.rest).toMatchObject({
      nonce: Number(nonce),
      to: target.toLowerCase(),
      data: "0x07",
      gas: before.rest.gas,
    });
    expect(raised?.hash).toBe(keccak256(raised?.raw ?? "0x"));
    await world.chain.broadcast(raised?.raw ?? "0x");
    await world.client.setAutomine(true);
    await world.client.mine({ blocks: 1 });
    expect(await mined(raised?.hash ?? "0x")).toMatchObject({ success: true, from: world.chain.gasAccount });
    expect(await world.chain.raisedFee(raw)).toBeUndefined();
  });

  test("is left as it is as long as the next block can pay its whole tip", async () => {
    const { raw } = await world.chain.signWithGasKey({ to: target, data: "0x08" });
    const { maxFeePerGas, maxPriorityFeePerGas } = fees(raw);
    // The next block's base fee is an eighth higher at most.
    const most = ((maxFeePerGas - maxPriorityFeePerGas) * 8n) / 9n;
    await baseFeeIs(most);
    expect(await world.chain.raisedFee(raw)).toBeUndefined();
    await baseFeeIs(most + 1n);
    expect(await world.chain.raisedFee(raw)).toBeDefined();
  });

  test("is raised where more than twice its tip is usual, by an eighth at least", async () => {
    const chain = openChains({ rpc: { [world.id]: rpc.url }, gasKey }).get(world.id);
    const { raw } = await chain.signWithGasKey({ to: target, data: "0x09" });
    const { maxFeePerGas, maxPriorityFeePerGas } = fees(raw);
    const tipIs = (wei: bigint) =>
      rpc.misbehave({ kind: "lie", method: "eth_maxPriorityFeePerGas", result: toHex(wei) });
    await tipIs(maxPriorityFeePerGas * 2n);
    expect(await chain.raisedFee(raw)).toBeUndefined();
    await tipIs(maxPriorityFeePerGas * 2n + 1n);
    await baseFeeIs(1n);
    const raised = fees((await chain.raisedFee(raw))?.raw ?? "0x");
    expect(raised.maxPriorityFeePerGas).toBe(maxPriorityFeePerGas * 2n + 1n);
    expect(raised.maxFeePerGas).toBe((maxFeePerGas * 9n + 7n) / 8n);
  });

  test("is not raised beyond what the gas account has", async () => {
    const { raw } = await world.chain.signWithGasKey({ to: target, data: "0x0a" });
    await baseFeeIs(fees(raw).maxFeePerGas);
    const address = world.chain.gasAccount;
    const value = await world.chain.balance(address);
    await world.client.setBalance({ address, value: 0n });
    await expect(world.chain.raisedFee(raw)).rejects.toThrow(
      /holds 0 ether, and the transaction may cost 0\.\d+: fill it up\.$/,
    );
    await world.client.setBalance({ address, value });
  });
});

describe("what may not run any more", () => {
  test("is replaced by nothing at all, which the node takes in its place", async () => {
    await world.client.setAutomine(false);
    const { raw, hash, nonce } = await world.chain.signWithGasKey({ to: target, data: "0x0b" });
    await world.chain.broadcast(raw);
    const nothing = await world.chain.replacement(raw);
    const { gasAccount } = world.chain;
    const { data, value, to, nonce: itsNonce } = parseTransaction(nothing?.raw ?? "0x");
    expect({ data, value, to, nonce: itsNonce }).toEqual({
      ...{ data: undefined, value: undefined },
      ...{ to: gasAccount.toLowerCase(), nonce: Number(nonce) },
    });
    expect(await world.chain.broadcast(nothing?.raw ?? "0x")).toBe(nothing?.hash);
    // The same again, where fees rise meanwhile: what takes it back can be replaced too.
    const dearer = await world.chain.replacement(nothing?.raw ?? "0x");
    await world.chain.broadcast(dearer?.raw ?? "0x");
    await world.client.setAutomine(true);
    await world.client.mine({ blocks: 1 });
    expect(await mined(dearer?.hash ?? "0x")).toMatchObject({ success: true, from: gasAccount });
    expect(await world.chain.receipt(hash)).toBeUndefined();
    expect(await world.chain.replacement(raw)).toBeUndefined();
  });

  test("stays where the gas account cannot pay for that, and says so", async () => {
    const { raw } = await world.chain.signWithGasKey({ to: target, data: "0x0c" });
    const address = world.chain.gasAccount;
    const value = await world.chain.balance(address);
    await world.client.setBalance({ address, value: 0n });
    await expect(world.chain.replacement(raw)).rejects.toThrow(
      /holds 0 ether, and the transaction may cost .*fill it up\.$/,
    );
    await world.client.setBalance({ address, value });
  });

  test("on a chain without a base fee is replaced at a higher gas price", async () => {
    const chain = openChains({ rpc: { [world.id]: rpc.url }, gasKey }).get(world.id);
    const block = await world.client.getBlock();
    const { baseFeePerGas: _none, ...legacy } = block;
    const inHex = Object.fromEntries(
      Object.entries(legacy).map(([name, one]) => [name, typeof one === "bigint" ? toHex(one) : one]),
    );
    await rpc.misbehave({ kind: "lie", method: "eth_getBlockByNumber", result: inHex });
    const { raw } = await chain.signWithGasKey({ to: target, data: "0x0d" });
    const [first, second] = [raw, (await chain.replacement(raw))?.raw ?? "0x"].map((one) =>
      parseTransaction(one as `0x${string}`),
    );
    await rpc.misbehave({ kind: "none" });
    expect(second).toMatchObject({ type: "legacy", nonce: first?.nonce, to: chain.gasAccount.toLowerCase() });
    expect(second?.gasPrice).toBe(((first?.gasPrice ?? 0n) * 9n + 7n) / 8n);
  });
});
