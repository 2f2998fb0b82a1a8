/** A list of transactions of one account whose outcome is known before any is sent. */

import { concat, getContractAddress } from "viem";
import type { Address, Hex } from "../domain/primitives.ts";
import { hex, type UnsignedTransaction } from "./node.ts";

const salt: Hex = `0x${"0".repeat(64)}`;

export interface Plan {
  readonly from: Address;
  readonly transactions: UnsignedTransaction[];
  /** Deploys with the account's next nonce; the address depends on that alone, not on the code. */
  create(initCode: Hex): Address;
  /** Deploys by CREATE2 with salt 0 through a factory that takes salt ‖ init code; the address depends on the code. */
  create2(factory: Address, initCode: Hex): Address;
  call(to: Address, data: Hex): void;
}

/** An empty plan for an account that has sent nothing yet. */
export function emptyPlan(from: Address): Plan {
  const transactions: UnsignedTransaction[] = [];
  const add = (data: Hex, to?: Address) => {
    const nonce = hex(transactions.length);
    transactions.push({ from, ...(to ? { to } : {}), data, nonce, gas: gasFor(data), ...fees });
  };
  return {
    from,
    transactions,
    create(initCode) {
      const address = getContractAddress({ from, nonce: BigInt(transactions.length) });
      add(initCode);
      return address;
    },
    create2(factory, initCode) {
      add(concat([salt, initCode]), factory);
      return getContractAddress({ opcode: "CREATE2", from: factory, salt, bytecode: initCode });
    },
    call: (to, data) => add(data, to),
  };
}

const fees = { maxFeePerGas: hex(100_000_000_000n), maxPriorityFeePerGas: hex(0n) } as const;

/** Enough for deploying so many bytes (200 gas each, EIP-170 prices) or for one of our small calls. */
function gasFor(data: Hex): Hex {
  return hex(500_000n + BigInt(data.length / 2) * 280n);
}
