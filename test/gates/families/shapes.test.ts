/** The same harm in other shapes: deeper, packed by other contracts, under other functions; and the same carriers with nothing bad in them. */

import { type Abi, concat, encodeFunctionData, encodePacked, parseAbi, size } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { OpenChains } from "../../../src/chain/open.ts";
import { preconditionsCodeHash } from "../../../src/chain/preconditions/preconditions.ts";
import type { Policy } from "../../../src/domain/policy.ts";
import { type Address, type Hex, zeroAddress, zeroHash } from "../../../src/domain/primitives.ts";
import { callTx, recoverOwner } from "../../../src/domain/safe-signatures.ts";
import { safeTxHashes, safeTypedData } from "../../../src/domain/safe-tx.ts";
import { scheduleBatchData } from "../../../src/domain/timelock.ts";
import { embeddedPeople, keylessAccount } from "../../../src/embedded/people.ts";
import type { StartedWorld } from "../../../src/embedded/world.ts";
import { decodeGate } from "../../../src/gates/decode.ts";
import { envelopeGate } from "../../../src/gates/envelope.ts";
import { timelockGate } from "../../../src/gates/timelock.ts";
import { sampleBuilds } from "../../support/sample-policy.ts";
import { startGateWorld } from "../gate-world.ts";

const abi: Abi = parseAbi([
  "function pause()",
  "function updateDelay(uint256 delay)",
  "function transferOwnership(address owner)",
  "function beginDefaultAdminTransfer(address admin)",
  "function changeProxyAdmin(address proxy, address admin)",
  "function addOwnerWithThreshold(address owner, uint256 threshold)",
  "function enableModule(address module)",
  "function setGuard(address guard)",
  "function approveHash(bytes32 hash)",
  "function upgradeToAndCall(address implementation, bytes data)",
  "function upgradeAndCall(address proxy, address implementation, bytes data)",
  "function execute(address target, bytes data)",
  "function multicall(bytes[] data)",
  "function multiSend(bytes transactions)",
  "function aggregate3((address target, bool allowFailure, bytes callData)[] calls)",
  "function aggregate3Value((address target, bool allowFailure, uint256 value, bytes callData)[] calls)",
  "function tryAggregate(bool requireSuccess, (address target, bytes callData)[] calls)",
  "function schedule(address target, uint256 value, bytes data, bytes32 predecessor, bytes32 salt, uint256 delay)",
  "function execTransaction(address to, uint256 value, bytes data, uint8 operation, uint256 safeTxGas, uint256 baseGas, uint256 gasPrice, address gasToken, address refundReceiver, bytes signatures)",
  "function execTransactionFromModule(address to, uint256 value, bytes data, uint8 operation)",
]);
const call = (functionName: string, ...args: unknown[]) => encodeFunctionData({ abi, functionName, args });
const attacker = keylessAccount("an attacker");
const manager = keylessAccount("an access manager");
const multicall3 = "0xcA11bde05977b3631167028862bE2a173976CA11";
const twoDays = 172_800n;

let world: StartedWorld;
let chains: OpenChains;
let stop: () => Promise<void>;
let policy: Policy;
beforeAll(async () => {
  ({ world, policy, chains, stop } = await startGateWorld());
});
afterAll(async () => {
  await stop();
});

interface Inner {
  to: Address;
  data: Hex;
  value?: bigint;
}
const pause = (): Inner => ({ to: world.vault, data: call("pause") });
const upgrade = (value = 0n): Inner => ({
  to: world.vault,
  data: call("upgradeToAndCall", world.implementations.vaultV2, "0x"),
  value,
});

