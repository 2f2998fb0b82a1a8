/** One hash for calldata and its length, which some devices show in place of the bytes. */

import { concat, keccak256, size, toHex } from "viem";
import type { Hex } from "./primitives.ts";

/** keccak256(uint256(length in bytes) ‖ calldata), as ERC-8213 has it. */
export function calldataDigest(data: Hex): Hex {
  return keccak256(concat([toHex(size(data), { size: 32 }), data]));
}
