/** What a transaction does, call by call, in words: decoded from the bytes, never from what a package says of itself. */

import { decodeFunctionData, parseAbi } from "viem";
import { duration } from "../../domain/duration.ts";
import type { Policy } from "../../domain/policy.ts";
import type { Hex } from "../../domain/primitives.ts";

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

/** Names of addresses as policy knows them; the address stays visible. */
export function nameOf(policy: Policy, address: string): string {
  const same = (other: string) => other.toLowerCase() === address.toLowerCase();
  for (const target of policy.targets)
    for (const contract of target.contracts) if (same(contract.proxy)) return `${contract.title} (${address})`;
  for (const chain of policy.chains)
    for (const key of ["council", "guardian", "timelock", "preconditions"] as const)
      if (same(chain[key]))
        return `the ${{ council: "council Safe", guardian: "guardian Safe", timelock: "timelock", preconditions: "Preconditions contract" }[key]} (${address})`;
  return address;
}

/** One sentence a call; nested calls of a timelock batch follow with their number. */
export function sentencesOf(call: { to: string; value: bigint; data: Hex }, policy: Policy): string[] {
  const to = nameOf(policy, call.to);
  const value = call.value === 0n ? "" : ` It sends ${call.value} wei.`;
  if (call.data === "0x") return [`Send ${call.value} wei to ${to}; no function is called.`];
  const decoded = decode(call.data);
  if (decoded === undefined)
    return [`UNKNOWN call ${call.data.slice(0, 10)} to ${to}: its bytes are not decoded here.${value}`];
  if (decoded.functionName === "scheduleBatch" || decoded.functionName === "executeBatch") {
    const [targets, values, payloads] = decoded.args;
    const delay =
      decoded.functionName === "scheduleBatch" ? `, to run ${duration(decoded.args[5])} later at the earliest` : "";
    const verb = decoded.functionName === "scheduleBatch" ? "Schedule" : "Execute";
    const inner = targets.flatMap((target, index) =>
      sentencesOf({ to: target, value: values[index] ?? 0n, data: payloads[index] ?? "0x" }, policy).map(
        (text) => `${index + 1}. ${text}`,
      ),
    );
    return [`${verb} ${targets.length} calls on ${to}${delay}:`, ...inner];
  }
  return [`${single(decoded, to, policy)}${value}`];
}

type Decoded = ReturnType<typeof decodeFunctionData<typeof abi>>;

function decode(data: Hex): Decoded | undefined {
  try {
    return decodeFunctionData({ abi, data });
  } catch {
    return undefined;
  }
}

function single(decoded: Decoded, to: string, policy: Policy): string {
  switch (decoded.functionName) {
    case "cancel":
      return `Cancel the operation ${decoded.args[0]} on ${to}.`;
    case "upgradeAndCall":
      return `Upgrade ${nameOf(policy, decoded.args[0])} to the code at ${decoded.args[1]}${init(decoded.args[2])}, through its ProxyAdmin ${to}.`;
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
      return `Revert everything unless ${nameOf(policy, decoded.args[0])} still answers ${question(decoded.args[1])} as approved: the answer's hash is ${decoded.args[2]}.`;
    case "pause":
      return `Pause ${to}.`;
    default:
      return `Call ${decoded.functionName} on ${to}.`;
  }
}

/** The one question that packages ask is a beacon's `implementation()`. */
const question = (data: Hex) => (data === "0x5c60da1b" ? "implementation()" : data);

const init = (data: Hex) => (data === "0x" ? "" : ` and run its initialiser ${data}`);

/** Seconds since 1970 as "2026-11-21 14:00:05 UTC". */
export function utc(seconds: bigint): string {
  if (seconds > 8_640_000_000_000n) return `second ${seconds} (never)`;
  return `${new Date(Number(seconds) * 1000).toISOString().replace("T", " ").slice(0, 19)} UTC`;
}
