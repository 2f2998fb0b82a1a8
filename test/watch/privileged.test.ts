/** Power that moves outside of packages, on the embedded chain with real contracts and transactions. */

import { encodeFunctionData, type Hex, pad, parseAbi, zeroHash } from "viem";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { slots } from "../../src/domain/known-slots.ts";
import { cancellerRole } from "../../src/domain/timelock.ts";
import type { ExecutedTrace } from "../../src/domain/watch/execution-difference.ts";
import { topicOf } from "../../src/domain/watch/privileged-events.ts";
import { watchedAccounts } from "../../src/domain/watch/watched.ts";
import { keylessAccount } from "../../src/embedded/people.ts";
import { ChainFault } from "../../src/ports.ts";
import { compareExecution } from "../../src/watch/execution-difference.ts";
import { createPrivilegedWatch, type PrivilegedWatch, type SentOutOfBand } from "../../src/watch/privileged.ts";
import { actAs } from "../embedded/act.ts";
import { startCouncil, type TestCouncil, walk } from "../support/embedded.ts";

const abi = parseAbi([
  "function upgradeAndCall(address proxy, address implementation, bytes data) payable",
  "function upgradeToAndCall(address implementation, bytes data) payable",
  "function schedule(address target, uint256 value, bytes data, bytes32 predecessor, bytes32 salt, uint256 delay)",
  "function grantRole(bytes32 role, address account)",
  "function addOwnerWithThreshold(address owner, uint256 threshold)",
  "function transferOwnership(address newOwner)",
]);

let council: TestCouncil;
let watch: PrivilegedWatch;
let looked = 0n;
let ofCeremony: SentOutOfBand[];
const faults: string[] = [];

beforeAll(async () => {
  council = await startCouncil();
  watch = watchOf(council);
  looked = (await chain().newestBlock()).number;
  await walk(council, "canary");
  await council.as("caro", "contain", { ceremony: "UP-1", containment: "pause-pilot", reason: "A rehearsal of it." });
  await council.quorate.settle();
  ofCeremony = await found();
});
afterAll(() => council.stop());
beforeEach(async () => {
  await found();
});

const chain = () => council.chains.get("eip155:31337");

function watchOf({ policy, quorate }: TestCouncil, over: Partial<ReturnType<typeof chain>> = {}): PrivilegedWatch {
  return createPrivilegedWatch({
    chain: Object.assign(Object.create(chain()), over),
    policy,
    list: () => quorate.ledger.list(),
    onFault: (fault) => faults.push(fault.message),
  });
}

/** What all blocks since the last look show. */
async function found(): Promise<SentOutOfBand[]> {
  const newest = await chain().newestBlock();
  const all: SentOutOfBand[] = [];
  for (looked += 1n; looked <= newest.number; looked += 1n) {
    const [block] = await chain().blocks([looked]);
    if (block === undefined) throw new Error("a block is missing");
    const look = await watch.look(block);
    expect(look.unread).toBeUndefined();
    all.push(...look.found);
  }
  looked = newest.number;
  return all;
}

/** A block in which nothing happens: states set by the node's own commands show against it. */
async function quietBlock(): Promise<void> {
  await council.advance(60n, 1);
  expect(await found()).toEqual([]);
}

async function onlyOne(): Promise<SentOutOfBand> {
  const all = await found();
  expect(all).toHaveLength(1);
  const [one] = all;
  if (one === undefined) throw new Error("nothing was found");
  return one;
}

test("a ceremony from proposal to containment, and people's trades, are nothing", async () => {
  expect((await council.state()).executedLegs).toHaveLength(1);
  expect((await council.state()).containment?.confirmed).toBe(true);
  expect(ofCeremony).toEqual([]);
});

