/** The whole program on a chain that a test owns, as `compose` puts it together, configured by the environment alone. */

import { openBuilds } from "../../src/builds/open-builds.ts";
import { type OpenChains, openChains } from "../../src/chain/open.ts";
import type { Policy } from "../../src/domain/policy.ts";
import { type BlockProducer, startBlocks } from "../../src/embedded/block-producer.ts";
import { embeddedGasAccount } from "../../src/embedded/people.ts";
import { advanceTime } from "../../src/embedded/trade.ts";
import type { World } from "../../src/embedded/world.ts";
import { readEnvironment } from "../../src/env.ts";
import { compose, type Quorate } from "../../src/main.ts";
import { openPeopleLog } from "../../src/people/people-log.ts";
import { readPolicy } from "../../src/policy-folder/read-policy.ts";
import type { Chains, Store } from "../../src/ports.ts";
import { allowanceOf } from "../../src/safe-service/budget.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Card } from "../../src/view.ts";
import type { Stage } from "./live-ceremony.ts";
import { sharedBuilds } from "./sample-policy.ts";

export interface LiveOptions {
  /** As the program reads it: QUORATE_POLICIES, QUORATE_DATA or DATABASE_URL, RPC_<chainId>, GAS_KEY. */
  environment: Record<string, string>;
  /** The chain's own side: whoever mines, trades and lets time pass there. */
  world: World;
  platform?: string;
  wrap?(parts: { store: Store; chains: Chains }): { store: Store; chains: Chains };
  /** Milliseconds for one request; 10 seconds by default. */
  timeoutMs?: number;
}

export interface Live {
  quorate: Quorate;
  policy: Policy;
  store: Store;
  chains: Chains;
  cards: Card[];
  faults: string[];
  stage: Stage;
  stop(): Promise<void>;
}

export const gasKey = embeddedGasAccount.privateKey;

export async function startLive({ environment, world, platform, wrap, timeoutMs }: LiveOptions): Promise<Live> {
  const set = readEnvironment({ GAS_KEY: gasKey, ...environment });
  const files = await readPolicy(set.policies);
  const opened = await openStore(
    set.databaseUrl === undefined ? { dataDir: set.dataDir } : { databaseUrl: set.databaseUrl },
  );
  const ws = Object.keys(set.rpc) as (keyof typeof set.rpc)[];
  const connected: OpenChains = openChains({
    rpc: set.rpc,
    gasKey: set.gasKey ?? gasKey,
    ws,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  const { store, chains } = wrap?.({ store: opened, chains: connected }) ?? { store: opened, chains: connected };
  const people = await openPeopleLog(store, files);
  const { policy } = people;
  const cards: Card[] = [];
  const faults: string[] = [];
  const quorate = compose({
    ...{ policy, people, store, chains, builds: sharedBuilds(set.builds) ?? openBuilds(set.builds) },
    clock: world.time,
    blocksOnDemand: true,
    // A loopback service needs no distance between two requests.
    safeAllowance: { ...allowanceOf(false), spacingMs: 10 },
    platforms: [{ name: "sink", show: async (card) => void cards.push(card) }],
    onFault: (where, fault) => void faults.push(`${where}: ${fault instanceof Error ? fault.message : fault}`),
  });
  const stage: Stage = {
    ...{ quorate, policy, chains, url: world.url, platform: platform ?? "console", release: "2.0.0" },
    pass: async ({ seconds, blocks }) => void (await advanceTime(world, seconds, blocks)),
  };
  return {
    ...{ quorate, policy, store, chains, cards, faults, stage },
    async stop() {
      await quorate.stop();
      connected.close();
      await opened.close();
    },
  };
}

/** Whoever trades on the chain; blocks come as soon as something is sent, and otherwise only when time passes. */
export function quietBlocks(world: World): Promise<BlockProducer> {
  return startBlocks(world, { intervalMs: 3_600_000 });
}
