/** Several plain calls of a Safe in one transaction, by Safe's own MultiSendCallOnly. */

import { concat, encodeFunctionData, encodePacked, parseAbi, size } from "viem";
import type { Address, Hex } from "./primitives.ts";

/** EXTCODEHASH of MultiSendCallOnly as Safe deployed it, by version: it makes plain calls and can make no other. */
export const multiSendCallOnlyCode: Readonly<Record<string, Hex>> = {
  "1.3.0": "0xa9865ac2d9c7a1591619b188c4d88167b50df6cc0c5327fcbd1c8c75f7c066ad",
  "1.4.1": "0xecd5bd14a08c5d2122379900b2f272bdf107a7e92423c10dd5fe3254386c9939",
  "1.5.0": "0xcdbdcec38d2f1c7d961b0029ff8416b7e86e9974d6f0e9c9580c7d17fcfb6663",
};

/** Calldata of `multiSend` with plain calls, in order: all of them happen, or none. */
export function multiSendData(calls: readonly { to: Address; value: bigint; data: Hex }[]): Hex {
  const packed = concat(
    calls.map(({ to, value, data }) =>
      encodePacked(["uint8", "address", "uint256", "uint256", "bytes"], [0, to, value, BigInt(size(data)), data]),
    ),
  );
  return encodeFunctionData({ abi: parseAbi(["function multiSend(bytes transactions)"]), args: [packed] });
}