describe("an execution, by its own trace", () => {
  const compared = async (change: (one: ExecutedTrace) => Partial<ExecutedTrace> = () => ({}), told: object = {}) => {
    const state = await council.state();
    const [run] = (await council.history()).flatMap((one) => (one.type === "legExecuted" ? [one.data] : []));
    if (run === undefined) throw new Error("nothing was executed");
    const { policy, world } = council;
    const accounts = watchedAccounts(policy, "eip155:31337", [
      {
        proxy: world.pilotPool,
        kind: "beacon",
        admin: world.pilotBeacon,
        implementation: world.implementations.poolV2,
      },
    ]);
    const nameOf = (account: string) => accounts.find((one) => one.account === account)?.name ?? account;
    const traced = async (hash: Hex) => {
      const trace = await chain().traced(hash);
      return { ...trace, ...change(trace) } as typeof trace;
    };
    const parts = { chain: Object.assign(Object.create(chain()), { traced, ...told }), accounts, nameOf };
    return compareExecution(state, run, parts);
  };
  const differences = async (change: (one: ExecutedTrace) => Partial<ExecutedTrace>, told: object = {}) => {
    const comparison = await compared(change, told);
    return comparison.compared ? comparison.differences.join("\n") : comparison.reason;
  };

  test("is what was approved", async () => {
    expect(await compared()).toEqual({ compared: true, differences: [] });
  });

  test("that did more, less or something else differs", async () => {
    const { world } = council;
    const last = <T>(list: readonly T[]): T => {
      const found = list.at(-1);
      if (found === undefined) throw new Error("there is none");
      return found;
    };
    const call = {
      type: "CALL",
      from: world.timelock,
      to: world.vault,
      input: "0x8456cb59",
      value: 0n,
      failed: false,
    } as const;
    const granted = {
      address: world.timelock,
      topics: [topicOf("RoleGranted(bytes32,address,address)"), cancellerRole, pad(world.vault), pad(world.vault)],
      data: "0x",
    } as const;
    const write = (address: typeof world.vault, slot: Hex) => ({ address, slot, before: zeroHash, after: pad("0x77") });
    const cases: [(one: ExecutedTrace) => Partial<ExecutedTrace>, RegExp][] = [
      [
        ({ frames }) => ({ frames: [...frames, call] }),
        /^Call \d of the timelock went to Vault with the data 0x8456cb59; no such call was approved\.$/,
      ],
      [
        ({ frames }) => ({ frames: frames.filter((one) => one.to !== world.pilotBeacon) }),
        /^Call \d of the timelock was not made; approved was 0x3659cfe6… to the beacon of Pilot pool\.$/,
      ],
      [
        ({ frames }) => ({ frames: [...frames, { ...call, type: "DELEGATECALL" }] }),
        /^the timelock lent all its power to Vault by a DELEGATECALL\.$/,
      ],
      [() => ({ codeChanged: [world.vault] }), /^The code at Vault was made or destroyed\.$/],
      [
        ({ events }) => ({ events: [...events, granted] }),
        /^the timelock gave Vault the role CANCELLER_ROLE, by the word of Vault, which was not approved\.$/,
      ],
      [
        ({ storage }) => ({ storage: [...storage, write(world.vault, slots.implementation)] }),
        /^Vault: the implementation \(ERC-1967\) was changed from 0x0+ to 0x0+77, which was not approved\.$/,
      ],
      [({ storage }) => ({ storage: [...storage, write(world.asset, pad("0x05"))] }), /: slot 0x0+5 was changed/],
      [
        ({ storage }) => ({ storage: [...storage, write(world.timelock, pad("0x02"))] }),
        /^the timelock: slot 0x0+2 was changed/,
      ],
      [
        ({ storage }) => ({
          storage: [...storage, { ...last(storage), address: world.pilotBeacon, after: pad("0x77") }],
        }),
        /^the beacon of Pilot pool: slot 0x\w+ was changed from \S+ to 0x0+77, which was not approved\.$/,
      ],
    ];
    for (const [change, sentence] of cases) expect(await differences(change)).toMatch(sentence);
  });

  test("after which other code runs differs, whatever its trace shows", async () => {
    const ran = (told: object) => differences(() => ({}), told);
    const { poolV2 } = council.world.implementations;
    expect(await ran({ codeHashesAt: async () => [pad("0x77")] })).toBe(
      `Pilot pool runs ${poolV2} with the code hash ${pad("0x77")}, and approved was ${await chain().codeHash(poolV2)}.`,
    );
    expect(await ran({ callMany: async () => [pad(council.world.vault)] })).toBe(
      `Pilot pool runs Vault, and approved was ${poolV2}.`,
    );
    expect(await ran({ callMany: async () => ["0x"] })).toMatch(/^Pilot pool runs 0x0{40}, and approved was /);
  });

  test("is not taken for right where the node cannot tell", async () => {
    const reason = "The RPC refused debug_traceTransaction: there is no such method.";
    const refuse = () => {
      throw new ChainFault("rejected", reason);
    };
    expect(await compared(refuse)).toEqual({ compared: false, reason });
  });
});

test("a hotfix behind the council's back is told with who sent it and what it changed", async () => {
  const { world } = council;
  const { vaultV2Inflating } = world.implementations;
  const data = encodeFunctionData({ abi, functionName: "upgradeToAndCall", args: [vaultV2Inflating, "0x"] });
  expect(await actAs(world, world.timelock, world.vault, data)).toBe(true);
  const one = await onlyOne();
  expect(one.incident).toMatch(/^INC-[0-9a-f]{8}$/);
  expect(one.targets).toEqual(["harbour"]);
  expect(one.sentences).toEqual([
    `Vault (${world.vault}) was given new code: the implementation ${vaultV2Inflating} (unknown to policy).`,
  ]);
  expect(one.sender).toBe(`Sent by the timelock (${world.timelock}).`);
  expect(one.transaction).toMatch(/^0x[0-9a-f]{64}$/);
  // The new implementation is watched from now on.
  const code = await world.node.request("eth_getCode", vaultV2Inflating, "latest");
  for (const other of ["0x00", code]) {
    await quietBlock();
    await world.node.request("anvil_setCode", vaultV2Inflating, other);
    await council.advance(60n, 1);
    expect((await onlyOne()).sentences.join()).toMatch(/^The code of Vault .* has other code under the same address/);
  }
});

