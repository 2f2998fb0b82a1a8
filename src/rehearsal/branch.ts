/** "What if": the same ceremony tried out on a copy of the log and a chain that is put back afterwards. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Rules } from "../domain/decision.ts";
import type { Policy } from "../domain/policy.ts";
import { compose, type Parts, type Quorate } from "../main.ts";
import { openPeopleLog } from "../people/people-log.ts";
import type { Chain, Chains, Store } from "../ports.ts";
import { copyDatabase } from "../store/copy-database.ts";
import { databaseFile, openStore } from "../store/open-store.ts";
import { copySealKey } from "../store/seal-key.ts";
import type { Printer } from "./printer.ts";
import { type Stage, stageOn } from "./stage.ts";

export interface BranchOptions {
  rules?: Rules;
  policy?: Policy;
  printer?: Printer;
  /** Changes what the bot sees of the chain, or what it sends. */
  chain?(real: Chain): Partial<Chain>;
  /** True: the bot hears of new blocks and records what it sees, as always. */
  watches?: boolean;
}

export interface Branch {
  quorate: Quorate;
  store: Store;
  /** The database file, as somebody with a shell on the host finds it. */
  database: string;
  faults: string[];
  /** What the bot is composed of. */
  parts: Parts & { rules: Rules };
  /** Folder of the copy of the store. */
  dataDir: string;
}

/**
 * Runs `work` on a copy of everything: what it writes to log and chain is gone afterwards, and the chain's time is what it
 * was. The stage has to be paused. The copy of the bot is settled before `work` begins, so that what it then does is
 * `work`'s doing.
 */
export async function whatIf<T>(
  stage: Stage,
  options: BranchOptions,
  work: (branch: Branch) => Promise<T>,
): Promise<T> {
  const { world, policy, chains, builds, dataDir } = stage.running;
  const folder = await mkdtemp(join(tmpdir(), "quorate-what-if-"));
  const turnBack = world.time.kept();
  const snapshot = await world.inTurn(() => world.node.request("evm_snapshot"));
  try {
    copyDatabase(databaseFile(dataDir), databaseFile(folder));
    copySealKey(dataDir, folder);
    const store = await openStore({ dataDir: folder });
    const faults: string[] = [];
    const people = await openPeopleLog(store, options.policy ?? policy);
    const parts = {
      ...{ policy: people.policy, people },
      store,
      chains: changed(chains, options),
      builds,
      clock: world.time,
      platforms: options.printer === undefined ? [] : [options.printer],
      rules: options.rules ?? stage.rules,
      blocksOnDemand: true,
      onFault: (_where: string, fault: unknown) =>
        void faults.push(fault instanceof Error ? fault.message : String(fault)),
    };
    const quorate = compose(parts);
    try {
      await quorate.settle();
      return await work({ quorate, store, database: databaseFile(folder), faults, parts, dataDir: folder });
    } finally {
      await quorate.stop();
      await store.close();
    }
  } finally {
    await world.inTurn(() => world.node.request("evm_revert", snapshot));
    turnBack();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The same as a stage of its own, on which a script is played that may itself stop the bot and start it again. */
export function onBranch<T>(stage: Stage, options: BranchOptions, play: (branch: Stage) => Promise<T>): Promise<T> {
  const printer = stage.printer.again();
  return whatIf(stage, { watches: true, ...options, printer }, async ({ quorate, store, faults, parts, dataDir }) => {
    const { policy, chains } = parts;
    const running = { ...stage.running, policy, chains, store, dataDir };
    const branch = stageOn({ running, parts, quorate, printer, faults, nodes: stage.nodes });
    try {
      return await play(branch);
    } finally {
      for (const node of stage.nodes) node.recovers();
      await branch.stop();
    }
  });
}

function changed(chains: Chains, { chain, watches = false }: BranchOptions): Chains {
  return {
    ids: chains.ids,
    get(id) {
      const real = chains.get(id);
      const silence = () => () => undefined;
      const deaf: Partial<Chain> = watches ? {} : { onHead: silence, onBlock: silence };
      return Object.assign(Object.create(real) as Chain, deaf, chain?.(real));
    },
  };
}
