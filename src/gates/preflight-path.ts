/** The admin path of a contract that gets new code: from what admits the upgrade to the timelock, and whoever else stands beside it. */

import { encodeFunctionData, keccak256, parseAbi, stringToBytes, toFunctionSelector } from "viem";
import { delegateOf } from "../domain/bytecode.ts";
import { type Address, address, type Hex, zeroHash } from "../domain/primitives.ts";
import { type Chain, ChainFault } from "../ports.ts";
import type { RoleHolder, TriedCall } from "../power-facts.ts";
import { stranger } from "./simulation/strangers.ts";
import type { Upgrade } from "./upgrades.ts";

/** What an account is, as far as power goes. */
export type Party = "one key" | "a delegated account" | "a Safe" | "a contract";

export interface AdminPath {
  name: string;
  /** Who alone should be able to upgrade. */
  timelock: Address;
  /** The ProxyAdmin, the proxy itself (UUPS), the beacon, or a plain admin in the proxy's own slot. */
  through: Address;
  /** `owner()` of it; the admin itself where the proxy's slot names no contract with an owner. */
  owner: { account: Address; is: Party } | undefined;
  /** Answers of getters that name who could take over next. */
  pending: { getter: string; account: Address }[];
  /** AccessManager that decides who may call. */
  manager: Address | undefined;
  /** The manager lets anybody call the upgrade. */
  managerIsOpen: boolean;
  /** Holders of roles that upgrade, or hand out such a role. */
  holders: (RoleHolder & { why: string })[];
  /** Whether anything at all says who may upgrade. */
  isExplained: boolean;
  /** Of the accounts tried, those whose upgrade to the present code would go through at this moment. */
  passing: Address[];
}

const abi = parseAbi([
  "function upgradeAndCall(address proxy, address implementation, bytes data) payable",
  "function upgrade(address proxy, address implementation)",
  "function upgradeToAndCall(address implementation, bytes data) payable",
  "function upgradeTo(address implementation)",
  "function hasRole(bytes32 role, address account) view returns (bool)",
  "function getRoleAdmin(bytes32 role) view returns (bytes32)",
  "function getTargetFunctionRole(address target, bytes4 selector) view returns (uint64)",
  "function execute(address target, bytes data) payable",
]);
const read = (name: string): Hex => toFunctionSelector(`function ${name}()`);

const pendingGetters = ["pendingOwner", "pendingAdmin", "pendingDefaultAdmin", "pendingGovernor"] as const;
/** AccessManager's ADMIN_ROLE is 0, as AccessControl's is; its PUBLIC_ROLE is everybody. */
const publicRole = (1n << 64n) - 1n;
/** Roles that are named for upgrading, or for giving that away. */
const upgradeRoles = new Map<Hex, string>([
  [zeroHash, "DEFAULT_ADMIN_ROLE"],
  ...["UPGRADER_ROLE", "UPGRADE_ROLE", "PROXY_ADMIN_ROLE", "ADMIN_ROLE", "OWNER_ROLE", "GOVERNOR_ROLE"].map(
    (name) => [keccak256(stringToBytes(name)), name] as const,
  ),
]);

