/** The simulation gate: upgrades of a proxy on the embedded chain that are bad in one way each, beside honest twins. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Abi, concat, encodeAbiParameters, encodeFunctionData, parseAbi } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { openBuilds } from "../../src/builds/open-builds.ts";
import type { OpenChains } from "../../src/chain/open.ts";
import { preconditionsCodeHash } from "../../src/chain/preconditions/preconditions.ts";
import type { Finding } from "../../src/domain/events.ts";
import type { Policy } from "../../src/domain/policy.ts";
import { type Address, type Hex, zeroAddress, zeroHash } from "../../src/domain/primitives.ts";
import { scheduleBatchData } from "../../src/domain/timelock.ts";
import { packageBytecode } from "../../src/embedded/bytecode.ts";
import { keylessAccount } from "../../src/embedded/people.ts";
import { timelockRoles } from "../../src/embedded/timelock.ts";
import type { StartedWorld } from "../../src/embedded/world.ts";
import { simulationGate } from "../../src/gates/simulation/simulation.ts";
import { actAs } from "../embedded/act.ts";
import { type CompiledContract, compile } from "../support/compile.ts";
import { expectFindingStyle } from "../support/house-style.ts";
import { create, startGateWorld } from "./gate-world.ts";

const abi: Abi = parseAbi([
  "function upgradeToAndCall(address implementation, bytes data)",
  "function initialize(address owner, address feed)",
  "function initializeV2(uint256 value)",
  "function initializeV2(address value)",
  "function initializeV2()",
  "function initializeV3()",
]);
const call = (functionName: string, args: unknown[], inputs?: string) =>
  encodeFunctionData({
    abi: inputs === undefined ? abi : parseAbi([`function ${functionName}(${inputs})`]),
    functionName,
    args,
  } as never);
const attacker = keylessAccount("an attacker");

let world: StartedWorld;
let chains: OpenChains;
let stop: () => Promise<void>;
let policy: Policy;
let contracts: Record<string, CompiledContract>;
let proxy: Address;
/** None: nothing here is asked of a build. */
const builds = openBuilds(undefined);
beforeAll(async () => {
  const source = readFileSync(join(import.meta.dirname, "contracts/Ledger.sol"), "utf8");
  // The compiler takes ten seconds of a core, and keeps the thread to itself: the world starts after it.
  contracts = await compile({ "Ledger.sol": source });
  ({ world, policy, chains, stop } = await startGateWorld());
  const feed = await deploy("Feed", encodeAbiParameters([{ type: "uint256" }], [2000n]));
  const first = await deploy("Ledger");
  const init = call("initialize", [world.timelock, feed]);
  const code = packageBytecode("@openzeppelin/contracts/build/contracts/ERC1967Proxy.json");
  proxy = await create(
    world,
    concat([code, encodeAbiParameters([{ type: "address" }, { type: "bytes" }], [first, init])]),
  );
  await world.node.request("anvil_setBalance", proxy, "0xde0b6b3a7640000");
}, 180_000);
afterAll(async () => {
  await builds.close();
  await stop();
});

const deploy = (name: string, args: Hex = "0x") => create(world, concat([contracts[name]?.bytecode ?? "0x", args]));

/** What the gate says of a council that schedules this upgrade, and nothing else. */
async function upgradeTo(name: string, init: Hex = "0x", to = proxy, inBatch = true): Promise<Finding[]> {
  const implementation = await deploy(name);
  const data = call("upgradeToAndCall", [implementation, init]);
  const batch = { calls: [{ to, value: 0n, data }], predecessor: zeroHash, salt: zeroHash };
  const { nonce } = await chains.get("eip155:31337").safe(world.councilSafe);
  const tx = {
    ...{ chain: "eip155:31337" as const, safe: world.councilSafe, safeVersion: "1.4.1", to: world.timelock, value: 0n },
    ...{
      data: inBatch ? scheduleBatchData(batch, 172_800n) : scheduleOne(to, data),
      operation: 0 as const,
      safeTxGas: 0n,
      baseGas: 0n,
      gasPrice: 0n,
    },
    ...{ gasToken: zeroAddress, refundReceiver: zeroAddress, nonce },
  };
  const input = {
    subject: { kind: "transaction" as const, tx },
    policy,
    chains,
    builds,
    preconditionsCodeHash,
    progress: () => undefined,
  };
  const { findings } = await simulationGate.run(input);
  for (const one of findings) expectFindingStyle(one);
  return findings.filter((one) => one.severity !== "info");
}
const scheduleOne = (to: Address, data: Hex) =>
  call(
    "schedule",
    [to, 0n, data, zeroHash, zeroHash, 172_800n],
    "address target, uint256 value, bytes data, bytes32 predecessor, bytes32 salt, uint256 delay",
  );
