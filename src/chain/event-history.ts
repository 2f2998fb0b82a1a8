/** Events of contracts over their whole life, kept between reads so that only new blocks are searched. */

import type { Address, Hex } from "../domain/primitives.ts";
import { deploymentBlock, type Log, logsAtOnce, logsBetween } from "./logs.ts";
import type { Rpc } from "./rpc.ts";

/** Blocks read again: a reorganisation may have moved an event. */
const overlap = 256n;

export interface EventHistory {
  /** Logs up to the block `head`, of each account once, in the order of the accounts. */
  of(accounts: readonly Address[], head: bigint): Promise<Log[]>;
}

/** `topics`: the events, each by its first topic. */
export function eventHistory(rpc: Rpc, topics: readonly Hex[]): EventHistory {
  const kept = new Map<Address, { upTo: bigint; logs: Log[] }>();

  /** In one request where the node gives it; else account by account, from where each was deployed. */
  async function fresh(accounts: readonly Address[], from: bigint, head: bigint): Promise<Log[]> {
    const once = await logsAtOnce(rpc, accounts, topics, from, head);
    if (once !== undefined) return once;
    const each = accounts.map(async (account) => {
      const first = from > 0n ? from : await deploymentBlock(rpc, account, head);
      return logsBetween(rpc, account, topics, first, head);
    });
    return (await Promise.all(each)).flat();
  }

  return {
    async of(wanted, head) {
      const accounts = [...new Set(wanted)];
      const known = accounts.map((account) => kept.get(account));
      const seen = known.map((one) => one?.upTo ?? 0n).reduce((a, b) => (a < b ? a : b), head);
      const from = seen < overlap ? 0n : seen - overlap;
      const logs = await fresh(accounts, from, head);
      for (const [index, account] of accounts.entries()) {
        const before = (known[index]?.logs ?? []).filter((one) => one.blockNumber < from);
        kept.set(account, { upTo: head, logs: [...before, ...logs.filter((one) => one.address === account)] });
      }
      return accounts.flatMap((account) => kept.get(account)?.logs ?? []);
    },
  };
}