/** `suspects`: accounts whose upgrade is tried besides those that the chain names. Throws where the chain cannot be read. */
export async function adminPath(
  upgrade: Upgrade,
  chain: Chain,
  timelock: Address,
  suspects: readonly Address[],
): Promise<AdminPath | { notAProxy: string }> {
  const entry = await entryOf(upgrade, chain);
  if ("notAProxy" in entry) return entry;
  const { through, tries } = entry;
  const names = ["owner", "authority", ...pendingGetters];
  const { hash } = await chain.head();
  const answers = await chain.callMany(
    [
      ...names.map((name) => ({ to: through, data: read(name) })),
      { to: through, data: encodeFunctionData({ abi, functionName: "hasRole", args: [zeroHash, timelock] }) },
    ],
    { blockHash: hash },
  );
  const named = (name: string) => accountIn(answers[names.indexOf(name)]);
  const isPlainAdmin = entry.isPlainAdmin === true;
  const owner = isPlainAdmin ? entry.admin : named("owner");
  const hasRoles = (answers.at(-1)?.length ?? 0) === 66;
  const candidates = [...present(owner), ...present(named("authority"))].filter((one) => one !== timelock);
  const manager = await managerOf(candidates, entry, chain, hash);
  const roles = await powerfulRoles(entry, { hasRoles, manager, timelock }, chain, hash);
  const toTry = [timelock, stranger, ...suspects, ...present(owner), ...roles.map((one) => one.account)];
  const [passing, is] = await Promise.all([
    whoPasses(toTry, manager === undefined ? tries : [...tries, ...throughManager(manager.address, tries)], chain),
    owner === undefined ? undefined : owner === timelock ? ("a contract" as const) : partyOf(owner, chain, hash),
  ]);
  return {
    ...{ name: upgrade.name, timelock, through, passing, holders: roles },
    owner: owner === undefined || is === undefined ? undefined : { account: owner, is },
    pending: pendingGetters.flatMap((getter) => {
      const account = named(getter);
      return account === undefined ? [] : [{ getter: `${getter}()`, account }];
    }),
    manager: manager?.address,
    managerIsOpen: manager?.role === publicRole,
    isExplained: owner !== undefined || hasRoles || manager !== undefined,
  };
}

interface Entry {
  proxy: Address;
  admin: Address;
  /** Which the upgrade call goes to. */
  through: Address;
  /** Ways to write an upgrade to the code that is there already. */
  tries: { to: Address; data: Hex }[];
  /** The proxy's admin slot names an account that calls the proxy itself. */
  isPlainAdmin?: boolean;
}

async function entryOf(upgrade: Upgrade, chain: Chain): Promise<Entry | { notAProxy: string }> {
  const facts = await chain.proxy(upgrade.proxy).catch((fault: unknown) => {
    if (fault instanceof ChainFault && fault.kind === "not a proxy") return fault.message;
    throw fault;
  });
  if (typeof facts === "string") return beaconAlone(upgrade, facts);
  const { proxy, admin, kind, implementation } = facts;
  const own = ownUpgrades(proxy, implementation);
  if (kind === "uups") return { proxy, admin, through: proxy, tries: own };
  if (kind === "beacon") return { proxy, admin, through: admin, tries: ownUpgrades(admin, implementation).slice(1) };
  const viaAdmin = [
    encodeFunctionData({ abi, functionName: "upgradeAndCall", args: [proxy, implementation, "0x"] }),
    encodeFunctionData({ abi, functionName: "upgrade", args: [proxy, implementation] }),
  ].map((data) => ({ to: admin, data }));
  return facts.owner === undefined
    ? { proxy, admin, through: admin, tries: own, isPlainAdmin: true }
    : { proxy, admin, through: admin, tries: viaAdmin };
}

/** A beacon by itself, whose proxies policy does not name. */
function beaconAlone({ proxy, from }: Upgrade, notAProxy: string): Entry | { notAProxy: string } {
  return from === undefined
    ? { notAProxy }
    : { proxy, admin: proxy, through: proxy, tries: ownUpgrades(proxy, from).slice(1) };
}

function ownUpgrades(to: Address, implementation: Address): { to: Address; data: Hex }[] {
  return [
    { to, data: encodeFunctionData({ abi, functionName: "upgradeToAndCall", args: [implementation, "0x"] }) },
    { to, data: encodeFunctionData({ abi, functionName: "upgradeTo", args: [implementation] }) },
  ];
}

function throughManager(manager: Address, tries: Entry["tries"]): Entry["tries"] {
  return tries.map(({ to, data }) => ({
    to: manager,
    data: encodeFunctionData({ abi, functionName: "execute", args: [to, data] }),
  }));
}

