import { concat, encodeFunctionData, getAddress, type Hex, keccak256, parseAbi, zeroAddress } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startAnvil } from "../../src/chain/anvil.ts";
import { preconditionsCodeHash } from "../../src/chain/preconditions/preconditions.ts";
import { type SafeTx, safeTypedData } from "../../src/domain/safe-tx.ts";
import {
  councilNames,
  embeddedGasAccount,
  embeddedPeople,
  guardianNames,
  type PersonName,
  personNames,
} from "../../src/embedded/people.ts";
import { timelockRoles } from "../../src/embedded/timelock.ts";
import { advanceTime, tradeOnce } from "../../src/embedded/trade.ts";
import { keeper } from "../../src/embedded/traders.ts";
import { deployWorld, type StartedWorld, startWorld, worldAddresses } from "../../src/embedded/world.ts";
import { actAs, wouldSucceed } from "./act.ts";
import { read } from "./measure.ts";
import { upgradePool, upgradePriceFeed, upgradeVault } from "./upgrades.ts";

let world: StartedWorld;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.stop());

const abi = parseAbi([
  "function VERSION() view returns (string)",
  "function getOwners() view returns (address[])",
  "function getThreshold() view returns (uint256)",
  "function hasRole(bytes32 role, address account) view returns (bool)",
  "function getMinDelay() view returns (uint256)",
  "function pause()",
  "function unpause()",
  "function pauser() view returns (address)",
  "function schedule(address target, uint256 value, bytes data, bytes32 predecessor, bytes32 salt, uint256 delay)",
  "function execute(address target, uint256 value, bytes data, bytes32 predecessor, bytes32 salt)",
  "function execTransaction(address to, uint256 value, bytes data, uint8 operation, uint256 safeTxGas, uint256 baseGas, uint256 gasPrice, address gasToken, address refundReceiver, bytes signatures)",
]);

const of = (names: readonly PersonName[]) => names.map((name) => embeddedPeople[name].address);

async function ask(to: Hex, functionName: string, args: readonly unknown[] = []): Promise<Hex> {
  const data = encodeFunctionData({ abi, functionName, args } as never);
  return (await world.node.request("eth_call", { to, data }, "latest")) as Hex;
}

async function holds(role: Hex, account: Hex): Promise<boolean> {
  return BigInt(await ask(world.timelock, "hasRole", [role, account])) === 1n;
}

describe("addresses", () => {
  test("are those that policies name; write them anew with `vitest run test/embedded/world.test.ts -u`", async () => {
    const { url, wsUrl, node, time, inTurn, stop, [Symbol.asyncDispose]: dispose, ...addresses } = world;
    const people = Object.fromEntries(personNames.map((name) => [name, embeddedPeople[name].address]));
    const all = { ...addresses, people, gasAccount: embeddedGasAccount.address };
    await expect(`${JSON.stringify(all, null, 2)}\n`).toMatchFileSnapshot("../../src/embedded/addresses.json");
  });

  test("are known without a chain, and hold code on it", async () => {
    const { implementations, safeContracts, chainId, safeVersion, ...rest } = worldAddresses(31337);
    const all = [...Object.values(rest), ...Object.values(implementations), ...Object.values(safeContracts)];
    for (const address of all)
      expect(await world.node.request("eth_getCode", address, "latest"), address).not.toBe("0x");
  });

  test.each([
    [
      "1.4.1",
      "0x41675C099F32341bf84BFc5382aF534df5C7461a",
      "0x29fcB43b46531BcA003ddC8FCB67FFE91900C762",
      "0x4e1DCf7AD4e460CfD30791CCC4F9c8a4f820ec67",
      "0xfd0732Dc9E303f09fCEf3a7388Ad10A83459Ec99",
      "0x38869bf66a61cF6bDB996A6aE40D5853Fd43B526",
      "0x9641d764fc13c8B624c04430C7356C1C7C8102e2",
    ],
    [
      "1.5.0",
      "0xFf51A5898e281Db6DfC7855790607438dF2ca44b",
      "0xEdd160fEBBD92E350D4D398fb636302fccd67C7e",
      "0x14F2982D601c9458F93bd70B218933A6f8165e7b",
      "0x3EfCBb83A4A7AfcB4F68D501E2c2203a38be77f4",
      "0x218543288004CD07832472D464648173c77D7eB7",
      "0xA83c336B20401Af773B6219BA5027174338D1836",
    ],
  ] as const)(
    "Safe %s lies where Safe's own registry of deployments says",
    (version, safe, l2, factory, handler, multi, only) => {
      const { safeContracts } = worldAddresses(31337, { safeVersion: version });
      expect(safeContracts).toMatchObject({ Safe: safe, SafeL2: l2, SafeProxyFactory: factory });
      expect(safeContracts).toMatchObject({
        CompatibilityFallbackHandler: handler,
        MultiSend: multi,
        MultiSendCallOnly: only,
      });
    },
  );

  test("are others when somebody else deploys, with another Safe version, on an anvil of their own", async () => {
    await using anvil = await startAnvil({ chainId: 31338, automine: false });
    const other = await deployWorld(anvil.url, { safeVersion: "1.5.0", deployer: "somebody else", minDelay: 60n });
    expect(other.vault).not.toBe(world.vault);
    expect(other.councilSafe).not.toBe(world.councilSafe);
    const data = encodeFunctionData({ abi, functionName: "VERSION" });
    const version = await other.node.request("eth_call", { to: other.councilSafe, data }, "latest");
    expect(Buffer.from(String(version).slice(2), "hex").toString()).toContain("1.5.0");
    await tradeOnce(other);
    expect(await read(other, "poolSolvency", other.pilotPool)).toBe(10_000n);
  });
});