const codes = (findings: Finding[]) => [...new Set(findings.map((one) => one.code))].sort();

test("refuses what it knows to be bad", () => {
  expect(simulationGate.proof().map((one) => one.severity)).toContain("refuse");
});

describe("lets honest upgrades pass", () => {
  test.each<[string, string, () => Hex]>([
    ["an initialiser that sets a new parameter", "LedgerV2", () => call("initializeV2", [5n], "uint256 fee")],
    ["no initialiser at all", "LedgerV2", () => "0x"],
    ["a helper that only the owner may use", "LedgerExecutesForOwner", () => "0x"],
    ["a helper that has somebody else make any call", "LedgerRelays", () => "0x"],
    ["a weight that its initialiser sets", "LedgerSetsWeight", () => call("initializeV2", [7n], "uint256 weight")],
    ["one that keeps the block's time", "LedgerKeepsTime", () => call("initializeV2", [], "")],
    ["money that goes to the council", "LedgerPays", () => call("initializeV2", [world.councilSafe], "address to")],
    ["money that the owner alone may take", "LedgerPaysOwner", () => "0x"],
    ["a name that the owner alone may write", "LedgerClaimedByOwner", () => "0x"],
    ["a value that is kept for ourselves", "LedgerPlants", () => call("initializeV2", [world.timelock], "address to")],
  ])("%s", async (_what, name, init) => {
    expect(await upgradeTo(name, init())).toEqual([]);
  });

  test("a helper that makes any call, and that was there before", async () => {
    const feed = await deploy("Feed", encodeAbiParameters([{ type: "uint256" }], [2000n]));
    const init = call("initialize", [world.timelock, feed]);
    const code = packageBytecode("@openzeppelin/contracts/build/contracts/ERC1967Proxy.json");
    const args = encodeAbiParameters([{ type: "address" }, { type: "bytes" }], [await deploy("LedgerExecutes"), init]);
    const open = await create(world, concat([code, args]));
    expect(await upgradeTo("LedgerExecutes", "0x", open)).toEqual([]);
  });

  test("a new source of the same price", async () => {
    const feed = await deploy("Feed", encodeAbiParameters([{ type: "uint256" }], [2001n]));
    expect(await upgradeTo("LedgerWithFeed", call("initializeV2", [feed], "address feed"))).toEqual([]);
  });
});

