/** Predicts a Safe's address and makes the transaction that deploys it, by Safe's own protocol-kit. */

import type { ContractNetworksConfig } from "@safe-global/protocol-kit";
import { type Address, address, bytes, type ChainId, chainNumber, type Hex } from "../domain/primitives.ts";

export interface NewSafe {
  chain: ChainId;
  /** An http or https URL: protocol-kit takes no WebSocket. */
  rpcUrl: string;
  owners: readonly Address[];
  threshold: number;
  /** Different numbers give different Safes of the same owners. */
  saltNonce: bigint;
  version: "1.3.0" | "1.4.1" | "1.5.0";
  /** Where Safe's contracts are on a chain that protocol-kit does not know; left out on public chains. */
  contracts?: ContractNetworksConfig[string];
}

export interface PredictedSafe {
  address: Address;
  /** The call that creates it; anyone may send it, and the address does not depend on who does. */
  deployment: { to: Address; value: bigint; data: Hex };
}

/** Where a new Safe will be, and the call that puts it there. Sends nothing. Loads protocol-kit (half a second) at the first use. */
export async function predictSafe(wanted: NewSafe): Promise<PredictedSafe> {
  const { default: Safe } = await import("@safe-global/protocol-kit");
  const kit = await Safe.init({
    provider: wanted.rpcUrl,
    predictedSafe: {
      safeAccountConfig: { owners: [...wanted.owners], threshold: wanted.threshold },
      safeDeploymentConfig: { saltNonce: wanted.saltNonce.toString(), safeVersion: wanted.version },
    },
    ...(wanted.contracts && { contractNetworks: { [chainNumber(wanted.chain).toString()]: wanted.contracts } }),
  });
  const deployment = await kit.createSafeDeploymentTransaction();
  return {
    address: address.parse(await kit.getAddress()),
    deployment: {
      to: address.parse(deployment.to),
      value: BigInt(deployment.value),
      data: bytes.parse(deployment.data),
    },
  };
}
