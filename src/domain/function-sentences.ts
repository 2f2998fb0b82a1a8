/** One sentence for each function that {@link import("./known-abi.ts")} knows; the rest is told with its arguments. */

import type { DecodedCall } from "./decode-calls.ts";
import { duration } from "./duration.ts";
import type { Hex } from "./primitives.ts";
import { roleName } from "./role-names.ts";

/** How the reader's side calls addresses and times; the address stays visible in a name. */
export interface CallWords {
  nameOf(address: string): string;
  /** A time in seconds since 1970. */
  utc(seconds: bigint): string;
}

type Say = (args: Named, to: string, words: CallWords, call: DecodedCall) => string;

/** Arguments by their names in the ABI, as text or as they are. */
interface Named {
  text(name: string): string;
  /** With its name where it has one. */
  who(name: string): string;
  number(name: string): bigint;
  count(name: string): number;
}

const calls = (number: number) => `${number} call${number === 1 ? "" : "s"}`;

const batch = (what: string): Say => {
  return (args, to) => `${what} ${calls(args.count("targets"))} on ${to}`;
};
const later = (args: Named) => `, to run ${duration(args.number("delay"))} later at the earliest:`;
const carried = (list: string): Say => {
  return (args, to, _words, call) =>
    call.operation === 1
      ? `Make ${calls(args.count(list))} in one transaction, through ${to}:`
      : `Have ${to} make ${calls(args.count(list))} in one transaction:`;
};

const safe: Record<string, Say> = {
  execTransaction: (_args, to) => `Run a transaction of the Safe ${to} with the signatures given:`,
  execTransactionFromModule: (_args, to) => `Have the Safe ${to} make a call as its module, without signatures:`,
  execTransactionFromModuleReturnData: (_args, to) =>
    `Have the Safe ${to} make a call as its module, without signatures:`,
  multiSend: (_args, to, _words, call) =>
    `${call.operation === 1 ? "Make" : `Have ${to} make`} ${calls(call.nested.length)} in one transaction${call.operation === 1 ? `, through ${to}` : ""}:`,
  approveHash: (args, to) => `Approve the hash ${args.text("hashToApprove")} on the Safe ${to}, as one of its owners.`,
  addOwnerWithThreshold: (args, to) =>
    `Add ${args.who("owner")} to the owners of the Safe ${to}, which then needs ${signatures(args.number("threshold"))}.`,
  removeOwner: (args, to) =>
    `Remove ${args.who("owner")} from the owners of the Safe ${to}, which then needs ${signatures(args.number("threshold"))}.`,
  swapOwner: (args, to) => `Replace the owner ${args.who("oldOwner")} of the Safe ${to} by ${args.who("newOwner")}.`,
  changeThreshold: (args, to) => `Let the Safe ${to} need ${signatures(args.number("threshold"))}.`,
  enableModule: (args, to) => `Let the module ${args.who("module")} act for the Safe ${to} without signatures.`,
  disableModule: (args, to) => `Take the module ${args.who("module")} from the Safe ${to}.`,
  setGuard: (args, to) => `Let ${args.who("guard")} decide which transactions the Safe ${to} may run.`,
  setModuleGuard: (args, to) => `Let ${args.who("moduleGuard")} decide what modules of the Safe ${to} may do.`,
  setFallbackHandler: (args, to) => `Let ${args.who("handler")} answer calls that the Safe ${to} itself does not know.`,
};

const batches: Record<string, Say> = {
  aggregate: carried("calls"),
  aggregate3: carried("calls"),
  aggregate3Value: carried("calls"),
  tryAggregate: (args, to, words, call) =>
    `${carried("calls")(args, to, words, call).slice(0, -1)}, ${call.args[0] === true ? "all or none" : "whether they succeed or not"}:`,
  multicall: (args, to) => `Make ${calls(args.count("data"))} of ${to} in one:`,
};

const timelock: Record<string, Say> = {
  scheduleBatch: (args, to, words, call) => `${batch("Schedule")(args, to, words, call)}${later(args)}`,
  executeBatch: (args, to, words, call) => `${batch("Execute")(args, to, words, call)}:`,
  cancel: (args, to, _words, call) =>
    call.args.length === 1
      ? `Cancel the operation ${args.text("id")} on ${to}.`
      : `Cancel what ${args.who("caller")} has scheduled for ${args.who("target")} on ${to}.`,
  schedule: (args, to, { utc }, call) =>
    call.args.length === 6
      ? `Schedule one call on ${to}${later(args)}`
      : `Schedule one call on ${to}, to run from ${utc(args.number("when"))} on:`,
  execute: (_args, to) => `Execute one call through ${to}:`,
  updateDelay: (args, to) => `Let the timelock ${to} wait ${duration(args.number("newDelay"))} from now on.`,
};

const init = (args: Named) => (args.text("data") === "0x" ? "" : ` and run its initialiser ${args.text("data")}`);

