/** What a call does, in words: decoded from its bytes, never from what a package says of itself. */

import { decodeFunctionData, encodeFunctionData, parseAbi } from "viem";
import { duration } from "./duration.ts";
import type { Hex } from "./primitives.ts";

const abi = parseAbi([
  "function scheduleBatch(address[] targets, uint256[] values, bytes[] payloads, bytes32 predecessor, bytes32 salt, uint256 delay)",
  "function executeBatch(address[] targets, uint256[] values, bytes[] payloads, bytes32 predecessor, bytes32 salt) payable",
  "function cancel(bytes32 id)",
  "function upgradeAndCall(address proxy, address implementation, bytes data) payable",
  "function upgradeToAndCall(address implementation, bytes data) payable",
  "function upgradeTo(address implementation)",
  "function notBefore(uint256 time) view",
  "function notAfter(uint256 time) view",
  "function chain(uint256 id) view",
  "function codeHash(address account, bytes32 expected) view",
  "function answer(address target, bytes callData, bytes32 expectedHash) view",
  "function pause()",
]);

/** `value` in wei. */
export interface PlainCall {
  to: string;
  value: bigint;
  data: Hex;
}

/** How the reader's side calls addresses and times; the address stays visible in a name. */
export interface CallWords {
  nameOf(address: string): string;
  /** A time in seconds since 1970. */
  utc(seconds: bigint): string;
}

export interface ExplainedCall {
  call: PlainCall;
  sentence: string;
  /** Whether the bytes are those of a known function with these arguments, and nothing besides. */
  exact: boolean;
  /** The calls of a timelock batch, in order. */
  nested: ExplainedCall[];
}

/** One sentence for the call, and one for each nested call of a timelock batch. */
export function explainCall(call: PlainCall, words: CallWords): ExplainedCall {
  const to = words.nameOf(call.to);
  const value = call.value === 0n ? "" : ` It sends ${call.value} wei.`;
  if (call.data === "0x")
    return { call, sentence: `Send ${call.value} wei to ${to}; no function is called.`, exact: true, nested: [] };
  const decoded = decode(call.data);
  if (decoded === undefined) {
    const sentence = `UNKNOWN call ${call.data.slice(0, 10)} to ${to}: its bytes are not decoded here.${value}`;
    return { call, sentence, exact: false, nested: [] };
  }
  const exact = encodeFunctionData({ abi, ...decoded }) === call.data;
  if (decoded.functionName !== "scheduleBatch" && decoded.functionName !== "executeBatch")
    return { call, sentence: `${single(decoded, to, words)}${value}`, exact, nested: [] };
  const [targets, values, payloads] = decoded.args;
  const scheduled = decoded.functionName === "scheduleBatch";
  const delay = scheduled ? `, to run ${duration(decoded.args[5])} later at the earliest` : "";
  return {
    call,
    sentence: `${scheduled ? "Schedule" : "Execute"} ${targets.length} calls on ${to}${delay}:`,
    exact: exact && values.length === targets.length && payloads.length === targets.length,
    nested: targets.map((target, index) =>
      explainCall({ to: target, value: values[index] ?? 0n, data: payloads[index] ?? "0x" }, words),
    ),
  };
}

/** As {@link explainCall}, one line after another; nested calls carry their number. */
export function callSentences(call: PlainCall, words: CallWords): string[] {
  return lines(explainCall(call, words));
}

function lines({ sentence, nested }: ExplainedCall): string[] {
  return [sentence, ...nested.flatMap((one, index) => lines(one).map((text) => `${index + 1}. ${text}`))];
}

type Decoded = ReturnType<typeof decodeFunctionData<typeof abi>>;

function decode(data: Hex): Decoded | undefined {
  try {
    return decodeFunctionData({ abi, data });
  } catch {
    return undefined;
  }
}

function single(decoded: Decoded, to: string, { nameOf, utc }: CallWords): string {
  switch (decoded.functionName) {
    case "cancel":
      return `Cancel the operation ${decoded.args[0]} on ${to}.`;
    case "upgradeAndCall":
      return `Upgrade ${nameOf(decoded.args[0])} to the code at ${decoded.args[1]}${init(decoded.args[2])}, through its ProxyAdmin ${to}.`;
    case "upgradeToAndCall":
      return `Upgrade ${to} to the code at ${decoded.args[0]}${init(decoded.args[1])}.`;
    case "upgradeTo":
      return `Point the beacon ${to} at the code at ${decoded.args[0]}: every proxy of it changes.`;
    case "notBefore":
      return `Revert everything unless it is ${utc(decoded.args[0])} or later.`;
    case "notAfter":
      return `Revert everything if it is later than ${utc(decoded.args[0])}.`;
    case "chain":
      return `Revert everything unless this is chain ${decoded.args[0]}.`;
    case "codeHash":
      return `Revert everything unless the code at ${decoded.args[0]} has the hash ${decoded.args[1]}.`;
    case "answer":
      return `Revert everything unless ${nameOf(decoded.args[0])} still answers ${question(decoded.args[1])} as approved: the answer's hash is ${decoded.args[2]}.`;
    case "pause":
      return `Pause ${to}.`;
    default:
      return `Call ${decoded.functionName} on ${to}.`;
  }
}

/** The one question that packages ask is a beacon's `implementation()`. */
const question = (data: Hex) => (data === "0x5c60da1b" ? "implementation()" : data);

const init = (data: Hex) => (data === "0x" ? "" : ` and run its initialiser ${data}`);
