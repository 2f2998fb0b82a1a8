/** A node that takes what the gas key sends, and puts it into no block: as when other fees are paid, or nobody passes it on. */

import { keccak256, numberToHex, parseTransaction } from "viem";
import type { Hex } from "../../src/domain/primitives.ts";
import { tradeOnce } from "../../src/embedded/trade.ts";
import type { Chain } from "../../src/ports.ts";
import type { TestCouncil } from "./embedded.ts";

export interface KeptBytes {
  /** All that was handed to it, in turn. */
  sent: Hex[];
}

/**
 * The council's chain becomes such a node. It keeps the first bytes, after `kept`; `after` is told of what comes after them,
 * and by which number it comes, and the chain itself takes it where left out. `more`: what the node does otherwise too.
 */
export function keepFirstBytes(
  council: TestCouncil,
  {
    kept,
    after,
    ...more
  }: {
    kept?(raw: Hex): Promise<unknown>;
    after?(raw: Hex, nth: number): Promise<Hex>;
  } & Partial<Chain>,
): KeptBytes {
  const sent: Hex[] = [];
  council.switches.chains = {
    ids: council.chains.ids,
    get: (id) => {
      const chain = council.chains.get(id);
      const broadcast = async (raw: Hex) => {
        sent.push(raw);
        if (sent.length > 1) return after === undefined ? chain.broadcast(raw) : after(raw, sent.length);
        await kept?.(raw);
        return keccak256(raw);
      };
      return { ...chain, broadcast, ...more };
    },
  };
  return { sent };
}

/** For `kept`: the base fee goes to three times what the bytes offer. */
export function baseFeeTriples({ world }: TestCouncil): (raw: Hex) => Promise<void> {
  return async (raw) => {
    const { maxFeePerGas = 0n } = parseTransaction(raw);
    await world.node.request("anvil_setNextBlockBaseFeePerGas", numberToHex(maxFeePerGas * 3n));
    await tradeOnce(world);
  };
}
