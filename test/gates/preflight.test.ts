/** Preflight on a real chain: who can upgrade a contract, where calls go, and which Safe signs; each bad shape beside its honest twin. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Abi, concat, encodeAbiParameters, encodeFunctionData, getAddress, keccak256, stringToBytes } from "viem";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type OpenChains, openChains } from "../../src/chain/open.ts";
import { preconditionsCodeHash } from "../../src/chain/preconditions/preconditions.ts";
import type { Finding } from "../../src/domain/events.ts";
import { slots } from "../../src/domain/known-slots.ts";
import type { Policy } from "../../src/domain/policy.ts";
import { type Address, type Hex, zeroAddress, zeroHash } from "../../src/domain/primitives.ts";
import type { SafeTx } from "../../src/domain/safe-tx.ts";
import { scheduleBatchData } from "../../src/domain/timelock.ts";
import { packageBytecode } from "../../src/embedded/bytecode.ts";
import { embeddedGasAccount, embeddedPeople, keylessAccount } from "../../src/embedded/people.ts";
import { tradeOnce } from "../../src/embedded/trade.ts";
import { type StartedWorld, startWorld } from "../../src/embedded/world.ts";
import { authorityGate } from "../../src/gates/authority.ts";
import { preflightGate } from "../../src/gates/preflight.ts";
import { actAs } from "../embedded/act.ts";
import { type CompiledContract, compile } from "../support/compile.ts";
import { sampleBuilds, samplePolicy } from "../support/sample-policy.ts";

const stranger = keylessAccount("a stranger");
const shipper = keccak256(stringToBytes("SHIPPER_ROLE"));
const upgrader = keccak256(stringToBytes("UPGRADER_ROLE"));
const harbourMaster = keccak256(stringToBytes("HARBOUR_MASTER"));
const publicRole = (1n << 64n) - 1n;

let world: StartedWorld;
let chains: OpenChains;
let policy: Policy;
let contracts: Record<string, CompiledContract>;
let snapshot: unknown;
beforeAll(async () => {
  const source = readFileSync(join(import.meta.dirname, "contracts/PowerCases.sol"), "utf8");
  // The compiler keeps the thread to itself: the world starts after it.
  contracts = await compile({ "PowerCases.sol": source });
  [world, policy] = await Promise.all([startWorld(), samplePolicy()]);
  chains = openChains({ rpc: { "eip155:31337": world.url }, gasKey: embeddedGasAccount.privateKey });
});
afterAll(async () => {
  chains.close();
  await world.stop();
});
beforeEach(async () => {
  snapshot = await world.node.request("evm_snapshot");
});
afterEach(async () => {
  await world.node.request("evm_revert", snapshot);
});

async function create(bytecode: Hex): Promise<Address> {
  const from = keylessAccount("a deployer");
  await world.node.request("anvil_impersonateAccount", from);
  await world.node.request("anvil_setBalance", from, "0xde0b6b3a7640000");
  const hash = await world.node.request("eth_sendTransaction", { from, data: bytecode, gas: "0x7a1200" });
  await tradeOnce(world);
  const receipt = (await world.node.request("eth_getTransactionReceipt", hash)) as {
    status: string;
    contractAddress: Hex;
  };
  expect(receipt.status).toBe("0x1");
  return getAddress(receipt.contractAddress);
}

const artefact = (name: string): CompiledContract => {
  const found = contracts[name];
  if (found === undefined) throw new Error(`There is no contract ${name}.`);
  return found;
};
const call = (name: string, functionName: string, ...args: unknown[]): Hex =>
  encodeFunctionData({ abi: artefact(name).abi as Abi, functionName, args });
const does = async (from: Address, to: Address, data: Hex) => expect(await actAs(world, from, to, data)).toBe(true);

/** A proxy of a contract that its `begin` has set up, and a newer code for it. */
async function proxyOf(name: string, ...begin: unknown[]): Promise<{ proxy: Address; next: Address }> {
  const [first, next] = [await create(artefact(name).bytecode), await create(artefact(name).bytecode)];
  const code = packageBytecode("@openzeppelin/contracts/build/contracts/ERC1967Proxy.json");
  const args = encodeAbiParameters([{ type: "address" }, { type: "bytes" }], [first, call(name, "begin", ...begin)]);
  return { proxy: await create(concat([code, args])), next };
}