describe("a production chain is out of reach", () => {
  test("no public chain id: no node even starts, and one that runs is refused", async () => {
    vi.stubEnv("TMPDIR", "/nowhere");
    await expect(startWorld()).rejects.toThrow(/anvil did not start/);
    await expect(startWorld({ chainId: 1 })).rejects.toThrow(
      /may not have the id 1: a signature made there would hold/,
    );
    vi.unstubAllEnvs();
    await using anvil = await startAnvil({ chainId: 8453, automine: false });
    await expect(deployWorld(anvil.url)).rejects.toThrow(/may not have the id 8453/);
  });

  test("no fork", async () => {
    await expect(startWorld({ forkUrl: world.url } as object)).rejects.toThrow(/never lives on a fork/);
    await using fork = await startAnvil({ forkUrl: world.url, chainId: 31338, automine: false });
    await expect(deployWorld(fork.url)).rejects.toThrow(/never lives on a fork/);
  });
});

describe("roles", () => {
  test("council Safe 3 of 5, guardian Safe 2 of 4", async () => {
    for (const [safe, names, threshold] of [
      [world.councilSafe, councilNames, 3n],
      [world.guardianSafe, guardianNames, 2n],
    ] as const) {
      const owners = (await ask(safe, "getOwners")).slice(2 + 128).match(/.{64}/g);
      expect(owners?.map((word) => getAddress(`0x${word.slice(24)}`))).toEqual(of(names));
      expect(BigInt(await ask(safe, "getThreshold"))).toBe(threshold);
    }
  });

  test("council proposes, guardians alone cancel, Eve and Gus execute, nobody administers", async () => {
    expect(BigInt(await ask(world.timelock, "getMinDelay"))).toBe(172_800n);
    const everyone = {
      council: world.councilSafe,
      guardians: world.guardianSafe,
      anyone: zeroAddress,
      gas: embeddedGasAccount.address,
      ...Object.fromEntries(personNames.map((name) => [name, embeddedPeople[name].address])),
    };
    const holders = async (role: Hex) => {
      const found: string[] = [];
      for (const [name, account] of Object.entries(everyone)) if (await holds(role, account)) found.push(name);
      return found;
    };
    expect(await holders(timelockRoles.proposer)).toEqual(["council"]);
    expect(await holders(timelockRoles.canceller)).toEqual(["guardians"]);
    expect(await holders(timelockRoles.executor)).toEqual(["eve", "gus"]);
    expect(await holders(timelockRoles.admin)).toEqual([]);
    // Role changes since the deployment, by the events of AccessControl: the deployer kept nothing.
    const topics = [keccak256(Buffer.from("RoleGranted(bytes32,address,address)")), timelockRoles.admin];
    const granted = (await world.node.request("eth_getLogs", {
      address: world.timelock,
      topics,
      fromBlock: "0x0",
    })) as { topics: Hex[] }[];
    for (const {
      topics: [, , account = "0x"],
    } of granted) {
      const address = getAddress(`0x${account.slice(26)}`);
      expect(await holds(timelockRoles.admin, address), address).toBe(address === world.timelock);
    }
  });

  test("Preconditions is deployed with its code", async () => {
    const code = (await world.node.request("eth_getCode", world.preconditions, "latest")) as Hex;
    expect(keccak256(code)).toBe(preconditionsCodeHash);
  });

  test("nobody but the timelock upgrades anything", async () => {
    const { vaultV2, priceFeedV2, poolV2 } = world.implementations;
    const upgrades = [
      upgradeVault(world, vaultV2),
      upgradeVault(world, vaultV2, 10),
      upgradePriceFeed(world, priceFeedV2),
      upgradePool(world.pilotBeacon, poolV2),
      upgradePool(world.mainBeacon, poolV2),
    ];
    const strangers = [
      world.councilSafe,
      world.guardianSafe,
      keeper,
      embeddedGasAccount.address,
      world.proxyAdmin,
      ...of(personNames),
    ];
    for (const { to, data } of upgrades) {
      expect(await wouldSucceed(world, world.timelock, to, data), to).toBe(true);
      for (const from of strangers) expect(await wouldSucceed(world, from, to, data), `${from} at ${to}`).toBe(false);
    }
  });

  test("guardians pause, and only the timelock starts again", async () => {
    const pause = encodeFunctionData({ abi, functionName: "pause" });
    const unpause = encodeFunctionData({ abi, functionName: "unpause" });
    for (const target of [world.vault, world.pilotPool, world.mainPool]) {
      for (const stranger of [world.timelock, world.councilSafe, ...of(personNames)])
        expect(await wouldSucceed(world, stranger, target, pause)).toBe(false);
      expect(await actAs(world, world.guardianSafe, target, pause)).toBe(true);
      expect(await read(world, "paused", target)).toBe(true);
      expect(await wouldSucceed(world, world.guardianSafe, target, unpause)).toBe(false);
      expect(await actAs(world, world.timelock, target, unpause)).toBe(true);
      expect(await read(world, "paused", target)).toBe(false);
    }
  });
});

