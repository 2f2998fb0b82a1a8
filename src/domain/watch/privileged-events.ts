/**
 * Events by which contracts tell that power or code moved. Sources: ERC-1967, OpenZeppelin Contracts 4 and 5
 * (Ownable2Step, AccessControl, AccessControlDefaultAdminRules, AccessManager, Initializable, TimelockController), Safe
 * 1.1.1 to 1.5.0.
 */

import { type AbiEvent, getAddress, parseAbi, slice, toEventSelector, toEventSignature } from "viem";
import { type Address, type Hex, zeroAddress, zeroHash } from "../primitives.ts";
import { roleName } from "../role-names.ts";

/** How an event is told. `arg` gives a value by its place; `name` an address in words. */
interface Words {
  arg(index: number): Hex;
  number(index: number): bigint;
  name(index: number): string;
  role(index: number): string;
}

/** Parameters in the order of the signature; which of them are indexed differs between versions, their order does not. */
const told: readonly (readonly [string, (words: Words) => string])[] = [
  ["event Upgraded(address implementation)", (w) => `was given new code: the implementation ${w.name(0)}`],
  ["event BeaconUpgraded(address beacon)", (w) => `was put behind the beacon ${w.name(0)}`],
  ["event AdminChanged(address was, address becomes)", (w) => `has the admin ${w.name(1)} now, before ${w.name(0)}`],
  [
    "event OwnershipTransferStarted(address was, address becomes)",
    (w) => `is being handed over: ${w.name(1)} may accept its ownership from ${w.name(0)}`,
  ],
  [
    "event OwnershipTransferred(address was, address becomes)",
    (w) => `belongs to ${w.name(1)} now, before to ${w.name(0)}`,
  ],
  [
    "event RoleGranted(bytes32 role, address account, address sender)",
    (w) => `gave ${w.name(1)} the role ${w.role(0)}, by the word of ${w.name(2)}`,
  ],
  [
    "event RoleRevoked(bytes32 role, address account, address sender)",
    (w) => `took the role ${w.role(0)} from ${w.name(1)}, by the word of ${w.name(2)}`,
  ],
  [
    "event RoleAdminChanged(bytes32 role, bytes32 was, bytes32 becomes)",
    (w) => `has the role ${w.role(0)} granted by the role ${w.role(2)} now, before by ${w.role(1)}`,
  ],
  [
    "event DefaultAdminTransferScheduled(address becomes, uint48 schedule)",
    (w) => `is getting a new default admin: ${w.name(0)} may accept from ${w.number(1)} on`,
  ],
  ["event AuthorityUpdated(address authority)", (w) => `asks ${w.name(0)} who may call it now`],
  [
    "event RoleGranted(uint64 role, address account, uint32 delay, uint48 since, bool member)",
    (w) => `gave ${w.name(1)} the role ${w.number(0)} from ${w.number(3)} on`,
  ],
  ["event RoleRevoked(uint64 role, address account)", (w) => `took the role ${w.number(0)} from ${w.name(1)}`],
  [
    "event TargetFunctionRoleUpdated(address target, bytes4 selector, uint64 role)",
    (w) => `lets the role ${w.number(2)} call ${slice(w.arg(1), 0, 4)} of ${w.name(0)}`,
  ],
  [
    "event TargetClosed(address target, bool closed)",
    (w) => `${w.number(1) === 0n ? "opened" : "closed"} ${w.name(0)}`,
  ],
  ["event Initialized(uint8 version)", (w) => `ran an initialiser: version ${w.number(0)}`],
  ["event Initialized(uint64 version)", (w) => `ran an initialiser: version ${w.number(0)}`],
  [
    "event CallScheduled(bytes32 id, uint256 index, address target, uint256 value, bytes data, bytes32 predecessor, uint256 delay)",
    (w) => `scheduled the operation ${w.arg(0)}, which calls ${w.name(2)}`,
  ],
  [
    "event CallExecuted(bytes32 id, uint256 index, address target, uint256 value, bytes data)",
    (w) => `executed a call of the operation ${w.arg(0)} to ${w.name(2)}`,
  ],
  ["event Cancelled(bytes32 id)", (w) => `had the operation ${w.arg(0)} cancelled`],
  [
    "event MinDelayChange(uint256 was, uint256 becomes)",
    (w) => `delays operations by ${w.number(1)} seconds now, before by ${w.number(0)}`,
  ],
  ["event ExecutionSuccess(bytes32 hash, uint256 payment)", (w) => `executed the Safe transaction ${w.arg(0)}`],
  [
    "event ExecutionFailure(bytes32 hash, uint256 payment)",
    (w) => `executed the Safe transaction ${w.arg(0)}, which failed inside`,
  ],
  [
    "event ExecutionFromModuleSuccess(address module)",
    (w) => `executed what its module ${w.name(0)} wanted, without signatures`,
  ],
  ["event AddedOwner(address owner)", (w) => `has ${w.name(0)} as an owner now`],
  ["event RemovedOwner(address owner)", (w) => `does not have ${w.name(0)} as an owner any more`],
  ["event ChangedThreshold(uint256 threshold)", (w) => `needs ${w.number(0)} signatures now`],
  ["event EnabledModule(address module)", (w) => `lets the module ${w.name(0)} act without signatures now`],
  ["event DisabledModule(address module)", (w) => `does not let the module ${w.name(0)} act any more`],
  ["event ChangedGuard(address guard)", (w) => `has the guard ${w.name(0)} now`],
  ["event ChangedModuleGuard(address guard)", (w) => `has the module guard ${w.name(0)} now`],
  ["event ChangedFallbackHandler(address handler)", (w) => `has the fallback handler ${w.name(0)} now`],
];