async function transaction(more: Partial<SafeTx>): Promise<SafeTx> {
  const { nonce } = await chains.get("eip155:31337").safe(world.councilSafe);
  return {
    ...{ chain: "eip155:31337", safe: world.councilSafe, safeVersion: "1.4.1", to: world.vault, value: 0n, data: "0x" },
    ...{ operation: 0, safeTxGas: 0n, baseGas: 0n, gasPrice: 0n, gasToken: zeroAddress, refundReceiver: zeroAddress },
    nonce,
    ...more,
  };
}

async function asked(tx: SafeTx, gate = preflightGate, at: Pick<OpenChains, "get" | "ids"> = chains) {
  const input = {
    ...{ subject: { kind: "transaction" as const, tx }, policy, chains: at, builds: sampleBuilds() },
    ...{ preconditionsCodeHash, progress: () => undefined },
  };
  return (await gate.run(input)).findings;
}
const said = (found: Finding[]) => {
  for (const one of found.filter(({ severity }) => severity !== "info")) {
    expect(one.message).toMatch(/^[A-Z0-9].*\.$/s);
    expect(one.fix).not.toBe("");
  }
  return found.filter((one) => one.severity !== "info").map((one) => `${one.severity} ${one.code.slice(10)}`);
};

const foremost = (found: Finding[]) => found.find(({ severity }) => severity !== "info");

/** What preflight says of a council that schedules this one upgrade. */
async function upgrading({ proxy, next }: { proxy: Address; next: Address }): Promise<Finding[]> {
  const data = call("ByOwner", "upgradeToAndCall", next, "0x");
  const batch = { calls: [{ to: proxy, value: 0n, data }], predecessor: zeroHash, salt: zeroHash };
  return asked(await transaction({ to: world.timelock, data: scheduleBatchData(batch, 172_800n) }));
}

test("refuses what it knows to be bad", () => {
  for (const gate of [preflightGate, authorityGate])
    expect(gate.proof().map((one) => one.severity)).toContain("refuse");
});

describe("an owner", () => {
  test("that is the timelock passes", async () => {
    expect(said(await upgrading(await proxyOf("ByOwner", world.timelock)))).toEqual([]);
  });

  test.each<[string, string, () => Address]>([
    ["one person's key", "whoever has its one key", () => embeddedPeople.ada.address],
    ["a second Safe", "its owners upgrade without the timelock's delay", () => world.guardianSafe],
    ["the council without its timelock", "its owners upgrade without", () => world.councilSafe],
    ["another contract", "what it lets through decides", () => world.priceFeed],
  ])("that is %s is refused", async (_what, why, owner) => {
    const found = await upgrading(await proxyOf("ByOwner", owner()));
    expect(said(found)).toEqual(["refuse owner"]);
    expect(foremost(found)?.evidence).toContain(why);
    expect(foremost(found)?.message).toContain(`can be upgraded by ${owner()}`);
  });

  test("to be, in a transfer that is under way, is refused", async () => {
    const upgrade = await proxyOf("ByOwner", world.timelock);
    await does(world.timelock, upgrade.proxy, call("ByOwner", "transferOwnership", stranger));
    const found = await upgrading(upgrade);
    expect(said(found)).toEqual(["refuse pending"]);
    expect(foremost(found)?.message).toContain(stranger);
  });

  test("whom nobody names is flagged, and refused where somebody else gets through", async () => {
    expect(said(await upgrading(await proxyOf("BySecret", world.timelock)))).toEqual(["flag unexplained"]);
    expect(said(await upgrading(await proxyOf("BySecret", embeddedPeople.ben.address)))).toEqual([
      "refuse owner",
      "refuse past-timelock",
    ]);
    expect(said(await upgrading(await proxyOf("BySecret", "0x0000000000000000000000000000000000000001")))).toEqual([
      "refuse open",
    ]);
  });
});

describe("a role", () => {
  test("that the timelock alone holds passes, whatever its name, and a role for something else may be anybody's", async () => {
    expect(said(await upgrading(await proxyOf("ByRole", upgrader, world.timelock)))).toEqual([]);
    const upgrade = await proxyOf("ByRole", shipper, world.timelock);
    await does(world.timelock, upgrade.proxy, call("ByRole", "grantRole", harbourMaster, stranger));
    expect(said(await upgrading(upgrade))).toEqual([]);
  });

  test.each<[string, Hex, Hex]>([
    ["of the administrator", shipper, zeroHash],
    ["that is named for upgrading", upgrader, upgrader],
    ["of another name that upgrades", shipper, shipper],
  ])("%s that somebody else holds is refused", async (_what, role, theirs) => {
    const upgrade = await proxyOf("ByRole", role, world.timelock);
    await does(world.timelock, upgrade.proxy, call("ByRole", "grantRole", theirs, stranger));
    expect(said(await upgrading(upgrade))).toEqual(["refuse role"]);
    await does(world.timelock, upgrade.proxy, call("ByRole", "revokeRole", theirs, stranger));
    expect(said(await upgrading(upgrade))).toEqual([]);
  });

  test("that hands out the right to upgrade is refused in a stranger's hands", async () => {
    const upgrade = await proxyOf("ByRole", shipper, world.timelock);
    await does(world.timelock, upgrade.proxy, call("ByRole", "handOver", shipper, harbourMaster, stranger));
    expect(said(await upgrading(upgrade))).toEqual(["refuse role"]);
  });
});