describe("refuses", () => {
  const toAttacker = () => call("initializeV2", [attacker], "address account");

  test.each<[string, string, () => Hex, string]>([
    ["a role that an initialiser grants", "LedgerGrantsRole", toAttacker, "simulation/role"],
    ["a role that is written without an event", "LedgerGrantsQuietly", toAttacker, "simulation/role"],
    ["ownership that is given away", "LedgerGivesOwnership", toAttacker, "simulation/authority"],
    ["a proxy that is made to follow a beacon", "LedgerFollowsBeacon", toAttacker, "simulation/slot"],
    ["an implementation left open to initialise", "LedgerLeftOpen", () => "0x", "simulation/open-initialiser"],
    ["a reinitialiser that anybody may run", "LedgerReinitialisable", () => "0x", "simulation/open-initialiser"],
    ["an upgrade function that nobody guards", "LedgerAuthorisesAll", () => "0x", "simulation/open-upgrade"],
    ["a helper that makes any call for anybody", "LedgerExecutes", () => "0x", "simulation/open-call"],
    ["a threshold that is read as zero", "LedgerForgetsThreshold", () => "0x", "simulation/zero"],
    ["a weight whose initialiser was skipped", "LedgerSkipsWeight", () => call("initializeV3", []), "simulation/zero"],
    ["code that looks at who builds the block", "LedgerSeesBuilder", toAttacker, "simulation/environment"],
    ["code that looks at the gas price", "LedgerSeesGasPrice", toAttacker, "simulation/environment"],
    ["an administrator who only has to wait", "LedgerWaits", toAttacker, "simulation/delayed"],
    ["ether that leaves with the upgrade", "LedgerPays", toAttacker, "simulation/money-leaves"],
    ["tokens that leave with it", "LedgerSendsCoins", toAttacker, "simulation/money-leaves"],
    ["an allowance that is given with it", "LedgerLends", toAttacker, "simulation/money-leaves"],
    ["a helper that pays whoever asks", "LedgerPaysAnybody", () => "0x", "simulation/open-money"],
    ["a helper that pays, and succeeds if it may not", "LedgerPaysQuietly", () => "0x", "simulation/open-money"],
    ["a helper that hands any token out", "LedgerSweeps", () => "0x", "simulation/open-money"],
    ["a name that whoever comes first may write", "LedgerClaimed", () => "0x", "simulation/open-power"],
  ])("%s", async (_what, name, init, code) => {
    const found = await upgradeTo(name, init());
    expect(codes(found.filter((one) => one.severity === "refuse"))).toContain(code);
  });

  const [less, more] = [false, true];
  test.each<[string, bigint, boolean, string]>([
    ["coinbase", 0n, more, "a block builder's address"],
    ["basefee", 10n ** 9n, more, "a base fee and a gas price"],
    ["prevrandao", 0n, more, "another random value"],
    ["number", 5_000n, more, "another block number"],
    ["gaslimit", 50_000_000n, less, "another gas limit of the block"],
    ["timestamp", 172_800n + 900n, more, "a later block time"],
    [
      "number with a builder who is paid",
      5_000n,
      more,
      "another builder, fees, random value, block number and gas limit at once",
    ],
  ])("code that looks at the block's %s, and says so", async (what, bound, above, said) => {
    const { number, timestamp } = await chains.get("eip155:31337").head();
    const now = what === "timestamp" ? timestamp : what.startsWith("number") ? number : 0n;
    const inputs = "address account, string what, uint256 bound, bool above";
    const found = await upgradeTo("LedgerSees", call("initializeV2", [attacker, what, now + bound, above], inputs));
    const told = found.filter((one) => one.code === "simulation/environment").map((one) => one.message);
    expect(told.join()).toContain(`does something else with ${said}`);
    // Apart from what is tried at once, it is that alone.
    expect(told.filter((one) => !/ with everything as on a live chain\b/.test(one))).toHaveLength(1);
  });

  test("a source whose price is in another unit", async () => {
    const feed = await deploy("Feed", encodeAbiParameters([{ type: "uint256" }], [1n]));
    const found = await upgradeTo("LedgerWithFeed", call("initializeV2", [feed], "address feed"));
    expect(codes(found)).toContain("simulation/value-moved");
    expect(found.map((one) => one.message).join()).toContain("from 2000 to 1");
  });

  test("code that a single schedule brings, as in a batch", async () => {
    expect(codes(await upgradeTo("LedgerPays", toAttacker(), proxy, false))).toEqual(["simulation/money-leaves"]);
    expect(await upgradeTo("LedgerV2", "0x", proxy, false)).toEqual([]);
  });

  test("a proxy that shows one code and runs another", async () => {
    const [shown, run] = [await deploy("Ledger"), await deploy("HandsOn")];
    const init = call("initialize", [world.timelock, shown]);
    const parameters = [{ type: "address" }, { type: "address" }, { type: "bytes" }];
    const planted = await deploy("ShownProxy", encodeAbiParameters(parameters, [shown, run, init]));
    const found = await upgradeTo("LedgerV2", "0x", planted);
    expect(codes(found)).toContain("simulation/other-code");
    expect(found.map((one) => one.message).join()).toContain(`hands every call to ${run} first`);
  });

  test("a schedule that nobody may execute", async () => {
    const snapshot = await world.node.request("evm_snapshot");
    try {
      const { executors } = await chains.get("eip155:31337").timelock(world.timelock);
      for (const one of executors) {
        const data = call("revokeRole", [timelockRoles.executor, one], "bytes32 role, address account");
        expect(await actAs(world, world.timelock, world.timelock, data)).toBe(true);
      }
      expect(codes(await upgradeTo("LedgerV2"))).toContain("simulation/no-executor");
    } finally {
      await world.node.request("evm_revert", snapshot);
    }
    expect(await upgradeTo("LedgerV2")).toEqual([]);
  });

  test("a call that reverts inside", async () => {
    expect(codes(await upgradeTo("LedgerV2", call("initializeV3", [])))).toEqual(["simulation/outcome"]);
  });
});

describe("flags", () => {
  test("a contract that the upgrade is not about, and that is written all the same", async () => {
    const tally = await deploy("Tally");
    const found = await upgradeTo("LedgerCountsElsewhere", call("initializeV2", [tally], "address tally"));
    expect(found.map((one) => `${one.severity} ${one.code}`)).toEqual(["flag simulation/unexplained"]);
    expect(found[0]?.message).toContain(`the contract ${tally} is changed`);
  });

  test.each<[string, string, () => Hex, string]>([
    [
      "a balance that is planted for a stranger",
      "LedgerPlants",
      () => call("initializeV2", [attacker], "address account"),
      "simulation/kept-for",
    ],
    ["old values that are read as others", "LedgerSwaps", () => "0x", "simulation/reads-otherwise"],
  ])("%s", async (_what, name, init, code) => {
    const found = await upgradeTo(name, init());
    expect(codes(found)).toEqual([code]);
    for (const one of found) expect(one.severity).toBe("flag");
  });
});