interface Known {
  abi: AbiEvent;
  signature: string;
  tell(words: Words): string;
}

const known = new Map<Hex, Known>(
  told.map(([text, tell]) => {
    const [abi] = parseAbi([text]) as readonly AbiEvent[];
    if (abi === undefined) throw new TypeError(`${text} is no event.`);
    return [toEventSelector(abi), { abi, signature: toEventSignature(abi), tell }] as const;
  }),
);

/** First topics of all of them: what is asked for. */
export const privilegedTopics: readonly Hex[] = [...known.keys()];

/** The first topic of an event by its signature, such as `Upgraded(address)`. Throws for one that is not known. */
export function topicOf(signature: string): Hex {
  const found = [...known].find(([, one]) => one.signature === signature);
  if (found === undefined) throw new RangeError(`${signature} is no privileged event.`);
  return found[0];
}

/** An event's values, one word each, however many of them are indexed; dynamic ones are their offsets. */
export function wordsOf({ topics, data }: { topics: readonly Hex[]; data: Hex }): Hex[] {
  const rest = Array.from({ length: Math.floor((data.length - 2) / 64) }, (_none, index) => index);
  return [...topics.slice(1), ...rest.map((index): Hex => `0x${data.slice(2 + index * 64, 66 + index * 64)}`)];
}

/** The address in a word. */
export function addressOf(word: Hex | undefined): Address {
  return word === undefined ? zeroAddress : getAddress(slice(word, 12));
}

/** `Upgraded(address)`; undefined for an event that is none of them. */
export function privilegedEvent(topics: readonly Hex[]): string | undefined {
  return known.get(topics[0] ?? "0x")?.signature;
}

/** What happened to the contract, as the rest of a sentence that begins with its name. */
export function privilegedClause(
  log: { topics: readonly Hex[]; data: Hex },
  nameOf: (account: Address) => string,
): string {
  const words = wordsOf(log);
  const found = known.get(log.topics[0] ?? "0x");
  const arg = (index: number) => words[index] ?? zeroHash;
  const role = (index: number) => roleName(arg(index));
  const name = (index: number) => nameOf(addressOf(words[index]));
  return (
    found?.tell({ arg, role, name, number: (index) => BigInt(arg(index)) }) ?? "told of an event that is not known"
  );
}
