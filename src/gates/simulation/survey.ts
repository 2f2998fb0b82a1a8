/** What contracts answer about themselves at one moment: every function without arguments, and who holds which role. */

import { encodeFunctionData, keccak256, parseAbi, stringToBytes, toFunctionSelector } from "viem";
import { dispatchSelectors } from "../../domain/dispatch-selectors.ts";
import { type Address, type Hex, zeroHash } from "../../domain/primitives.ts";
import type { Fork } from "../../fork.ts";

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

const hasRoleAbi = parseAbi(["function hasRole(bytes32 role, address account) view returns (bool)"]);
const hasRole = toFunctionSelector(hasRoleAbi[0]);
const yes = `0x${"1".padStart(64, "0")}`;

/** Functions of each contract, from the code it runs. Code is read once: an upgrade changes who runs it, not the code. */
export async function functionsIn(fork: Fork, watched: readonly Watched[]): Promise<Map<Address, Hex[]>> {
  const accounts = [...new Set(watched.flatMap((one) => one.code))];
  const code = await fork.code(accounts);
  const selectors = new Map(accounts.map((account, index) => [account, dispatchSelectors(code[index] ?? "0x")]));
  return new Map(
    watched.map((one) => [one.address, [...new Set(one.code.flatMap((account) => selectors.get(account) ?? []))]]),
  );
}

/** `suspects`: accounts that are asked after in every role; `moreRoles`: roles that the events of a run named. */
export async function survey(
  fork: Fork,
  watched: readonly Watched[],
  functions: ReadonlyMap<Address, readonly Hex[]>,
  suspects: readonly Address[],
  moreRoles: readonly Hex[] = [],
): Promise<Survey> {
  const questions = watched.flatMap(({ address }) =>
    [...new Set([...(functions.get(address) ?? []), ...powerGetters.keys()])].map((data) => ({ to: address, data })),
  );
  const roles = [...new Set([...knownRoles, ...moreRoles])];
  const withRoles = watched.filter(({ address }) => functions.get(address)?.includes(hasRole));
  const holders = withRoles.flatMap(({ address }) =>
    roles.flatMap((role) =>
      suspects.map((account) => ({
        key: `${address}/${role}/${account}`,
        to: address,
        data: encodeFunctionData({ abi: hasRoleAbi, args: [role, account] }),
      })),
    ),
  );
  const asked = await fork.read([...questions, ...holders.map(({ to, data }) => ({ to, data }))]);
  const answers: Answers = new Map(watched.map(({ address }) => [address, new Map()]));
  for (const [index, { to, data }] of questions.entries()) answers.get(to)?.set(data, asked[index] ?? null);
  const held = holders.filter((_one, index) => asked[questions.length + index] === yes);
  return { answers, roles: new Set(held.map((one) => one.key)) };
}

/** 32 bytes as a number; undefined for anything else. */
export function numberIn(answer: Hex | null | undefined): bigint | undefined {
  return answer !== null && answer !== undefined && answer.length === 66 ? BigInt(answer) : undefined;
}
