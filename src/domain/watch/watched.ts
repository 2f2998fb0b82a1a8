/** Accounts over which power is watched, and what is read of them on every block. */

import { slots } from "../known-slots.ts";
import type { Policy } from "../policy.ts";
import { type Address, type ChainId, type Hex, zeroHash } from "../primitives.ts";

export type WatchedKind = "safe" | "timelock" | "proxy" | "proxy admin" | "beacon" | "implementation";

export interface WatchedAccount {
  account: Address;
  kind: WatchedKind;
  /** "the council Safe", "Vault". */
  name: string;
  /** Ids of the targets that it has power over. */
  targets: string[];
}

/** What a proxy says of itself: whom an upgrade goes to, and what it runs. */
export interface ProxyNow {
  proxy: Address;
  kind: "transparent" | "uups" | "beacon";
  admin: Address;
  implementation: Address;
}

/** The accounts on a chain, of every target whether it is being upgraded or not. `proxies`: as they are now. */
export function watchedAccounts(policy: Policy, chain: ChainId, proxies: readonly ProxyNow[]): WatchedAccount[] {
  const targets = policy.targets.filter((one) => one.chain === chain);
  const all = targets.map((one) => one.id);
  const found: WatchedAccount[] = policy.chains
    .filter((one) => one.id === chain)
    .flatMap((one): WatchedAccount[] => [
      { account: one.council, kind: "safe", name: "the council Safe", targets: all },
      { account: one.guardian, kind: "safe", name: "the guardian Safe", targets: all },
      { account: one.timelock, kind: "timelock", name: "the timelock", targets: all },
    ]);
  for (const target of targets)
    for (const { proxy, title } of target.contracts) {
      const own = { targets: [target.id] };
      found.push({ account: proxy, kind: "proxy", name: title, ...own });
      const now = proxies.find((one) => one.proxy === proxy);
      if (now === undefined) continue;
      if (now.kind !== "uups") {
        const kind = now.kind === "beacon" ? "beacon" : "proxy admin";
        found.push({ account: now.admin, kind, name: `the ${kind} of ${title}`, ...own });
      }
      found.push({ account: now.implementation, kind: "implementation", name: `the code of ${title}`, ...own });
    }
  return merged(found);
}

/** An account with two parts, such as the one ProxyAdmin of several proxies, is watched once for all of them. */
function merged(list: readonly WatchedAccount[]): WatchedAccount[] {
  const byAccount = new Map<Address, WatchedAccount>();
  for (const one of list) {
    const known = byAccount.get(one.account);
    const targets = [...new Set([...(known?.targets ?? []), ...one.targets])];
    byAccount.set(one.account, { ...(known ?? one), targets });
  }
  return [...byAccount.values()];
}

export interface WatchedSlot {
  account: Address;
  slot: Hex;
  /** "its implementation". */
  name: string;
  /** Events of which one comes with a change; none where it should never change. */
  events: readonly string[];
  /** Place of the new value among the event's; undefined where any such event explains it. */
  at?: number;
}

const ofProxy: readonly Omit<WatchedSlot, "account">[] = [
  { slot: slots.implementation, name: "its implementation", events: ["Upgraded(address)"], at: 0 },
  { slot: slots.admin, name: "its admin", events: ["AdminChanged(address,address)"], at: 1 },
  { slot: slots.beacon, name: "its beacon", events: ["BeaconUpgraded(address)"], at: 0 },
];
/** Slots 0, 3 and 4 are the singleton that it runs, the number of its owners and its threshold, in every version. */
const ofSafe: readonly Omit<WatchedSlot, "account">[] = [
  { slot: zeroHash, name: "the code that it runs", events: [] },
  { slot: numbered(3), name: "the number of its owners", events: ["AddedOwner(address)", "RemovedOwner(address)"] },
  { slot: numbered(4), name: "its threshold", events: ["ChangedThreshold(uint256)"], at: 0 },
  { slot: slots.safeGuard, name: "its guard", events: ["ChangedGuard(address)"], at: 0 },
  { slot: slots.safeHandler, name: "its fallback handler", events: ["ChangedFallbackHandler(address)"], at: 0 },
  { slot: slots.safeModuleGuard, name: "its module guard", events: ["ChangedModuleGuard(address)"], at: 0 },
];

function numbered(slot: number): Hex {
  return `0x${slot.toString(16).padStart(64, "0")}`;
}

/** A write to these without its event is how a DELEGATECALL takes a contract over. */
export function watchedSlots(accounts: readonly WatchedAccount[]): WatchedSlot[] {
  return accounts.flatMap(({ account, kind }) => {
    const own = kind === "safe" ? ofSafe : kind === "proxy" ? ofProxy : [];
    return own.map((one) => ({ account, ...one }));
  });
}
