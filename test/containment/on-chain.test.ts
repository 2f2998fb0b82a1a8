/** Containments on a real chain and a real Safe: bound to code and to an end; and what a stranger with money can trip. */

import { concat, encodeFunctionData, numberToHex, parseAbi } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buildPackage } from "../../src/ceremonies/build-package.ts";
import { type OpenChains, openChains } from "../../src/chain/open.ts";
import { griefing, metricOfEvidence } from "../../src/domain/automatic.ts";
import { type Metric, metric } from "../../src/domain/metrics.ts";
import type { Policy } from "../../src/domain/policy.ts";
import type { Address, Hex } from "../../src/domain/primitives.ts";
import type { ReleasePackage } from "../../src/domain/release-package.ts";
import { execTransactionData, packSignatures } from "../../src/domain/safe-signatures.ts";
import { safeTypedData } from "../../src/domain/safe-tx.ts";
import { type CeremonyTx, releaseTransactions } from "../../src/domain/transactions.ts";
import { embeddedGasAccount, embeddedPeople, keylessAccount } from "../../src/embedded/people.ts";
import { tradeOnce } from "../../src/embedded/trade.ts";
import { type StartedWorld, startWorld } from "../../src/embedded/world.ts";
import { judgeGriefing } from "../../src/gates/simulation/griefing.ts";
import { sampleBuilds, samplePolicy } from "../support/sample-policy.ts";

const chainId = "eip155:31337";
let world: StartedWorld;
let chains: OpenChains;
let policy: Policy;
let pkg: ReleasePackage;
let pause: CeremonyTx;

beforeAll(async () => {
  const [started, plain] = await Promise.all([startWorld(), samplePolicy()]);
  world = started;
  const { MultiSendCallOnly: multiSendCallOnly } = world.safeContracts;
  policy = { ...plain, chains: plain.chains.map((one) => ({ ...one, multiSendCallOnly })) };
  chains = openChains({ rpc: { [chainId]: world.url }, gasKey: embeddedGasAccount.privateKey });
  const source = { kind: "target" as const, target: "harbour", release: "2.0.0", lane: "routine" as const };
  pkg = await buildPackage(
    { ...source, title: "Harbour 2", rationale: "It rounds in favour.", implementations: {} },
    policy,
    chains,
    sampleBuilds(),
  );
  const chain = chains.get(chainId);
  const safes = await Promise.all(
    [world.councilSafe, world.guardianSafe].map(async (address) => {
      const { version, nonce } = await chain.safe(address);
      return { address, chain: chainId, version, nonce } as const;
    }),
  );
  const anchor = { packageHash: `0x${"11".repeat(32)}` as Hex, auditHead: `0x${"22".repeat(32)}` as Hex };
  const found = releaseTransactions(pkg, anchor, safes).find((one) => one.id === "containment/pause-vault");
  if (found === undefined) throw new Error("There is no containment of the vault.");
  pause = found;
}, 180_000);
afterAll(async () => {
  chains.close();
  await world.stop();
});

let snapshot: unknown;
beforeEach(async () => {
  if (snapshot !== undefined) await world.node.request("evm_revert", snapshot);
  snapshot = await world.node.request("evm_snapshot");
});

/** What the guardians signed, as anybody can send it. */
async function signed(): Promise<Hex> {
  const given = await Promise.all(
    (["caro", "gus"] as const).map(async (name) => {
      const account = privateKeyToAccount(embeddedPeople[name].privateKey);
      const signature = await account.signTypedData(
        safeTypedData(pause.tx) as Parameters<typeof account.signTypedData>[0],
      );
      return { owner: account.address, signature };
    }),
  );
  return execTransactionData(pause.tx, packSignatures(given));
}

/** `at`: the time of the block that takes it, seconds. */
async function send(at?: bigint): Promise<boolean> {
  const from = keylessAccount("whoever has the signatures");
  await world.node.request("anvil_impersonateAccount", from);
  await world.node.request("anvil_setBalance", from, "0xde0b6b3a7640000");
  const hash = await world.node.request("eth_sendTransaction", {
    ...{ from, to: world.guardianSafe, data: await signed(), gas: "0x7a1200" },
  });
  if (at === undefined) await tradeOnce(world);
  else await world.node.request("evm_mine", numberToHex(at));
  const receipt = (await world.node.request("eth_getTransactionReceipt", hash)) as { status: string };
  return receipt.status === "0x1";
}

const pausedAbi = parseAbi(["function paused() view returns (bool)"]);
async function isPaused(): Promise<boolean> {
  const data = encodeFunctionData({ abi: pausedAbi });
  return BigInt((await world.node.request("eth_call", { to: world.vault, data }, "latest")) as Hex) === 1n;
}

describe("a containment that the guardians signed", () => {
  test("is one transaction of MultiSendCallOnly, with checks before the call, and works as it stands", async () => {
    expect(pause.tx).toMatchObject({ operation: 1, to: world.safeContracts.MultiSendCallOnly });
    expect(pkg.containment.map((one) => [one.id, one.effect, one.bound?.notAfter])).toEqual([
      ["pause-pilot", "freeze", pkg.legs[0]?.rollback.notAfter],
      ["pause-vault", "freeze", pkg.legs[0]?.rollback.notAfter],
    ]);
    expect(await send()).toBe(true);
    expect(await isPaused()).toBe(true);
  });

  test("reverts on the chain where the code it was signed for is another, and the nonce is not used", async () => {
    const code = (await world.node.request("eth_getCode", world.vault, "latest")) as Hex;
    // The same behaviour in other bytes: what follows STOP never runs.
    await world.node.request("anvil_setCode", world.vault, concat([code, "0x00"]));
    expect(await send()).toBe(false);
    expect(await isPaused()).toBe(false);
    expect((await chains.get(chainId).safe(world.guardianSafe)).nonce).toBe(pause.tx.nonce);
  });

  test("reverts on the chain once its end is over", async () => {
    const end = pkg.containment[0]?.bound?.notAfter ?? 0n;
    expect(await send(end), "in its last second").toBe(true);
    await world.node.request("evm_revert", snapshot);
    snapshot = await world.node.request("evm_snapshot");
    expect(await send(end + 1n), "a second later").toBe(false);
  });
});

