/** What no call on the chain answers, at one block: events by its logs, and other servers beside it. */

import type { Block, BlockLog } from "../block-reads.ts";
import type { Metric } from "../domain/metrics.ts";
import type { Policy } from "../domain/policy.ts";
import type { OutsideReading } from "../domain/watch/outside.ts";
import type { Chain, Clock } from "../ports.ts";
import { carefulGet } from "./careful-get.ts";
import { eventLogs } from "./outside-logs.ts";
import { outsideServers } from "./outside-servers.ts";

/** A metric for one ceremony: the same metric may be asked for by several. */
export interface AskedOutside {
  /** By which its reading is found. */
  key: string;
  metric: Metric;
  /** The baseline that was read for it. */
  known?: bigint | undefined;
  /** The first block whose events count: after an execution the one behind it. */
  since?: bigint | undefined;
}

export interface OutsideReadings {
  /**
   * One reading for each, and none for what a call answers. Never rejects: what cannot be found out is an error, with why.
   * `logs`: all of the block's that {@link eventFilter} asks for, others among them; left out, they are fetched.
   */
  read(asked: readonly AskedOutside[], block: Block, logs?: readonly BlockLog[]): Promise<Map<string, OutsideReading>>;
  stop(): void;
}

export interface OutsideParts {
  chain: Pick<Chain, "id" | "logsIn" | "logsOver" | "blocks">;
  policy: Policy;
  /** Of this machine: how old an answer is. */
  clock: Clock;
  onFault(fault: Error): void;
  /** Milliseconds that a block waits for other servers; 250 by default. */
  patienceMs?: number;
}

/** For one chain; what it has seen of its blocks is kept in memory and found again after a start. */
export function outsideReadings({ chain, policy, clock, onFault, patienceMs }: OutsideParts): OutsideReadings {
  const where = policy.chains.find((one) => one.id === chain.id);
  const careful = carefulGet({ environment: where?.environment ?? "", privateHosts: where?.privateHosts });
  const events = eventLogs(chain, onFault);
  const servers = outsideServers(careful.get, clock, patienceMs);
  return {
    async read(asked, block, logs) {
      const found = await Promise.all([events.readings(asked, block, logs), servers.readings(asked, block)]);
      return new Map(found.flat());
    },
    stop: () => careful.close(),
  };
}