test("the very upgrade that a package wants, by another way, is out of band", async () => {
  const { world } = council;
  const { pilotBeacon, implementations } = world;
  const upgradeTo = encodeFunctionData({
    abi: parseAbi(["function upgradeTo(address)"]),
    args: [implementations.poolV2],
  });
  expect(await actAs(world, world.timelock, pilotBeacon, upgradeTo)).toBe(true);
  expect((await onlyOne()).sentences.join()).toContain(`was given new code: the implementation`);
});

test("a rival operation, a role, a new owner and a handed over admin are told", async () => {
  const { world } = council;
  const stranger = keylessAccount("a stranger");
  const acts: [Parameters<typeof actAs>[1], Parameters<typeof actAs>[2], Hex, RegExp][] = [
    [
      world.councilSafe,
      world.timelock,
      encodeFunctionData({
        abi,
        functionName: "schedule",
        args: [world.vault, 0n, "0x", zeroHash, zeroHash, 172_800n],
      }),
      /^The timelock \(0x\w+\) scheduled the operation 0x[0-9a-f]{64}, which calls Vault/,
    ],
    [
      world.timelock,
      world.timelock,
      encodeFunctionData({ abi, functionName: "grantRole", args: [cancellerRole, stranger] }),
      /^The timelock .* gave 0x\w+ \(unknown to policy\) the role CANCELLER_ROLE, by the word of the timelock/,
    ],
    [
      world.councilSafe,
      world.councilSafe,
      encodeFunctionData({ abi, functionName: "addOwnerWithThreshold", args: [stranger, 1n] }),
      /^The council Safe .* has 0x\w+ \(unknown to policy\) as an owner now\.,The council Safe .* needs 1 signatures now/,
    ],
    [
      world.timelock,
      world.proxyAdmin,
      encodeFunctionData({ abi, functionName: "transferOwnership", args: [stranger] }),
      /^The proxy admin of Price feed .* belongs to 0x/,
    ],
  ];
  for (const [from, to, data, sentence] of acts) {
    expect(await actAs(world, from, to, data)).toBe(true);
    expect((await onlyOne()).sentences.join()).toMatch(sentence);
  }
});

test("a slot that is written without an event is told: so a DELEGATECALL takes a contract over", async () => {
  const { world } = council;
  const trojan = pad("0x7777777777777777777777777777777777777777", { size: 32 });
  for (const [account, slot, sentence] of [
    [world.councilSafe, zeroHash, /the code that it runs changed from .* to 0x7777.*, and no event tells of it/],
    [world.guardianSafe, slots.safeGuard, /its guard changed from nothing to 0x7777/],
    [world.priceFeed, slots.admin, /Price feed .* its admin changed from the proxy admin of Price feed .* to 0x7777/],
  ] as const) {
    await quietBlock();
    await world.node.request("anvil_setStorageAt", account, slot, trojan);
    await council.advance(60n, 1);
    const one = await onlyOne();
    expect(one.sentences.join()).toMatch(sentence);
    expect(one.transaction).toBeUndefined();
    expect(one.sender).toBe("Who sent it is not known.");
  }
});

test("where the state of a block is gone its events are read all the same, and it is said", async () => {
  const gone = new ChainFault("rejected", "The RPC does not have the block that was asked for.");
  const poor = watchOf(council, { wordsAt: () => Promise.reject(gone) });
  const { world } = council;
  const data = encodeFunctionData({
    abi,
    functionName: "upgradeToAndCall",
    args: [world.implementations.vaultV1, "0x"],
  });
  expect(await actAs(world, world.timelock, world.vault, data)).toBe(true);
  const newest = await chain().newestBlock();
  const looks = [];
  for (let number = looked + 1n; number <= newest.number; number += 1n) {
    const [block] = await chain().blocks([number]);
    if (block !== undefined) looks.push(await poor.look(block));
  }
  expect(new Set(looks.map((one) => one.unread))).toEqual(new Set([gone.message]));
  expect(looks.flatMap((one) => one.found)).toHaveLength(1);
});

test("a node that fails is no block without events", async () => {
  const fault = new ChainFault("unreachable", "The RPC cannot be reached.");
  const newest = await chain().newestBlock();
  for (const broken of ["logsIn", "wordsAt"])
    await expect(watchOf(council, { [broken]: () => Promise.reject(fault) }).look(newest)).rejects.toThrow(fault);
});