test("the whole road: three signatures schedule, 48 hours pass, Eve executes", async () => {
  const { to, data } = upgradePool(world.pilotBeacon, world.implementations.poolV2);
  const zero: Hex = `0x${"0".repeat(64)}`;
  const args = [to, 0n, data, zero, zero] as const;
  const scheduled = encodeFunctionData({ abi, functionName: "schedule", args: [...args, 172_800n] });
  const tx: SafeTx = {
    chain: "eip155:31337",
    safe: world.councilSafe,
    safeVersion: "1.4.1",
    to: world.timelock,
    value: 0n,
    data: scheduled,
    operation: 0,
    safeTxGas: 0n,
    baseGas: 0n,
    gasPrice: 0n,
    gasToken: zeroAddress,
    refundReceiver: zeroAddress,
    nonce: 0n,
  };
  const signers = [embeddedPeople.ben, embeddedPeople.caro, embeddedPeople.dev].toSorted((a, b) =>
    a.address.toLowerCase() < b.address.toLowerCase() ? -1 : 1,
  );
  const signatures = concat(
    await Promise.all(
      signers.map(({ privateKey }) => privateKeyToAccount(privateKey).signTypedData(safeTypedData(tx))),
    ),
  );
  const exec = (packed: Hex) =>
    encodeFunctionData({
      abi,
      functionName: "execTransaction",
      args: [tx.to, 0n, tx.data, 0, 0n, 0n, 0n, zeroAddress, zeroAddress, packed],
    });
  const relayer = embeddedGasAccount.address;
  expect(await wouldSucceed(world, relayer, world.councilSafe, exec(signatures.slice(0, -130) as Hex))).toBe(false);
  expect(await actAs(world, relayer, world.councilSafe, exec(signatures))).toBe(true);

  const execute = encodeFunctionData({ abi, functionName: "execute", args });
  const eve = embeddedPeople.eve.address;
  await advanceTime(world, 172_790n, 4);
  expect(await wouldSucceed(world, eve, world.timelock, execute)).toBe(false);
  await advanceTime(world, 20n, 1);
  expect(await wouldSucceed(world, embeddedPeople.ada.address, world.timelock, execute)).toBe(false);
  expect(await actAs(world, eve, world.timelock, execute)).toBe(true);
  expect(await read(world, "version", world.pilotPool)).toBe("2.0.0");
  expect(await read(world, "version", world.mainPool)).toBe("1.0.0");
});
