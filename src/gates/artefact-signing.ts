/** Values that code keeps so as not to work them out again for EIP-712 signatures: they follow from chain, address and name. */

import { encodeAbiParameters, hexToBytes, keccak256, numberToHex, parseAbiParameters, stringToBytes } from "viem";
import type { Address, Hex } from "../domain/primitives.ts";

const domainType = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";
const typeHash = keccak256(stringToBytes(domainType));
const types = parseAbiParameters("bytes32, bytes32, bytes32, uint256, address");
/** Every three of them are tried. */
const mostValues = 12;

/**
 * Of these 32-byte values those that belong together: a domain separator of this very chain and contract, the two hashes
 * in it, the texts that were hashed, the chain's id, and the contract's own address. Empty where there is no separator.
 */
export function signingValues(values: readonly Hex[], chainNumber: bigint, own: Address): Set<Hex> {
  const found = new Set<Hex>();
  const tried = [...new Set(values)].slice(0, mostValues);
  for (const name of tried)
    for (const version of tried) {
      const separator = keccak256(encodeAbiParameters(types, [typeHash, name, version, chainNumber, own]));
      if (tried.includes(separator)) for (const one of [name, version, separator]) found.add(one);
    }
  if (found.size === 0) return found;
  for (const value of tried) {
    const text = shortText(value);
    if (text !== undefined && found.has(keccak256(text))) found.add(value);
  }
  return found.add(numberToHex(chainNumber, { size: 32 })).add(numberToHex(BigInt(own), { size: 32 }));
}

/** OpenZeppelin's ShortString: up to 31 bytes, and how many in the last one. */
function shortText(value: Hex): Uint8Array | undefined {
  const bytes = hexToBytes(value);
  const length = bytes[31] ?? 32;
  return length > 31 ? undefined : bytes.subarray(0, length);
}
