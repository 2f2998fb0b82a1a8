/** Puts the watchdog together: heartbeats out through the outbox, what arrives back into the log. */

import type { AlertDesk } from "./alert-desk.ts";
import { kinds } from "./ceremonies/consequences.ts";
import { syntheticBreach, type WatchdogNow } from "./domain/alerts/watchdog.ts";
import { system } from "./domain/events.ts";
import type { ChainId } from "./domain/primitives.ts";
import type { Catalogue } from "./domain/watch/catalogue.ts";
import { startWatchdog, type Watchdog } from "./paging/watchdog.ts";
import type { Chains, ChatPlatform, Clock, Store } from "./ports.ts";

export interface WatchdogOptions {
  /** Of this machine, which nobody moves forward. */
  clock: Clock;
  /** The external dead-man's switch; undefined: none is configured. */
  deadmanUrl: string | undefined;
}

/** What a decision is told where no watchdog was ever set up: nobody waits for it. */
export const neverArmed: WatchdogNow = { armed: false, age: 0n, arrived: false };

/** Seconds for which done heartbeats are kept, for whoever looks at the outbox. */
const KEPT = 3600n;

interface Parts {
  store: Store;
  chains: Chains;
  platforms: readonly ChatPlatform[];
  watchdog?: WatchdogOptions | undefined;
  onFault(where: string, fault: unknown): void;
}

/** Undefined where none is wanted. */
export function watchdogOf(
  { store, chains, platforms, watchdog, onFault }: Parts,
  alerts: AlertDesk,
  wake: () => void,
): Watchdog | undefined {
  if (watchdog === undefined) return undefined;
  return startWatchdog({
    ...{ clock: watchdog.clock, deadmanUrl: watchdog.deadmanUrl, chains: chains.ids, onFault },
    finds: breachFinder(chains),
    platforms: () => platforms.map((one) => one.name),
    async send(platform, at) {
      await store.forget(kinds.heartbeat, at - KEPT);
      const lane = `watchdog@${platform}`;
      const payload = { platform, at: `${at}` };
      await store.enqueue("watch", [{ kind: kinds.heartbeat, key: `${lane}:${at}`, lane, payload }]);
      wake();
    },
    async arm(names) {
      await alerts.act({ kind: "armWatchdog", by: system, platforms: [...names] });
    },
    async down(last) {
      await alerts.act({ kind: "watchdogDown", by: system, last });
    },
    async up(platform) {
      await alerts.act({ kind: "watchdogUp", by: system, platform });
    },
  });
}

/** Judged as every measured breach is: by the contract that judges, at the hash of the newest block. */
function breachFinder(chains: Chains): (id: ChainId) => Promise<boolean> {
  const catalogues = new Map<ChainId, Catalogue>();
  return async (id) => {
    const catalogue = catalogues.get(id) ?? syntheticBreach(id);
    catalogues.set(id, catalogue);
    const chain = chains.get(id);
    const { hash } = await chain.newestBlock();
    const { verdicts } = await chain.evaluate(catalogue, { blockHash: hash });
    return verdicts[0] === "fail";
  };
}