describe("an AccessManager", () => {
  async function managed(role = 7n) {
    const manager = await create(
      concat([artefact("Manager").bytecode, encodeAbiParameters([{ type: "address" }], [world.timelock])]),
    );
    const upgrade = await proxyOf("ByManager", manager);
    const selectors = [call("ByOwner", "upgradeToAndCall", stranger, "0x").slice(0, 10)];
    await does(world.timelock, manager, call("Manager", "setTargetFunctionRole", upgrade.proxy, selectors, role));
    if (role !== publicRole) await does(world.timelock, manager, call("Manager", "grantRole", role, world.timelock, 0));
    return { manager, upgrade };
  }

  test("that lets the timelock through, and nobody else, passes", async () => {
    const { manager, upgrade } = await managed();
    expect(said(await upgrading(upgrade))).toEqual([]);
    await does(world.timelock, manager, call("Manager", "grantRole", 8n, stranger, 0));
    expect(said(await upgrading(upgrade))).toEqual([]);
  });

  test.each<[string, bigint, number]>([
    ["the role that upgrades", 7n, 0],
    ["that role behind a delay", 7n, 3600],
    ["its administration", 0n, 0],
  ])("that gave a stranger %s is refused", async (_what, role, delay) => {
    const { manager, upgrade } = await managed();
    await does(world.timelock, manager, call("Manager", "grantRole", role, stranger, delay));
    expect(said(await upgrading(upgrade))).toEqual(["refuse manager-role"]);
  });

  test("that lets everybody through is refused", async () => {
    const { upgrade } = await managed(publicRole);
    expect(said(await upgrading(upgrade))).toContain("refuse manager-open");
  });
});

describe("a target", () => {
  const pause = "0x8456cb59";

  test("with code passes, and a payment may go to a person", async () => {
    expect(said(await asked(await transaction({ data: pause })))).toEqual([]);
    expect(said(await asked(await transaction({ to: embeddedPeople.ada.address, value: 1n })))).toEqual([]);
  });

  test("without code is refused, however deep it is called", async () => {
    const found = await asked(await transaction({ to: stranger, data: pause }));
    expect(said(found)).toEqual(["refuse no-code"]);
    expect(foremost(found)?.message).toContain("it would succeed and do nothing");
    const batch = { calls: [{ to: stranger, value: 0n, data: pause as Hex }], predecessor: zeroHash, salt: zeroHash };
    const nested = await transaction({ to: world.timelock, data: scheduleBatchData(batch, 172_800n) });
    expect(said(await asked(nested))).toEqual(["refuse no-code"]);
  });

  test("whose code is borrowed by a person's key is refused", async () => {
    const designator = `0xef0100${world.vault.slice(2)}`;
    await world.node.request("anvil_setCode", stranger, designator);
    expect(said(await asked(await transaction({ to: stranger, data: pause })))).toEqual(["refuse delegated"]);
  });

  test("that a reorganisation has taken away is refused", async () => {
    const to = await create(artefact("ByOwner").bytecode);
    const tx = await transaction({ to, data: pause });
    expect(said(await asked(tx))).toEqual([]);
    await world.node.request("anvil_reorg", 1, []);
    expect(said(await asked(tx))).toEqual(["refuse no-code"]);
  });

  test("that is no proxy cannot be upgraded", async () => {
    const data = call("ByOwner", "upgradeToAndCall", world.implementations.vaultV2, "0x");
    expect(said(await asked(await transaction({ to: world.asset, data })))).toContain("refuse not-a-proxy");
  });
});