/** Each carries the calls it is given; all of them are honest by themselves. */
const carriers: Record<string, (...calls: Inner[]) => Inner> = {
  "the timelock's batch": (...calls) => ({
    to: world.timelock,
    data: scheduleBatchData(
      { calls: calls.map((one) => ({ value: 0n, ...one })), predecessor: zeroHash, salt: zeroHash },
      twoDays,
    ),
  }),
  "an AccessManager, one by one, in the timelock's batch": (...calls) =>
    carried("the timelock's batch", ...calls.map(({ to, data }) => ({ to: manager, data: call("execute", to, data) }))),
  "the guardian Safe's own transactions": (...calls) =>
    carried(
      "the timelock's batch",
      ...calls.map(({ to, data, value = 0n }) => ({ to: world.guardianSafe, data: executed(to, data, value) })),
    ),
  "a Multicall3": (...calls) => ({
    to: multicall3,
    data: call(
      "aggregate3Value",
      calls.map(({ to, data, value = 0n }) => ({ target: to, allowFailure: false, value, callData: data })),
    ),
  }),
  "a Multicall3 without values, in the timelock's batch": (...calls) =>
    carried("the timelock's batch", {
      to: multicall3,
      data: call(
        "aggregate3",
        calls.map(({ to, data }) => ({ target: to, allowFailure: false, callData: data })),
      ),
    }),
};
function carried(name: string, ...calls: Inner[]): Inner {
  const carrier = carriers[name];
  if (carrier === undefined) throw new Error(`There is no carrier ${name}.`);
  return carrier(...calls);
}
const executed = (to: Address, data: Hex, value = 0n, operation = 0) =>
  call("execTransaction", to, value, data, operation, 0n, 0n, 0n, zeroAddress, zeroAddress, "0x");

/** What the gates that read bytes say of a council that signs this one call. */
async function said({ to, data, value = 0n }: Inner, operation: 0 | 1 = 0): Promise<string[]> {
  const tx = callTx({
    chain: "eip155:31337",
    safe: world.councilSafe,
    safeVersion: "1.4.1",
    nonce: 0n,
    to,
    data,
    value,
  });
  const input = {
    ...{ subject: { kind: "transaction" as const, tx: { ...tx, operation } }, policy, chains, builds: sampleBuilds() },
    ...{ preconditionsCodeHash, progress: () => undefined },
  };
  const perGate = await Promise.all([envelopeGate, decodeGate, timelockGate].map((gate) => gate.run(input)));
  const found = perGate.flatMap((one) => one.findings).filter((one) => one.severity !== "info");
  for (const one of found) expect(one.message).toMatch(/^[A-Z].*\.$/s);
  return [...new Set(found.map((one) => `${one.severity} ${one.code}`))].sort();
}

const names = [
  "the timelock's batch",
  "an AccessManager, one by one, in the timelock's batch",
  "the guardian Safe's own transactions",
  "a Multicall3",
  "a Multicall3 without values, in the timelock's batch",
];

describe.each(names)("through %s", (name) => {
  test("honest calls pass", async () => {
    expect(await said(carried(name, pause(), upgrade()))).toEqual([]);
  });

  test.each<[string, () => Inner]>([
    [
      "ownership of the price feed's admin",
      () => ({ to: world.proxyAdmin, data: call("transferOwnership", attacker) }),
    ],
    ["a default admin to be", () => ({ to: world.vault, data: call("beginDefaultAdminTransfer", attacker) })],
    [
      "who upgrades a proxy",
      () => ({ to: world.proxyAdmin, data: call("changeProxyAdmin", world.priceFeed, attacker) }),
    ],
    [
      "an owner of the guardians' Safe",
      () => ({ to: world.guardianSafe, data: call("addOwnerWithThreshold", attacker, 2n) }),
    ],
    ["a guard", () => ({ to: world.guardianSafe, data: call("setGuard", attacker) })],
  ])("a change of %s beside the upgrade is refused", async (_what, passenger) => {
    expect(await said(carried(name, upgrade(), passenger()))).toContain("refuse decode/authority");
  });

  test("bytes behind a call, and a function that nobody knows, are refused", async () => {
    const { to, data } = pause();
    expect(await said(carried(name, { to, data: `${data}00` }))).toContain("refuse decode/not-canonical");
    expect(await said(carried(name, { to, data: "0xdeadbeef" }))).toContain("refuse decode/unknown-function");
  });

  test("a DELEGATECALL out of a Safe, signed or as a module, is refused", async () => {
    const { guardianSafe } = world;
    const signed = { to: guardianSafe, data: executed(attacker, call("pause"), 0n, 1) };
    const asModule = { to: guardianSafe, data: call("execTransactionFromModule", attacker, 0n, "0x", 1) };
    expect(await said(carried(name, pause(), signed))).toContain("refuse envelope/delegatecall");
    expect(await said(carried(name, pause(), asModule))).toContain("refuse envelope/delegatecall");
  });

  test("a schedule with a short delay inside, and a lower delay, are refused", async () => {
    const { timelock } = world;
    const quick = { to: timelock, data: call("schedule", world.vault, 0n, call("pause"), zeroHash, zeroHash, 60n) };
    expect(await said(carried(name, quick))).toContain("refuse timelock/delay");
    expect(await said(carried(name, { to: timelock, data: call("updateDelay", 60n) }))).toContain(
      "refuse timelock/shorter-delay",
    );
  });
});

