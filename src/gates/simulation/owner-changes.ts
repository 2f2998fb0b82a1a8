/** What a declared change of a Safe's owners may move, exactly. Pure. */

import { decodeFunctionResult, getAddress, parseAbi } from "viem";
import type { DecodedCall } from "../../domain/decode-calls.ts";
import type { Address, Hex } from "../../domain/primitives.ts";
import type { Change } from "../../domain/release-package.ts";

type OwnersChange = Change & { kind: "safeOwners" };

const abi = parseAbi([
  "function getOwners() view returns (address[])",
  "function getThreshold() view returns (uint256)",
]);

/** True where a Safe's new owners or its new threshold are those that the change says, and no others. */
export function isDeclaredOwners(
  change: OwnersChange,
  getter: string,
  was: Hex | null | undefined,
  is: Hex | null | undefined,
): boolean {
  if (is === null || is === undefined) return false;
  if (getter === "getThreshold()") return /^0x[0-9a-f]{64}$/.test(is) && BigInt(is) === change.threshold;
  if (getter !== "getOwners()" || was === null || was === undefined) return false;
  const before = ownersIn(was);
  const removed = new Set(change.remove.map((one) => getAddress(one)));
  const wanted = new Set([...before.filter((one) => !removed.has(one)), ...change.add.map((one) => getAddress(one))]);
  const after = ownersIn(is);
  return after.length === wanted.size && new Set(after).size === wanted.size && after.every((one) => wanted.has(one));
}

/**
 * What the calls of one transaction make of the owners of the Safe that sends it, as a change that can be compared.
 * Undefined where anything else is among them: an owner change stands alone.
 */
export function ownersChangeOf(
  calls: readonly DecodedCall[],
  safe: Address,
  threshold: number,
): OwnersChange | undefined {
  const add = new Set<Address>();
  const remove = new Set<Address>();
  let after = BigInt(threshold);
  const put = (account: Address) => (remove.delete(account) ? undefined : add.add(account));
  const take = (account: Address) => (add.delete(account) ? undefined : remove.add(account));
  const leaves = calls.filter((call) => call.nested.length === 0);
  for (const { to, known, args } of leaves) {
    if (to !== safe) return undefined;
    const given = args as readonly (Address & bigint)[];
    const [first, second, third] = given;
    if (first === undefined) return undefined;
    switch (known?.abi.name) {
      case "swapOwner":
        if (second === undefined || third === undefined) return undefined;
        take(second);
        put(third);
        break;
      case "addOwnerWithThreshold":
        if (second === undefined) return undefined;
        put(first);
        after = second;
        break;
      case "removeOwner":
        if (second === undefined || third === undefined) return undefined;
        take(second);
        after = third;
        break;
      case "changeThreshold":
        after = first;
        break;
      default:
        return undefined;
    }
  }
  return leaves.length === 0
    ? undefined
    : { kind: "safeOwners", name: "owners", safe, add: [...add], remove: [...remove], threshold: after };
}

function ownersIn(answer: Hex): Address[] {
  try {
    return decodeFunctionResult({ abi, functionName: "getOwners", data: answer }).map((one) => getAddress(one));
  } catch {
    return [];
  }
}