const shaped = (one: Partial<Record<keyof Metric, unknown>>): Metric =>
  metric.parse({
    ...{ id: "m", title: "M", class: "asset", chain: chainId, unit: "none", severity: 1, owner: "dev" },
    ...{ containment: "pause-vault", automatic: true },
    ...one,
  });

const call = (to: Address, signature: string, args: Address[] = []) => ({ kind: "call", to, signature, args });

/** What the check says of metrics, all of them with automatic containment and named by the package's first phase. */
async function judged(...metrics: Metric[]): Promise<Record<string, string[]>> {
  const [first, ...rest] = pkg.phases;
  if (first === undefined) throw new Error("The package has no phase.");
  const named = { ...pkg, phases: [{ ...first, metrics: metrics.map((one) => one.id) }, ...rest] };
  const found = await chains.get(chainId).onFork((fork) => judgeGriefing(fork, named, { ...policy, metrics }));
  return Object.fromEntries(
    metrics.map((one) => [
      one.id,
      found.filter((finding) => finding.evidence === metricOfEvidence(one.id)).map((finding) => finding.code),
    ]),
  );
}

describe("a stranger with as much money as they like", () => {
  test("trips what money can move, and not what it cannot", async () => {
    const room = await chains
      .get(chainId)
      .call(world.vault, encodeFunctionData({ abi: parseAbi(["function totalAssets() view returns (uint256)"]) }));
    const now = BigInt(room);
    const found = await judged(
      shaped({
        id: "solvency",
        read: call(world.gauges, "function vaultSolvency(address) view returns (uint256)", [world.vault]),
        ...{ pass: { is: ">=", value: 10_000 }, fail: { is: "<", value: 10_000 } },
      }),
      shaped({
        id: "owner",
        read: {
          kind: "addressIs",
          of: call(world.vault, "function owner() view returns (address)"),
          equals: world.timelock,
        },
        ...{ pass: { is: "=", value: 1 }, fail: { is: "=", value: 0 } },
      }),
      // Whoever deposits moves it.
      shaped({
        id: "deposits",
        read: call(world.vault, "function totalAssets() view returns (uint256)"),
        ...{ pass: { is: "<=", value: `${now}` }, fail: { is: ">", value: `${now}` } },
      }),
      // Whoever sends a token to the vault, without calling it, moves it.
      shaped({
        id: "donated",
        read: {
          kind: "difference",
          a: { kind: "balance", of: world.vault, token: world.asset },
          b: call(world.vault, "function totalAssets() view returns (uint256)"),
        },
        ...{ pass: { is: "<=", value: 0 }, fail: { is: ">", value: 0 } },
      }),
      // Only who has put something in first can take something out.
      shaped({
        id: "outflow",
        read: call(world.vault, "function totalShares() view returns (uint256)"),
        baseline: { mode: "preUpgradeBlock" },
        ...{ pass: { is: ">=", baselineBps: 10_000 }, fail: { is: "<", baselineBps: 10_000 } },
      }),
      // A storage slot is not read by a call: nobody can try it here.
      shaped({
        id: "slot",
        read: { kind: "slot", account: world.priceFeed, slot: `0x${"0".repeat(64)}` },
        ...{ pass: { is: "=", value: 0 }, fail: { is: ">", value: 0 } },
      }),
    );
    expect(found).toEqual({
      solvency: [griefing.unmoved],
      owner: [griefing.unmoved],
      deposits: [griefing.moved],
      donated: [griefing.moved],
      outflow: [griefing.unmoved],
      slot: ["simulation/untried"],
    });
  }, 120_000);

  test("trips a solvency that the new code lets anybody lower", async () => {
    const leaky = (await world.node.request("eth_getCode", world.implementations.poolV2Leaky, "latest")) as Hex;
    const beacon = parseAbi(["function implementation() view returns (address)"]);
    const answer = await world.node.request(
      "eth_call",
      { to: world.pilotBeacon, data: encodeFunctionData({ abi: beacon }) },
      "latest",
    );
    await world.node.request("anvil_setCode", `0x${String(answer).slice(26)}`, leaky);
    const found = await judged(
      shaped({
        id: "pilot",
        read: call(world.gauges, "function poolSolvency(address) view returns (uint256)", [world.pilotPool]),
        ...{ pass: { is: ">=", value: 10_000 }, fail: { is: "<", value: 10_000 } },
      }),
    );
    expect(found).toEqual({ pilot: [griefing.moved] });
  }, 120_000);

  test("is not asked about what waits for a person's word anyway", async () => {
    const named = policy.metrics.filter((one) => one.id === "vault-solvency");
    const found = await chains.get(chainId).onFork((fork) => judgeGriefing(fork, pkg, { ...policy, metrics: named }));
    expect(found).toEqual([]);
  });
});
