/** What contracts answer about themselves at one moment: every function without arguments, and who holds which role. */

import { concat, keccak256, pad, stringToBytes, toFunctionSelector } from "viem";
import { type Address, type Hex, zeroHash } from "../../domain/primitives.ts";
import type { Fork, PlainCall } from "../../fork.ts";

/** A contract that is looked at. */
export interface Watched {
  address: Address;
  name: string;
  /** Whose dispatchers say which functions there are: itself, and for a proxy its old and new code. */
  code: readonly Address[];
}

/** By contract, by selector: the answer, null where it reverts. */
export type Answers = Map<Address, Map<Hex, Hex | null>>;

export interface Survey {
  answers: Answers;
  /** `contract/role/account` of every role that is held, of those asked for. */
  roles: Set<string>;
}

/** Getters that name whoever holds power; asked for everywhere, whether a dispatcher shows them or not. */
export const powerGetters: ReadonlyMap<Hex, string> = new Map(
  [
    ...[
      "owner",
      "pendingOwner",
      "getOwner",
      "admin",
      "pendingAdmin",
      "proxyAdmin",
      "defaultAdmin",
      "pendingDefaultAdmin",
    ],
    ...[
      "governor",
      "pendingGovernor",
      "governance",
      "gov",
      "guardian",
      "pauser",
      "minter",
      "masterMinter",
      "manager",
      "operator",
    ],
    ...[
      "authority",
      "timelock",
      "controller",
      "upgrader",
      "council",
      "getOwners",
      "getThreshold",
      "getMinDelay",
      "keeper",
    ],
  ].map((name) => [toFunctionSelector(`function ${name}()`), `${name}()`] as const),
);

const roleNames = [
  ...[
    "PROPOSER_ROLE",
    "EXECUTOR_ROLE",
    "CANCELLER_ROLE",
    "TIMELOCK_ADMIN_ROLE",
    "ADMIN_ROLE",
    "OWNER_ROLE",
    "GOVERNOR_ROLE",
  ],
  ...[
    "MINTER_ROLE",
    "BURNER_ROLE",
    "PAUSER_ROLE",
    "UPGRADER_ROLE",
    "GUARDIAN_ROLE",
    "OPERATOR_ROLE",
    "MANAGER_ROLE",
    "KEEPER_ROLE",
  ],
];
const knownRoles: readonly Hex[] = [zeroHash, ...roleNames.map((name) => keccak256(stringToBytes(name)))];

const hasRole = toFunctionSelector("function hasRole(bytes32 role, address account)");
const yes = `0x${"1".padStart(64, "0")}`;

/** What contracts are asked at one moment, and how the answers are told apart. */
interface Questions {
  watched: readonly Watched[];
  /** The functions without arguments, then who holds which role. */
  calls: PlainCall[];
  getters: number;
  /** `contract/role/account`, by place behind the getters. */
  keys: string[];
}

/** `suspects`: accounts that are asked after in every role; `moreRoles`: roles that the events of a run named. */
export function questionsOf(
  watched: readonly Watched[],
  functions: ReadonlyMap<Address, readonly Hex[]>,
  suspects: readonly Address[],
  moreRoles: readonly Hex[] = [],
): Questions {
  const getters = watched.flatMap(({ address }) =>
    [...new Set([...(functions.get(address) ?? []), ...powerGetters.keys()])].map((data) => ({ to: address, data })),
  );
  const roles = [...new Set([...knownRoles, ...moreRoles])];
  const withRoles = watched.filter(({ address }) => functions.get(address)?.includes(hasRole));
  const holders = withRoles.flatMap(({ address }) =>
    roles.flatMap((role) =>
      suspects.map((account) => ({
        key: `${address}/${role}/${account}`,
        // hasRole(bytes32 role, address account)
        call: { to: address, data: concat([hasRole, role, pad(account.toLowerCase() as Hex)]) },
      })),
    ),
  );
  return {
    watched,
    calls: [...getters, ...holders.map((one) => one.call)],
    getters: getters.length,
    keys: holders.map((one) => one.key),
  };
}

/** `time`: the block time at which it is asked; the fork's own by default. */
export async function survey(fork: Fork, { watched, calls, getters, keys }: Questions, time?: bigint): Promise<Survey> {
  const asked = await fork.read(calls, time === undefined ? {} : { time });
  const answers: Answers = new Map(watched.map(({ address }) => [address, new Map()]));
  for (const [index, { to, data }] of calls.slice(0, getters).entries())
    answers.get(to)?.set(data, asked[index] ?? null);
  return { answers, roles: new Set(keys.filter((_key, index) => asked[getters + index] === yes)) };
}

/** 32 bytes as a number; undefined for anything else. */
export function numberIn(answer: Hex | null | undefined): bigint | undefined {
  return answer !== null && answer !== undefined && answer.length === 66 ? BigInt(answer) : undefined;
}
