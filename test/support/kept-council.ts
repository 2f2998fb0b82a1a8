/** A council that came so far once in a file: each test finds it as it was then, and leaves nothing behind. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EmbeddedOptions, type EmbeddedQuorate, embeddedOn, startEmbedded } from "../../src/embedded-mode.ts";
import { copyDatabase } from "../../src/store/copy-database.ts";
import { databaseFile, openStore } from "../../src/store/open-store.ts";
import { copySealKey } from "../../src/store/seal-key.ts";
import { type CouncilOptions, councilIn, type TestCouncil } from "./embedded.ts";

export interface KeptCouncil {
  /**
   * The same council anew: the log, the database and the chain as `prepare` left them, and a bot that was started on them
   * just now. The one before is over; `stop` of the new one ends it.
   */
  anew(): Promise<TestCouncil>;
  stop(): Promise<void>;
}

/** Lets a council come so far by `prepare`, and keeps what is there then. Its own `store` and `chains` stay open. */
export async function keepCouncil(
  options: CouncilOptions,
  prepare: (council: TestCouncil) => Promise<unknown>,
): Promise<KeptCouncil> {
  let first: EmbeddedQuorate | undefined;
  const origin = await councilIn(async (given) => {
    first = await startEmbedded(given);
    return first;
  }, options);
  if (first === undefined) throw new Error("The council did not start.");
  const { world, chains, builds, policy } = first;
  const folder = await mkdtemp(join(tmpdir(), "quorate-kept-"));
  await prepare(origin);
  await origin.quorate.settle();
  await origin.quorate.stop();
  const turnBack = world.time.kept();
  let snapshot = await world.inTurn(() => world.node.request("evm_snapshot"));
  copyDatabase(databaseFile(origin.dataDir), databaseFile(folder));
  copySealKey(origin.dataDir, folder);

  async function begin(given: EmbeddedOptions): Promise<EmbeddedQuorate> {
    const dataDir = await mkdtemp(join(tmpdir(), "quorate-anew-"));
    copyDatabase(databaseFile(folder), databaseFile(dataDir));
    copySealKey(folder, dataDir);
    const store = await openStore({ dataDir });
    const bot = await embeddedOn({ world, chains, builds, store, dataDir, files: policy }, given);
    return {
      ...bot,
      async stop() {
        await bot.quorate.stop();
        await store.close();
        await rm(dataDir, { recursive: true, force: true });
        await world.inTurn(() => world.node.request("evm_revert", snapshot));
        // A snapshot is gone once it was gone back to.
        snapshot = await world.inTurn(() => world.node.request("evm_snapshot"));
        turnBack();
      },
    };
  }
  return {
    async anew() {
      const council = await councilIn(begin, options);
      await council.quorate.settle();
      return council;
    },
    async stop() {
      await origin.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