/** AccessManaged names it by `authority()`; a ProxyAdmin or beacon may have it for an owner. */
async function managerOf(
  accounts: readonly Address[],
  { tries }: Entry,
  chain: Chain,
  blockHash: Hex,
): Promise<{ address: Address; role: bigint } | undefined> {
  if (accounts.length === 0) return undefined;
  const questions = accounts.flatMap((to) =>
    tries.map((one) => ({
      to,
      data: encodeFunctionData({
        abi,
        functionName: "getTargetFunctionRole",
        args: [one.to, one.data.slice(0, 10) as Hex],
      }),
    })),
  );
  const answers = await chain.callMany(questions, { blockHash });
  const found = questions.flatMap(({ to }, index) => {
    const answer = answers[index];
    return answer?.length === 66 ? [{ address: to, role: BigInt(answer) }] : [];
  });
  return found.find((one) => one.role === publicRole) ?? found.find((one) => one.role !== 0n) ?? found[0];
}

/** Holders of what upgrades: the roles named for it, those that the timelock holds, and those that hand these out. */
async function powerfulRoles(
  { through, tries }: Entry,
  path: { hasRoles: boolean; manager: { address: Address; role: bigint } | undefined; timelock: Address },
  chain: Chain,
  blockHash: Hex,
): Promise<AdminPath["holders"]> {
  const { hasRoles, manager, timelock } = path;
  if (!hasRoles && manager === undefined) return [];
  const all = await chain.roleHolders([...(hasRoles ? [through] : []), ...present(manager?.address)]);
  const ofManager = all
    .filter((one) => one.contract === manager?.address)
    .filter(({ role }) => BigInt(role) === 0n || BigInt(role) === manager?.role)
    .map((one) => ({ ...one, why: BigInt(one.role) === 0n ? "ADMIN_ROLE" : `the role ${BigInt(one.role)}` }));
  const ofContract = all.filter((one) => one.contract !== manager?.address);
  const upgrading = [
    ...upgradeRoles.keys(),
    ...ofContract.filter((one) => one.account === timelock).map((one) => one.role),
  ].filter((role, index, every) => every.indexOf(role) === index);
  const admins = hasRoles
    ? await chain.callMany(
        upgrading.map((role) => ({
          to: through,
          data: encodeFunctionData({ abi, functionName: "getRoleAdmin", args: [role] }),
        })),
        { blockHash },
      )
    : [];
  const why = (role: Hex) =>
    upgradeRoles.get(role) ?? (admins.includes(role) ? "a role that hands out the right to upgrade" : undefined);
  const named = ofContract.flatMap((one) => {
    const reason = why(one.role);
    return reason === undefined ? [] : [{ ...one, why: reason }];
  });
  // A role of another name is judged by whether its holders get through.
  const passing = await whoPasses(
    ofContract.map((one) => one.account),
    tries,
    chain,
  );
  const others = ofContract
    .filter((one) => passing.includes(one.account) && !named.some((other) => other.account === one.account))
    .map((one) => ({ ...one, why: `the role ${one.role}` }));
  return [...ofManager, ...named, ...others].filter((one) => one.account !== timelock && one.account !== one.contract);
}

async function whoPasses(accounts: readonly Address[], tries: Entry["tries"], chain: Chain): Promise<Address[]> {
  const calls = [...new Set(accounts)].flatMap((from) => tries.map((one): TriedCall => ({ from, ...one })));
  const passed = await chain.wouldPass(calls);
  return [...new Set(calls.filter((_one, index) => passed[index]).map((one) => one.from))];
}

async function partyOf(account: Address, chain: Chain, blockHash: Hex): Promise<Party> {
  const [code = "0x"] = await chain.codes([account]);
  if (code === "0x") return "one key";
  if (delegateOf(code) !== undefined) return "a delegated account";
  const [version, threshold] = await chain.callMany(
    ["VERSION", "getThreshold"].map((name) => ({ to: account, data: read(name) })),
    { blockHash },
  );
  return version != null && threshold?.length === 66 ? "a Safe" : "a contract";
}

/** The first word, where it is an address that is not zero. */
function accountIn(answer: Hex | null | undefined): Address | undefined {
  const word = answer?.slice(0, 66) ?? "";
  return /^0x0{24}[0-9a-f]{40}$/.test(word) && BigInt(word) !== 0n ? address.parse(`0x${word.slice(26)}`) : undefined;
}

const present = <T>(one: T | undefined): T[] => (one === undefined ? [] : [one]);
