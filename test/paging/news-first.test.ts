/** Whoever has to be called for something new does not wait for what is written about alerts that were told already. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type AlertDesk, createAlertDesk } from "../../src/alert-desk.ts";
import type { CeremonyState } from "../../src/domain/ceremony.ts";
import type { Store } from "../../src/ports.ts";
import { openStore } from "../../src/store/open-store.ts";
import { ceremonyAt } from "../support/given.ts";
import { hashOf, mainnet, START } from "../support/sample-council.ts";
import { WatchDriver } from "../support/watch-driver.ts";

let dataDir: string;
let store: Store;
let alerts: AlertDesk;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "quorate-news-"));
  store = await openStore({ dataDir });
  alerts = createAlertDesk({
    ...{ store, policy: new WatchDriver().policy, clock: { now: () => START } },
    ...{ platforms: () => ["slack"], pagers: [], wake: () => undefined },
    broken: (fault) => expect.unreachable(fault.message),
    onFault: (where, fault) => expect.unreachable(`${where}: ${fault}`),
  });
});
afterEach(async () => {
  await alerts.stop();
  await store.close();
  await rm(dataDir, { recursive: true, force: true });
});

const breachOf = (metric: string, open = true): CeremonyState["breaches"][number] => ({
  ...{ metric, severity: 1, containment: `pause-${metric}`, sentence: `The ${metric} is low`, value: "9871", open },
  block: { chain: mainnet, number: 7n, hash: hashOf("b"), timestamp: START },
});
/** On its way, and not yet read back. */
const containment = { id: "pause-solvency", by: "caro", reason: "It is low.", confirmed: false };

/** What is written of one more look at a ceremony, in order: each with its alert. */
async function written(state: CeremonyState): Promise<string[]> {
  const before = (await store.read("watch")).length;
  await alerts.follow(state);
  const since = (await store.read("watch")).slice(before).map(({ type, data }) => `${type} ${Object(data).alert}`);
  // The desk looks at the calendar by itself meanwhile.
  return since.filter((one) => !one.endsWith("undefined"));
}

test("a new breach is called before it is written what became of the one that was told", async () => {
  const { state } = ceremonyAt("canary");
  await alerts.follow({ ...state, breaches: [breachOf("solvency")] });
  expect(await written({ ...state, containment, breaches: [breachOf("solvency"), breachOf("liveness")] })).toEqual([
    "alertRaised alert-2",
    "paged alert-2",
    "containmentChanged alert-1",
  ]);
});

test("so is one that was over and fires again", async () => {
  const { state } = ceremonyAt("canary");
  const both = (liveness: boolean) => [breachOf("solvency"), breachOf("liveness", liveness)];
  await alerts.follow({ ...state, breaches: both(true) });
  await alerts.follow({ ...state, breaches: both(false) });
  expect(await written({ ...state, containment, breaches: both(true) })).toEqual([
    "conditionChanged alert-2",
    "paged alert-2",
    "containmentChanged alert-1",
  ]);
});
