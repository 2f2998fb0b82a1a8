/** Revert data as a sentence: the errors of Safe, OpenZeppelin and Preconditions by their names, the rest by selector. */

import { decodeErrorResult, type Hex, parseAbi, size, slice } from "viem";
import { preconditionErrors } from "./preconditions.ts";
import { roleName } from "./role-names.ts";

const standardErrors = parseAbi([
  // TimelockController 5
  "error TimelockInvalidOperationLength(uint256 targets, uint256 payloads, uint256 values)",
  "error TimelockInsufficientDelay(uint256 delay, uint256 minDelay)",
  "error TimelockUnexpectedOperationState(bytes32 operationId, bytes32 expectedStates)",
  "error TimelockUnexecutedPredecessor(bytes32 predecessorId)",
  "error TimelockUnauthorizedCaller(address caller)",
  // access
  "error AccessControlUnauthorizedAccount(address account, bytes32 neededRole)",
  "error AccessControlBadConfirmation()",
  "error OwnableUnauthorizedAccount(address account)",
  "error OwnableInvalidOwner(address owner)",
  // proxies
  "error ERC1967InvalidImplementation(address implementation)",
  "error ERC1967InvalidAdmin(address admin)",
  "error ERC1967InvalidBeacon(address beacon)",
  "error ERC1967NonPayable()",
  "error BeaconInvalidImplementation(address implementation)",
  "error ProxyDeniedAdminAccess()",
  "error UUPSUnauthorizedCallContext()",
  "error UUPSUnsupportedProxiableUUID(bytes32 slot)",
  // common
  "error InvalidInitialization()",
  "error NotInitializing()",
  "error EnforcedPause()",
  "error ExpectedPause()",
  "error ReentrancyGuardReentrantCall()",
  "error AddressEmptyCode(address target)",
  "error FailedCall()",
  "error FailedInnerCall()",
  "error InsufficientBalance(uint256 balance, uint256 needed)",
  "error SafeCastOverflowedUintDowncast(uint8 bits, uint256 value)",
  "error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)",
  "error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed)",
]);

const errors = [...standardErrors, ...preconditionErrors];

/** https://github.com/safe-global/safe-smart-account/blob/main/docs/error_codes.md */
const safeCodes: Record<string, string> = {
  GS000: "the Safe could not finish its set-up",
  GS010: "there is not enough gas for the Safe transaction",
  GS011: "the Safe could not pay gas costs with ether",
  GS012: "the Safe could not pay gas costs with a token",
  GS013: "the call inside the Safe transaction failed",
  GS020: "signatures are missing, or are too short",
  GS021: "a contract signature points into the static part",
  GS022: "a contract signature lies outside the data",
  GS023: "a contract signature is not complete",
  GS024: "a contract signature is not valid",
  GS025: "the hash is not approved by that owner",
  GS026: "a signature is not by an owner of the Safe, is doubled, or is out of order",
  GS030: "only owners can approve a hash",
  GS031: "the method can only be called from the Safe itself",
  GS101: "the module that must be disabled is not the one named before it",
  GS102: "an invalid module was given",
  GS103: "the module is not enabled",
  GS104: "only an enabled module may do this",
};

const panics: Record<string, string> = {
  "1": "an assertion failed",
  "17": "an arithmetic operation overflowed",
  "18": "a division by zero",
  "33": "a value does not fit its enum",
  "34": "storage bytes are badly encoded",
  "49": "pop on an empty array",
  "50": "an array index is out of bounds",
  "65": "too much memory was allocated",
  "81": "a function pointer is not set",
};

/** TimelockController's OperationState, as bits of `expectedStates`. */
const states = ["Unset", "Waiting", "Ready", "Done"];

/** What revert data says, without a full stop; its words are inert, whatever the contract wrote. */
export function revertReason(data: Hex): string {
  if (size(data) === 0) return "it gave no reason";
  if (size(data) < 4) return `it gave ${data}`;
  try {
    const { errorName, args } = decodeErrorResult({ abi: errors, data });
    return sentence(errorName, (args ?? []) as readonly unknown[]);
  } catch {
    return `it gave the error ${slice(data, 0, 4)}, which is not known here`;
  }
}

function sentence(name: string, args: readonly unknown[]): string {
  const [a, b, c] = args.map(String);
  switch (name) {
    case "Error": {
      const text = inert(a ?? "");
      return safeCodes[text] === undefined ? `"${text}"` : `${safeCodes[text]} (${text})`;
    }
    case "Panic":
      return `${panics[a ?? ""] ?? "a check of the compiler failed"} (Panic ${a})`;
    case "TimelockUnexpectedOperationState":
      return `operation ${a} is not ${stateNames(b)}`;
    case "TimelockUnexecutedPredecessor":
      return `its predecessor ${a} is not Done`;
    case "TimelockInsufficientDelay":
      return `the delay of ${a} s is below the timelock's minDelay of ${b} s`;
    case "AccessControlUnauthorizedAccount":
      return `${a} does not hold ${roleName(b as Hex).replace(/^0x/, "role 0x")}`;
    case "OwnableUnauthorizedAccount":
      return `${a} is not the owner`;
    case "ERC1967InvalidImplementation":
    case "BeaconInvalidImplementation":
      return `${a} is no valid implementation`;
    case "AddressEmptyCode":
      return `${a} has no code`;
    case "InvalidInitialization":
      return "it is initialised already";
    case "EnforcedPause":
      return "it is paused";
    case "ExpectedPause":
      return "it is not paused";
    case "TooEarly":
      return `it is too early: not before ${a}, and it is ${b}`;
    case "TooLate":
      return `it is too late: not after ${a}, and it is ${b}`;
    case "WrongChain":
      return `the precondition asks for chain ${a}, and this is ${b}`;
    case "WrongCode":
      return `the precondition asks for other code at ${a}: its code hash is ${c}, not ${b}`;
    case "NoAnswer":
      return `the precondition asked ${a}, which gives no answer`;
    case "WrongAnswer":
      return `the precondition asked ${a}, which answers something else than was approved`;
    default:
      return `${name}(${args.map((arg) => inert(String(arg))).join(", ")})`;
  }
}

/** The states an `expectedStates` bitmap allows. */
function stateNames(bitmap: string | undefined): string {
  const bits = BigInt(bitmap ?? "0x0");
  return states.filter((_, index) => (bits >> BigInt(index)) & 1n).join(" or ") || "in the expected state";
}

/** Text of a contract as one short line of ASCII that no chat and no page reads as markup. */
function inert(text: string): string {
  const line = text
    .replace(/[^\x20-\x7e]+/g, " ")
    .replace(/[`*_~<>|@[\]]/g, " ")
    .replace(/ {2,}/g, " ")
    .trim();
  return line.length > 160 ? `${line.slice(0, 157)}...` : line;
}
