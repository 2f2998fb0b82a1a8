/** Views that the sample cards of the console lack. */

import { keccak256, toHex } from "viem";
import type { SignatureItem, WalletRequest } from "../../../src/view.ts";
import { safe, vault } from "../console/contracts.ts";

const zero = "0x0000000000000000000000000000000000000000";

/** A request for so many signatures, each with hashes of its own. */
export function signatureRequest(count: number): WalletRequest {
  return {
    kind: "wallet",
    ceremony: "UP-1",
    title: "Sign UP-1 · Vault 1.2.0",
    summary: "These signatures allow the council to schedule the upgrade and its rollback, and nothing else.",
    items: Array.from({ length: count }, (_, at) => item(at)),
  };
}

function item(at: number): SignatureItem {
  return {
    kind: "signature",
    purpose: `Schedule the upgrade (leg ${at + 1})`,
    tx: {
      chain: "eip155:31337",
      safe,
      safeVersion: "1.4.1",
      to: vault,
      value: 0n,
      data: "0x8456cb59",
      operation: 0,
      safeTxGas: 0n,
      baseGas: 0n,
      gasPrice: 0n,
      gasToken: zero,
      refundReceiver: zero,
      nonce: BigInt(at),
    },
    hashes: {
      domainHash: keccak256(toHex(`domain ${at}`)),
      messageHash: keccak256(toHex(`message ${at}`)),
      safeTxHash: keccak256(toHex(`safeTx ${at}`)),
    },
    sentences: [`Call ${at + 1}: ProxyAdmin.upgradeAndCall(vault, Vault 1.2.0, migrate(2)).`],
  };
}