describe("the Safe", () => {
  const data = "0x8456cb59";

  test("has used a nonce: refused; stands before it: flagged with how many wait", async () => {
    await world.node.request(
      "anvil_setStorageAt",
      world.councilSafe,
      `0x${"5".padStart(64, "0")}`,
      `0x${"9".padStart(64, "0")}`,
    );
    await tradeOnce(world);
    expect(said(await asked(await transaction({ data, nonce: 9n })))).toEqual([]);
    expect(said(await asked(await transaction({ data, nonce: 8n })))).toEqual(["refuse nonce-used"]);
    const [ahead] = await asked(await transaction({ data, nonce: 12n }));
    expect([ahead?.severity, ahead?.code]).toEqual(["flag", "preflight/nonce-ahead"]);
    expect(ahead?.message).toContain("3 other transactions have to run before it");
  });

  test("hashes otherwise than the transaction says: refused", async () => {
    expect(said(await asked(await transaction({ data, safeVersion: "1.2.0" })))).toEqual(["refuse domain"]);
    expect(said(await asked(await transaction({ data, safeVersion: "1.3.0" })))).toEqual([]);
  });

  test("has a guard, a handler or code of its own that nobody published: flagged", async () => {
    const put = async (slot: Hex, account: Address) => {
      await world.node.request(
        "anvil_setStorageAt",
        world.councilSafe,
        slot,
        `0x${account.slice(2).padStart(64, "0")}`,
      );
      await tradeOnce(world);
    };
    await put(slots.safeGuard, world.vault);
    await put(slots.safeHandler, world.vault);
    expect(said(await asked(await transaction({ data }), preflightGate))).toEqual(["flag guard", "flag safe-handler"]);
    await put(slots.safeGuard, zeroAddress);
    await put(slots.safeHandler, zeroAddress);
    expect(said(await asked(await transaction({ data })))).toEqual([]);
    // The same code but for one byte, behind the Safe's own address.
    const word = (await world.node.request("eth_getStorageAt", world.councilSafe, "0x0", "latest")) as Hex;
    const code = (await world.node.request("eth_getCode", `0x${word.slice(-40)}`, "latest")) as Hex;
    await world.node.request("anvil_setCode", stranger, `${code.slice(0, -2)}00`);
    await put(zeroHash, stranger);
    expect(said(await asked(await transaction({ data })))).toEqual(["flag safe-code"]);
  });

  test("is none: refused", async () => {
    expect(said(await asked(await transaction({ data, safe: world.vault })))).toContain("refuse safe");
  });

  test("of one signature and of strangers, which policy does not name", async () => {
    const strange = { ...policy, chains: policy.chains.map((one) => ({ ...one, council: stranger })), people: [] };
    const tx = await transaction({ data });
    const input = {
      ...{ subject: { kind: "transaction" as const, tx }, policy: strange, chains, builds: sampleBuilds() },
      ...{ preconditionsCodeHash, progress: () => undefined },
    };
    expect(said((await preflightGate.run(input)).findings)).toEqual(["flag other-safe", "flag unknown-owner"]);
    await world.node.request(
      "anvil_setStorageAt",
      world.councilSafe,
      `0x${"4".padStart(64, "0")}`,
      `0x${"1".padStart(64, "0")}`,
    );
    await tradeOnce(world);
    expect(said((await preflightGate.run(input)).findings)).toContain("refuse threshold");
  });
});

test("an RPC of another chain is named, and refused", async () => {
  const wrong = openChains({ rpc: { "eip155:10": world.url }, gasKey: embeddedGasAccount.privateKey });
  try {
    const found = await asked(
      { ...(await transaction({ data: "0x8456cb59" })), chain: "eip155:10" },
      preflightGate,
      wrong,
    );
    expect(said(found)).toEqual(["refuse wrong-chain"]);
    expect(foremost(found)?.message).toContain("it answers for eip155:31337, and what is to be signed says eip155:10");
  } finally {
    wrong.close();
  }
});

describe("the authority gate looks at a single transaction too", () => {
  test("the honest council passes; a timelock on which anyone executes is flagged, a second proposer refused", async () => {
    const tx = await transaction({ data: "0x8456cb59" });
    const codes = async () =>
      (await asked(tx, authorityGate))
        .filter((one) => one.severity !== "info")
        .map((one) => `${one.severity} ${one.code}`);
    expect(await codes()).toEqual([]);
    const grant = (role: string, account: Address) =>
      does(world.timelock, world.timelock, call("ByRole", "grantRole", keccak256(stringToBytes(role)), account));
    await grant("EXECUTOR_ROLE", zeroAddress);
    expect(await codes()).toEqual(["flag authority/open-executor"]);
    await grant("PROPOSER_ROLE", stranger);
    expect(await codes()).toContain("refuse authority/second-proposer");
  });
});
