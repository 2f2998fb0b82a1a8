import { type Address, parseAbi } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { emptyCodeHash, zeroHash } from "../../src/domain/primitives.ts";
import { upgradeCall } from "../../src/domain/proxy-calls.ts";
import { artefact, openzeppelin, person, startWorld, type World } from "./world.ts";

const owner = person("owner").address;
const feedAbi = parseAbi([
  "function initialize(address owner, address keeper, uint256 price)",
  "function owner() view returns (address)",
]);
const feed = artefact("src/embedded/artefacts/PriceFeed.json");
const feedV2 = artefact("src/embedded/artefacts/PriceFeedV2.json");
const vault = artefact("src/embedded/artefacts/Vault.json");
const vaultAbi = parseAbi(["function initialize(address asset, address owner, address pauser, uint256 cap)"]);
let world: World;
let adminProxy: Address;
let uupsProxy: Address;
let beaconProxy: Address;
let implementations: { feed: Address; vault: Address };

beforeAll(async () => {
  world = await startWorld();
  implementations = { feed: await world.deploy(feed), vault: await world.deploy(vault) };
  const initFeed = world.call(feedAbi, "initialize", [owner, owner, 1n]);
  const initVault = world.call(vaultAbi, "initialize", [implementations.feed, owner, owner, 1n]);
  adminProxy = await world.deploy(openzeppelin("TransparentUpgradeableProxy"), [implementations.feed, owner, initFeed]);
  uupsProxy = await world.deploy(openzeppelin("ERC1967Proxy"), [implementations.vault, initVault]);
  const beacon = await world.deploy(openzeppelin("UpgradeableBeacon"), [implementations.feed, owner]);
  beaconProxy = await world.deploy(openzeppelin("BeaconProxy"), [beacon, initFeed]);
});
afterAll(() => world.stop());

async function codeHashOf(address: Address) {
  const { keccak256 } = await import("viem");
  return keccak256((await world.client.getCode({ address })) ?? "0x");
}

test("a transparent proxy is upgraded through its ProxyAdmin's owner", async () => {
  const facts = await world.chain.proxy(adminProxy);
  const codeHash = await codeHashOf(implementations.feed);
  expect(facts).toMatchObject({
    kind: "transparent",
    implementation: implementations.feed,
    implementationCodeHash: codeHash,
    owner,
  });
  await expectUpgrade(adminProxy, await world.deploy(feedV2));
});

test("a UUPS proxy is upgraded through itself", async () => {
  const facts = await world.chain.proxy(uupsProxy);
  expect(facts).toMatchObject({ kind: "uups", implementation: implementations.vault, admin: uupsProxy, owner });
  await expectUpgrade(uupsProxy, await world.deploy(artefact("src/embedded/artefacts/VaultV2.json")));
});

test("a beacon proxy is upgraded through its beacon, without an initialiser", async () => {
  const facts = await world.chain.proxy(beaconProxy);
  expect(facts).toMatchObject({ kind: "beacon", implementation: implementations.feed, owner });
  expect(() => upgradeCall(facts, implementations.feed, "0x1234")).toThrow("cannot run an initialiser");
  await expectUpgrade(beaconProxy, await world.deploy(feedV2));
});

/** The encoded call, sent by the owner the facts name, changes the implementation to the one wanted. */
async function expectUpgrade(proxy: Address, implementation: Address): Promise<void> {
  const facts = await world.chain.proxy(proxy);
  const call = upgradeCall(facts, implementation);
  await world.send(facts.owner ?? proxy, call.to, call.data);
  const after = await world.chain.proxy(proxy);
  expect(after).toEqual({ ...facts, implementation, implementationCodeHash: await codeHashOf(implementation) });
  expect(await world.chain.codeHash(implementation)).toBe(after.implementationCodeHash);
}

test("what is no proxy, or one that nobody can upgrade, is refused in words", async () => {
  const stuck = await world.deploy(openzeppelin("ERC1967Proxy"), [
    implementations.feed,
    world.call(feedAbi, "initialize", [owner, owner, 1n]),
  ]);
  const cases: [Address, RegExp][] = [
    [owner, /is not a proxy: its ERC-1967 slots are empty\.$/],
    [implementations.feed, /is not a proxy: its ERC-1967 slots are empty\.$/],
    [stuck, /neither an admin nor a UUPS upgrade function: nobody can upgrade it\.$/],
  ];
  for (const [account, message] of cases)
    await expect(world.chain.proxy(account)).rejects.toMatchObject({
      kind: "not a proxy",
      message: expect.stringMatching(message),
    });
});

test("an account without code has EXTCODEHASH zero, or that of no bytes once it exists", async () => {
  expect(await world.chain.codeHash("0x00000000000000000000000000000000000000ff")).toBe(zeroHash);
  expect(await world.chain.codeHash(world.chain.gasAccount)).toBe(emptyCodeHash);
});

test("many reads at one block: a failing one is null, and an unknown block is a fault", async () => {
  const owned = world.call(feedAbi, "owner");
  const head = await world.chain.head();
  const calls = [
    { to: adminProxy, data: owned },
    { to: implementations.feed, data: "0xdeadbeef" as const },
    { to: beaconProxy, data: owned },
  ];
  const word = `0x${owner.slice(2).toLowerCase().padStart(64, "0")}`;
  expect(await world.chain.callMany(calls, { blockHash: head.hash })).toEqual([word, null, word]);
  await expect(world.chain.callMany(calls, { blockHash: `0x${"ab".repeat(32)}` })).rejects.toThrow(
    /does not have the block/,
  );
});
