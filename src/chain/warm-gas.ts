/** The gas key's nonce and fees, read ahead of what may have to be signed: see src/warm-signing.ts. */

import { keccak256 } from "viem";
import { z } from "zod";
import { chainNumber } from "../domain/primitives.ts";
import type { WarmSigning } from "../warm-signing.ts";
import { type GasAccount, usualTip } from "./gas.ts";
import { hexQuantity, type Rpc } from "./rpc.ts";

const header = z.object({ baseFeePerGas: hexQuantity.optional() });

export function warmSigning(rpc: Rpc, account: GasAccount): WarmSigning {
  const from = account.address;
  return {
    async gasTerms() {
      const [count, block, fee] = await rpc.batch([
        { method: "eth_getTransactionCount", params: [from, "pending"] },
        { method: "eth_getBlockByNumber", params: ["latest", false] },
        { method: "eth_maxPriorityFeePerGas", params: [] },
      ]);
      const nothing = { ok: true, result: undefined } as const;
      const nonce = rpc.take(count ?? nothing, "eth_getTransactionCount", hexQuantity);
      const { baseFeePerGas } = rpc.take(block ?? nothing, "eth_getBlockByNumber", header);
      if (baseFeePerGas === undefined) return undefined;
      const tip = fee?.ok ? rpc.take(fee, "eth_maxPriorityFeePerGas", hexQuantity) : usualTip;
      return { nonce, maxFeePerGas: baseFeePerGas * 2n + tip, maxPriorityFeePerGas: tip };
    },
    async gasFor({ to, data }) {
      const estimate = await rpc.request("eth_estimateGas", [{ from, to, data }], hexQuantity);
      return estimate + estimate / 4n;
    },
    async signOn({ to, data }, gas, { nonce, maxFeePerGas, maxPriorityFeePerGas }) {
      const raw = await account.signTransaction({
        ...{ type: "eip1559", chainId: Number(chainNumber(rpc.endpoint.chain)), nonce: Number(nonce) },
        ...{ to, data, gas, maxFeePerGas, maxPriorityFeePerGas },
      });
      return { raw, hash: keccak256(raw) };
    },
  };
}