describe("ether", () => {
  test.each(["the timelock's batch", "the guardian Safe's own transactions", "a Multicall3"])(
    "on an upgrade through %s is refused",
    async (name) => {
      expect(await said(carried(name, upgrade(10n ** 18n)))).toContain("refuse envelope/value");
    },
  );
});

describe("a batch", () => {
  test("by DELEGATECALL is refused, whatever it holds, and read all the same", async () => {
    expect(await said(carried("a Multicall3", pause()), 1)).toEqual(["refuse envelope/delegatecall"]);
    const own = carried("a Multicall3", pause(), { to: world.councilSafe, data: call("enableModule", attacker) });
    expect(await said(own, 1)).toContain("refuse envelope/self-call");
  });

  test("that goes on past a failure is flagged", async () => {
    const { to, data } = pause();
    const lenient = { to: multicall3, data: call("tryAggregate", false, [{ target: to, callData: data }]) } as const;
    expect(await said(lenient)).toEqual(["flag decode/may-fail"]);
    const strict = { to: multicall3, data: call("tryAggregate", true, [{ target: to, callData: data }]) } as const;
    expect(await said(strict)).toEqual([]);
    const one = [{ target: to, allowFailure: true, callData: data }];
    expect(await said({ to: multicall3, data: call("aggregate3", one) })).toEqual(["flag decode/may-fail"]);
  });

  test("of a contract's own multicall is read item by item", async () => {
    const items = (...data: Hex[]): Inner => ({ to: manager, data: call("multicall", data) });
    expect(await said(items(call("pause"), call("pause")))).toEqual([]);
    expect(await said(items(call("pause"), call("transferOwnership", attacker)))).toContain("refuse decode/authority");
    expect(await said(items(call("pause"), "0xdeadbeef"))).toContain("refuse decode/unknown-function");
  });

  test("of MultiSend with a byte too many is refused", async () => {
    const { to, data } = pause();
    const packed = encodePacked(
      ["uint8", "address", "uint256", "uint256", "bytes"],
      [0, to, 0n, BigInt(size(data)), data],
    );
    const multiSend = keylessAccount("MultiSend");
    expect(await said({ to: multiSend, data: call("multiSend", packed) })).toEqual([]);
    expect(await said({ to: multiSend, data: call("multiSend", concat([packed, "0x00"])) })).toContain(
      "refuse decode/not-canonical",
    );
  });
});

test("a hash that is approved blindly is flagged", async () => {
  expect(await said({ to: world.guardianSafe, data: call("approveHash", `0x${"77".repeat(32)}`) })).toEqual([
    "flag decode/approves-hash",
  ]);
});

test("a signature made for another chain, Safe or nonce belongs to nobody here", async () => {
  const ada = privateKeyToAccount(embeddedPeople.ada.privateKey);
  const here = callTx({ chain: "eip155:31337", safe: world.councilSafe, safeVersion: "1.4.1", nonce: 3n, ...pause() });
  const { safeTxHash } = safeTxHashes(here);
  expect(await recoverOwner(safeTxHash, await ada.signTypedData(safeTypedData(here)))).toEqual({
    ok: true,
    owner: ada.address,
  });
  const others = [
    { ...here, chain: "eip155:1" as const },
    { ...here, safe: world.guardianSafe },
    { ...here, nonce: 4n },
    { ...here, safeVersion: "1.2.0" },
  ];
  for (const other of others) {
    const signature = await ada.signTypedData(safeTypedData(other));
    expect(await recoverOwner(safeTxHash, signature)).not.toEqual({ ok: true, owner: ada.address });
  }
});
