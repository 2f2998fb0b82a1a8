/**
 * What an owner signs so that an account may propose for them in Safe's Transaction Service
 * (safe-global/safe-transaction-service, DelegateSignatureHelperV2; api-kit signs the same). It moves nothing on a chain.
 */

import { hashTypedData } from "viem";
import { type Address, type ChainId, chainNumber, type Hex } from "./primitives.ts";

const types = {
  Delegate: [
    { name: "delegateAddress", type: "address" },
    { name: "totp", type: "uint256" },
  ],
} as const;

/** The typed data of the hour in which `at` (wall time in seconds) lies; the service takes the last hour's too. */
export function delegateTypedData(chain: ChainId, delegateAddress: Address, at: bigint) {
  return {
    domain: { name: "Safe Transaction Service", version: "1.0", chainId: chainNumber(chain) },
    types,
    primaryType: "Delegate" as const,
    message: { delegateAddress, totp: at / 3600n },
  };
}

/** What a signature that the service takes now is over: this hour's, or the last one's. */
export function delegateHashes(chain: ChainId, delegate: Address, at: bigint): Hex[] {
  return [at, at - 3600n].map((when) => hashTypedData(delegateTypedData(chain, delegate, when)));
}
