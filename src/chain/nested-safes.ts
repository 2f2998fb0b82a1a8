/** Which owners of a Safe are Safes themselves, and which own those. */

import { decodeFunctionResult, encodeFunctionData, parseAbi } from "viem";
import type { NestedSafe } from "../domain/events.ts";
import { deepestNesting, mostNestedSafes } from "../domain/nested-safes.ts";
import { type Address, emptyCodeHash, type Hex, zeroHash } from "../domain/primitives.ts";
import { safeMessageHashes } from "../domain/safe-message.ts";
import { callRead, codeHashIn, codeHashRead, decoded, latestHead, type Pin, readMany } from "./reads.ts";
import type { Rpc } from "./rpc.ts";
import { describedSafe, describingCalls } from "./safe.ts";

const abi = parseAbi(["function getMessageHash(bytes message) view returns (bytes32)"]);
/** A message that is never signed: only its hash is compared. */
const sampleMessage: Hex = "0x51554f52415445";

/**
 * Level by level from the owners given, each Safe once, at the newest block: three levels and twenty Safes at most.
 * A Safe whose fallback handler does not hash a message as its version does cannot answer for its owners, and counts as
 * any other contract.
 */
export async function nestedSafes(rpc: Rpc, owners: readonly Address[]): Promise<NestedSafe[]> {
  const pin = { blockHash: (await latestHead(rpc)).hash };
  const found: NestedSafe[] = [];
  const seen = new Set<Address>();
  let level = owners;
  for (let depth = 0; depth < deepestNesting && level.length > 0 && found.length < mostNestedSafes; depth += 1) {
    const fresh = [...new Set(level)].filter((one) => !seen.has(one));
    for (const one of fresh) seen.add(one);
    const safes = await safesAmong(rpc, fresh, pin);
    found.push(...safes.slice(0, mostNestedSafes - found.length));
    level = safes.flatMap((one) => one.owners);
  }
  return found;
}

async function safesAmong(rpc: Rpc, accounts: readonly Address[], pin: Pin): Promise<NestedSafe[]> {
  const hashes = await readMany(
    rpc,
    accounts.map((one) => codeHashRead(one, pin)),
  );
  const contracts = accounts.filter((_, at) => ![zeroHash, emptyCodeHash, undefined].includes(codeHashIn(hashes[at])));
  const asked = contracts.map((one) => [...describingCalls(rpc, one, pin), messageHash(one, pin)]);
  const answers = await readMany(rpc, asked.flat());
  return contracts.flatMap((account, at) => {
    const size = asked[at]?.length ?? 0;
    const own = answers.slice(at * size, (at + 1) * size);
    const safe = describedSafe(rpc, account, own);
    if (safe === undefined) return [];
    const { version, threshold, owners } = safe;
    const of = { chain: rpc.endpoint.chain, safe: account, safeVersion: version };
    const handled = decoded(own.at(-1), (data) => decodeFunctionResult({ abi, functionName: "getMessageHash", data }));
    return handled === safeMessageHashes(of, sampleMessage).hash
      ? [{ address: account, version, threshold, owners }]
      : [];
  });
}

function messageHash(account: Address, pin: Pin) {
  return callRead(account, encodeFunctionData({ abi, functionName: "getMessageHash", args: [sampleMessage] }), pin);
}
