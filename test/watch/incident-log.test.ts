/** Incidents survive the program, and nobody takes one out unseen. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { databaseFile, type OpenedStore, openStore } from "../../src/store/open-store.ts";
import { openIncidentLog } from "../../src/watch/incident-log.ts";
import { by } from "../support/ceremony-driver.ts";
import { hashOf, mainnet, START, samplePolicy } from "../support/sample-council.ts";

const dataDir = mkdtempSync(join(tmpdir(), "quorate-incidents-"));
const policy = samplePolicy();
let store: OpenedStore;

beforeAll(async () => {
  store = await openStore({ dataDir });
});
afterAll(async () => {
  await store.close();
  rmSync(dataDir, { recursive: true });
});

const found = (incident: string) => ({
  ...{ incident, targets: ["harbour"], sentences: ["Vault was given new code."], sender: "Sent by nobody we know." },
  block: { chain: mainnet, number: 7n, hash: hashOf("block"), timestamp: START },
});
const page = (incident: string) => ({ kind: "page", key: `page:${incident}`, lane: "page", payload: { incident } });

test("an incident and its page are written together, once, and read back after a restart", async () => {
  const log = await openIncidentLog(store, policy);
  const see = { kind: "see", found: found("INC-00000001") } as const;
  const extras = () => ({ outbox: [page("INC-00000001")] });
  const both = await Promise.all([log.handle(see, 9n, extras), log.handle(see, 9n, extras)]);
  expect(both.map((one) => one.ok && one.events.length)).toEqual([1, 0]);
  expect(await store.open()).toBe(1);
  const again = await openIncidentLog(store, policy);
  expect(again.open()).toEqual([{ ...see.found, seenAt: 9n, supported: [], settled: false }]);
  expect(
    await again.handle({ kind: "settle", by: by("eve"), incident: "INC-00000001", note: "It was me." }, 10n),
  ).toMatchObject({
    ok: false,
  });
  expect((await store.read("incidents")).map((one) => one.type)).toEqual(["seen", "refused"]);
});

test("a log out of which an incident was taken is not believed", async () => {
  const database = new DatabaseSync(databaseFile(dataDir), { enableForeignKeyConstraints: false });
  database.exec("update events set data = replace(data, 'INC-00000001', 'INC-00000002') where stream = 'incidents'");
  database.close();
  await expect(openIncidentLog(store, policy)).rejects.toThrow(
    /^The log of incidents is not to be trusted: it has been tampered with: .*\. Nothing was started; run quorate audit verify\.$/,
  );
});
