/** Which privileged events calls bring about when they run: told from their bytes, not from what anybody says of them. */

import { allCalls, type DecodedCall, decodeCall, TooMuchToDecode } from "../decode-calls.ts";
import { type Address, type Hex, zeroAddress } from "../primitives.ts";
import type { TimelockCall } from "../timelock.ts";
import { topicOf, wordsOf } from "./privileged-events.ts";

/** An event that is to be expected. `args`: the values that it must have, by place; left out where any will do. */
export interface Implied {
  account: Address;
  topic: Hex;
  args: readonly (Hex | undefined)[];
}

const word = (value: unknown): Hex =>
  typeof value === "bigint" || typeof value === "number"
    ? `0x${BigInt(value).toString(16).padStart(64, "0")}`
    : `0x${String(value).slice(2).toLowerCase().padStart(64, "0")}`;

type Imply = (args: readonly unknown[], to: Address, call: DecodedCall) => Implied[];

/** An event of the contract that is called, with the arguments at these places of the call, or any. */
function own(event: string, ...places: (number | undefined)[]): Imply {
  return (args, to) => [
    {
      account: to,
      topic: topicOf(event),
      args: places.map((place) => (place === undefined ? undefined : word(args[place]))),
    },
  ];
}

const initialised = (account: Address): Implied[] =>
  ["Initialized(uint8)", "Initialized(uint64)"].map((event) => ({ account, topic: topicOf(event), args: [] }));

const upgraded = (account: Address, implementation: unknown, data: unknown): Implied[] => [
  { account, topic: topicOf("Upgraded(address)"), args: [word(implementation)] },
  ...(data === "0x" ? [] : initialised(account)),
];

const implied: Record<string, Imply> = {
  "upgrade(address,address)": ([proxy, code]) => upgraded(proxy as Address, code, "0x"),
  "upgradeAndCall(address,address,bytes)": ([proxy, code, data]) => upgraded(proxy as Address, code, data),
  "upgradeTo(address)": ([code], to) => upgraded(to, code, "0x"),
  "upgradeToAndCall(address,bytes)": ([code, data], to) => upgraded(to, code, data),
  "changeAdmin(address)": own("AdminChanged(address,address)", undefined, 0),
  "changeProxyAdmin(address,address)": ([proxy, admin]) => [
    { account: proxy as Address, topic: topicOf("AdminChanged(address,address)"), args: [undefined, word(admin)] },
  ],
  "transferOwnership(address)": (args, to, call) => [
    ...own("OwnershipTransferStarted(address,address)", undefined, 0)(args, to, call),
    ...own("OwnershipTransferred(address,address)", undefined, 0)(args, to, call),
  ],
  "acceptOwnership()": (args, to, call) => [
    {
      account: to,
      topic: topicOf("OwnershipTransferred(address,address)"),
      args: [undefined, word(call.from), ...args.map(() => undefined)],
    },
  ],
  "renounceOwnership()": (_args, to) => [
    { account: to, topic: topicOf("OwnershipTransferred(address,address)"), args: [undefined, word(zeroAddress)] },
  ],
  "grantRole(bytes32,address)": own("RoleGranted(bytes32,address,address)", 0, 1),
  "revokeRole(bytes32,address)": own("RoleRevoked(bytes32,address,address)", 0, 1),
  "renounceRole(bytes32,address)": own("RoleRevoked(bytes32,address,address)", 0, 1),
  "grantRole(uint64,address,uint32)": own("RoleGranted(uint64,address,uint32,uint48,bool)", 0, 1),
  "revokeRole(uint64,address)": own("RoleRevoked(uint64,address)", 0, 1),
  "renounceRole(uint64,address)": own("RoleRevoked(uint64,address)", 0, 1),
  "setTargetClosed(address,bool)": own("TargetClosed(address,bool)", 0),
  "updateDelay(uint256)": own("MinDelayChange(uint256,uint256)", undefined, 0),
  "addOwnerWithThreshold(address,uint256)": (args, to, call) => [
    ...own("AddedOwner(address)", 0)(args, to, call),
    ...own("ChangedThreshold(uint256)", 1)(args, to, call),
  ],
  "removeOwner(address,address,uint256)": (args, to, call) => [
    ...own("RemovedOwner(address)", 1)(args, to, call),
    ...own("ChangedThreshold(uint256)", 2)(args, to, call),
  ],
  "swapOwner(address,address,address)": (args, to, call) => [
    ...own("RemovedOwner(address)", 1)(args, to, call),
    ...own("AddedOwner(address)", 2)(args, to, call),
  ],
  "changeThreshold(uint256)": own("ChangedThreshold(uint256)", 0),
  "enableModule(address)": own("EnabledModule(address)", 0),
  "disableModule(address,address)": own("DisabledModule(address)", 1),
  "setGuard(address)": own("ChangedGuard(address)", 0),
  "setModuleGuard(address)": own("ChangedModuleGuard(address)", 0),
  "setFallbackHandler(address)": own("ChangedFallbackHandler(address)", 0),
};

/** Of every call, and of those that they carry. Calls that nobody can read imply nothing. */
export function impliedEvents(from: Address, calls: readonly TimelockCall[]): Implied[] {
  return calls.flatMap((call) => {
    try {
      return allCalls(decodeCall(from, { ...call, operation: 0 })).flatMap(
        (one) => implied[one.known?.signature ?? ""]?.(one.args, one.to, one) ?? [],
      );
    } catch (fault) {
      if (fault instanceof TooMuchToDecode) return [];
      throw fault;
    }
  });
}

/** Whether an event is one that was expected. */
export function isImplied(
  log: { address: Address; topics: readonly Hex[]; data: Hex },
  expected: readonly Implied[],
): boolean {
  const words = wordsOf(log);
  return expected.some(
    ({ account, topic, args }) =>
      account === log.address &&
      topic === log.topics[0] &&
      args.every((arg, index) => arg === undefined || arg === words[index]),
  );
}
