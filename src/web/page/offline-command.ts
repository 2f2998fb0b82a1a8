/** The command that computes the same hashes on another computer, with everything inline. */

import type { NestedSafe } from "../../domain/events.ts";
import { chainNumber } from "../../domain/primitives.ts";
import type { SafeTx } from "../../domain/safe-tx.ts";

/** `npm run -s quorate -- hash …`, one line; it reads no file and asks no network. `through`: the Safes signed for. */
export function offlineCommand(tx: SafeTx, through: readonly NestedSafe[] = []): string {
  const flags: [string, string | number | bigint][] = [
    ["chain-id", chainNumber(tx.chain)],
    ["safe", tx.safe],
    ["safe-version", tx.safeVersion],
    ["to", tx.to],
    ["value", tx.value],
    ["data", tx.data],
    ["operation", tx.operation],
    ["safe-tx-gas", tx.safeTxGas],
    ["base-gas", tx.baseGas],
    ["gas-price", tx.gasPrice],
    ["gas-token", tx.gasToken],
    ["refund-receiver", tx.refundReceiver],
    ["nonce", tx.nonce],
    ...through.map(({ address, version }): [string, string] => ["via", `${address}@${version}`]),
  ];
  return `npm run -s quorate -- hash ${flags.map(([name, value]) => `--${name} ${value}`).join(" ")}`;
}
