import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startWorld } from "../../src/embedded/world.ts";
import type { StoreLocation } from "../../src/store/open-store.ts";
import { type LogOutcome, logOutcome } from "../support/crash-outcome.ts";
import { driveCeremony } from "../support/live-ceremony.ts";
import { quietBlocks, startLive } from "../support/live-quorate.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";

let postgres: TestPostgres;
let dataDir: string;
beforeAll(async () => {
  postgres = await startPostgres();
  dataDir = await mkdtemp(join(tmpdir(), "quorate-engines-"));
});
afterAll(async () => {
  await postgres?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

/** One whole ceremony on a chain of its own. */
async function logWith(place: StoreLocation): Promise<LogOutcome> {
  await using world = await startWorld();
  const blocks = await quietBlocks(world);
  const where = "dataDir" in place ? { QUORATE_DATA: place.dataDir } : { DATABASE_URL: place.databaseUrl };
  const live = await startLive({ environment: { ...where, [`RPC_${world.chainId}`]: world.url }, world });
  try {
    expect((await driveCeremony(live.stage)).status).toBe("closed");
    expect(live.faults).toEqual([]);
  } finally {
    await live.stop();
    await blocks.stop();
  }
  return logOutcome(place);
}

test("a ceremony with DATABASE_URL leaves the log that it leaves in a data folder", async () => {
  const [inFolder, inPostgres] = await Promise.all([
    logWith({ dataDir }),
    logWith({ databaseUrl: await postgres.createDatabase() }),
  ]);
  expect(inPostgres.events).toEqual(inFolder.events);
  expect(inPostgres.events.at(-1)).toBe("closed");
  expect(inPostgres.faults).toEqual([]);
  expect({ worked: inPostgres.worked, open: inPostgres.open }).toEqual({ worked: inFolder.worked, open: 0 });
  expect(new Set(inPostgres.samples.map((one) => one.split(" ")[0]))).toEqual(
    new Set(inFolder.samples.map((one) => one.split(" ")[0])),
  );
}, 300_000);