const proxies: Record<string, Say> = {
  upgrade: (args, to) =>
    `Upgrade ${args.who("proxy")} to the code at ${args.text("implementation")}, through its ProxyAdmin ${to}.`,
  upgradeAndCall: (args, to) =>
    `Upgrade ${args.who("proxy")} to the code at ${args.text("implementation")}${init(args)}, through its ProxyAdmin ${to}.`,
  upgradeToAndCall: (args, to) => `Upgrade ${to} to the code at ${args.text("implementation")}${init(args)}.`,
  upgradeTo: (args, to) =>
    `Point the beacon ${to} at the code at ${args.text("implementation")}: every proxy of it changes.`,
  changeProxyAdmin: (args, to) =>
    `Let ${args.who("newAdmin")} upgrade ${args.who("proxy")} from now on, in place of ${to}.`,
  changeAdmin: (args, to) => `Let ${args.who("newAdmin")} upgrade ${to} from now on.`,
};

const owners: Record<string, Say> = {
  transferOwnership: (args, to) => `Give the ownership of ${to} to ${args.who("newOwner")}.`,
  acceptOwnership: (_args, to) => `Take over the ownership of ${to}.`,
  renounceOwnership: (_args, to) => `Leave ${to} without an owner, for good.`,
  grantRole: (args, to, _words, call) =>
    `Grant ${roleOf(call)} of ${to} to ${args.who("account")}${call.args.length === 3 && args.number("executionDelay") > 0n ? `, who has to wait ${duration(args.number("executionDelay"))} each time` : ""}.`,
  revokeRole: (args, to, _words, call) => `Revoke ${roleOf(call)} of ${to} from ${args.who("account")}.`,
  renounceRole: (args, to, _words, call) =>
    `Give up ${roleOf(call)} of ${to}, held by ${args.who("callerConfirmation")}.`,
  beginDefaultAdminTransfer: (args, to) => `Begin to make ${args.who("newAdmin")} the administrator of ${to}.`,
  acceptDefaultAdminTransfer: (_args, to) => `Take over as the administrator of ${to}.`,
};

const tokens: Record<string, Say> = {
  transfer: (args, to) => `Send ${args.number("amount")} units of the token ${to} to ${args.who("to")}.`,
  transferFrom: (args, to) =>
    `Move ${args.number("amount")} units of the token ${to} from ${args.who("from")} to ${args.who("to")}.`,
  approve: (args, to) => `Let ${args.who("spender")} take up to ${args.number("amount")} units of the token ${to}.`,
  pause: (_args, to) => `Pause ${to}.`,
  unpause: (_args, to) => `Unpause ${to}.`,
};

const preconditions: Record<string, Say> = {
  notBefore: (args, _to, { utc }) => `Revert everything unless it is ${utc(args.number("time"))} or later.`,
  notAfter: (args, _to, { utc }) => `Revert everything if it is later than ${utc(args.number("time"))}.`,
  chain: (args) => `Revert everything unless this is chain ${args.number("id")}.`,
  codeHash: (args) =>
    `Revert everything unless the code at ${args.text("account")} has the hash ${args.text("expected")}.`,
  answer: (args) =>
    `Revert everything unless ${args.who("target")} still answers ${question(args.text("callData"))} as approved: the answer's hash is ${args.text("expectedHash")}.`,
};

const say: Record<string, Say> = {
  ...safe,
  ...batches,
  ...timelock,
  ...proxies,
  ...owners,
  ...tokens,
  ...preconditions,
};

/** A sentence for a call whose function is known; `to` is how its target is called. */
export function functionSentence(call: DecodedCall, to: string, words: CallWords): string {
  const { known, args } = call;
  if (known === undefined) return `Call ${to}.`;
  const named = namedArguments(call, words);
  const own = Object.hasOwn(say, known.abi.name) ? say[known.abi.name] : undefined;
  if (own !== undefined) return own(named, to, words, call);
  const listed = args.map((one, index) => `${known.abi.inputs[index]?.name || index + 1}: ${asText(one)}`);
  return `Call ${known.abi.name} on ${to}${listed.length === 0 ? "" : ` with ${listed.join(", ")}`}.`;
}

function namedArguments({ known, args }: DecodedCall, { nameOf }: CallWords): Named {
  const value = (name: string): unknown => {
    const index = known?.abi.inputs.findIndex((one) => one.name === name) ?? -1;
    if (index < 0) throw new RangeError(`${known?.signature} has no argument ${name}.`);
    return args[index];
  };
  return {
    text: (name) => asText(value(name)),
    who: (name) => nameOf(asText(value(name))),
    number: (name) => BigInt(asText(value(name))),
    count: (name) => (value(name) as readonly unknown[]).length,
  };
}

function asText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(asText).join(", ")}]`;
  if (typeof value === "object" && value !== null) return `(${Object.values(value).map(asText).join(", ")})`;
  return String(value);
}

const signatures = (number: bigint) => `${number} signature${number === 1n ? "" : "s"}`;

function roleOf({ args: [role] }: DecodedCall): string {
  const name = typeof role === "bigint" ? `${role}` : roleName(String(role) as Hex);
  return name === "DEFAULT_ADMIN_ROLE" ? name : `the role ${name}`;
}

/** The one question that packages ask is a beacon's `implementation()`. */
const question = (data: string) => ((data as Hex) === "0x5c60da1b" ? "implementation()" : data);
