/** Who can do what to which contract, as a run found it: what the picture of authority before and after is drawn from. */

import { keccak256, stringToBytes } from "viem";
import type { AuthorityReport, Power, StepReport, TimelockFacts } from "../../chain-facts.ts";
import { type Address, type Hex, zeroHash } from "../../domain/primitives.ts";
import type { Upgrade } from "../upgrades.ts";
import type { Look } from "./aftermath.ts";
import { addressesIn } from "./changed-answers.ts";
import { powerGetters, type Survey } from "./survey.ts";

/** What a getter's answer can do to the contract that gives it. */
const verbs: Readonly<Record<string, string>> = {
  ...{ owner: "own", getOwner: "own", admin: "administer", proxyAdmin: "administer", defaultAdmin: "administer" },
  ...{ governor: "govern", governance: "govern", gov: "govern", timelock: "govern", controller: "govern" },
  ...{ council: "govern", authority: "govern", manager: "operate", operator: "operate", keeper: "operate" },
  ...{ guardian: "pause", pauser: "pause", minter: "mint", masterMinter: "mint", upgrader: "upgrade" },
  ...{ pendingOwner: "take over", pendingAdmin: "take over", pendingDefaultAdmin: "take over" },
  pendingGovernor: "take over",
};

const role = (name: string) => keccak256(stringToBytes(name));
const roleVerbs: ReadonlyMap<string, string> = new Map([
  [zeroHash, "grant roles"],
  [role("TIMELOCK_ADMIN_ROLE"), "grant roles"],
  [role("ADMIN_ROLE"), "administer"],
  [role("OWNER_ROLE"), "own"],
  [role("GOVERNOR_ROLE"), "govern"],
  [role("PROPOSER_ROLE"), "schedule"],
  [role("EXECUTOR_ROLE"), "execute"],
  [role("CANCELLER_ROLE"), "cancel"],
  [role("PAUSER_ROLE"), "pause"],
  [role("GUARDIAN_ROLE"), "pause"],
  [role("UPGRADER_ROLE"), "upgrade"],
  [role("MINTER_ROLE"), "mint"],
  [role("BURNER_ROLE"), "burn"],
  [role("OPERATOR_ROLE"), "operate"],
  [role("MANAGER_ROLE"), "operate"],
  [role("KEEPER_ROLE"), "operate"],
]);

interface AuthorityRun {
  look: Look;
  after: Survey;
  timelock: TimelockFacts;
  steps: readonly StepReport[];
}

export function authorityOf({ look, after, timelock, steps }: AuthorityRun): AuthorityReport {
  const { upgrades, watched, seen } = look;
  const held = timelockPowers(timelock);
  const powers = (then: Survey, ofTimelock: readonly Power[]) =>
    distinct([
      ...ofTimelock,
      ...watched.flatMap(({ address }) => getterPowers(then, address, upgrades)),
      ...upgrades.flatMap((one) => upgradePowers(then, one)),
      ...[...then.roles].flatMap((key) => rolePower(key, timelock.address)),
    ]);
  const ways = upgrades.flatMap(({ proxy, through, to }) => [to, ...(through === proxy ? [] : [through])]);
  const named = watched.filter(({ address, name }) => name !== address && !ways.includes(address));
  return {
    names: named.map(({ address, name }) => ({ address, name })),
    before: powers(seen, held),
    after: powers(after, changedRoles(held, timelock.address, steps)),
  };
}

function timelockPowers({ address, proposers, executors, cancellers, admins, openExecutor }: TimelockFacts): Power[] {
  const all = (holders: readonly Address[], can: string) => holders.map((holder) => ({ holder, can, what: address }));
  return [
    ...all(proposers, "schedule"),
    ...all(openExecutor ? ["0x0000000000000000000000000000000000000000"] : [], "execute"),
    ...all(executors, "execute"),
    ...all(cancellers, "cancel"),
    ...all(admins, "grant roles"),
  ];
}

const granted: Hex = "0x2f8788117e7eff1d82e926ec794901d17c78024a50270940304540a733656f0d";
const revoked: Hex = "0xf6391f5c32d9c69d2a47ea670b442974b53935d1edc7fd64eb21e047a839171b";

/** `RoleGranted` and `RoleRevoked` of the timelock, over what was held before. */
function changedRoles(before: readonly Power[], timelock: Address, steps: readonly StepReport[]): Power[] {
  let held = [...before];
  for (const { address, topics } of steps.flatMap((one) => one.events)) {
    const [what, hash = "0x", account] = topics;
    const holder = addressIn(account);
    if (address !== timelock || holder === undefined || (what !== granted && what !== revoked)) continue;
    const power = { holder, can: roleVerbs.get(hash) ?? "hold a role", what: timelock };
    held = held.filter((one) => keyOf(one) !== keyOf(power));
    if (what === granted) held.push(power);
  }
  return held;
}

/** Of what is upgraded through another contract, only who owns that one counts: the way itself is no power. */
function getterPowers({ answers }: Survey, what: Address, upgrades: readonly Upgrade[]): Power[] {
  if (upgrades.some((one) => (one.through === what && one.proxy !== what) || one.to === what)) return [];
  return [...(answers.get(what) ?? [])].flatMap(([selector, answer]) => {
    const can = verbs[powerGetters.get(selector)?.replace("()", "") ?? ""];
    const holder = addressIn(answer);
    return can === undefined || holder === undefined || holder === what ? [] : [{ holder, can, what }];
  });
}

function upgradePowers({ answers }: Survey, { proxy, through }: Upgrade): Power[] {
  const holder = addressIn(answers.get(through)?.get(ownerSelector));
  return holder === undefined ? [] : [{ holder, can: "upgrade", what: proxy }];
}
/** `owner()` */
const ownerSelector: Hex = "0x8da5cb5b";

function rolePower(key: string, timelock: Address): Power[] {
  const [what, hash = "", holder] = key.split("/") as [Address, string, Address];
  return what === timelock ? [] : [{ holder, can: roleVerbs.get(hash) ?? "hold a role", what }];
}

const addressIn = (word: Hex | null | undefined): Address | undefined =>
  word === null || word === undefined ? undefined : addressesIn([word])[0];

const keyOf = ({ holder, can, what }: Power) => `${holder}/${can}/${what}`;

function distinct(all: readonly Power[]): Power[] {
  return [...new Map(all.map((one) => [keyOf(one), one])).values()];
}
