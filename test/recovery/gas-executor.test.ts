/** The gas key executes, and the program is killed around everything that is written for it: the same bytes leave once. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { embeddedGasAccount } from "../../src/embedded/people.ts";
import { tradeOnce } from "../../src/embedded/trade.ts";
import { type World, worldAddresses } from "../../src/embedded/world.ts";
import { bundleChild, liveThrough, type Program } from "../support/crash-lives.ts";
import { logOutcome, rawRpc } from "../support/crash-outcome.ts";
import { gasPolicies, letGasKeyExecute } from "../support/gas-world.ts";

let program: Program;
let policies: Awaited<ReturnType<typeof gasPolicies>>;
beforeAll(async () => {
  [program, policies] = await Promise.all([bundleChild(), gasPolicies()]);
}, 120_000);
afterAll(async () => {
  await program?.remove();
  await policies?.remove();
});

/** A block follows: in the first one that the program sees, the grant would be somebody's doing behind the council's back. */
async function grantedBefore(world: World): Promise<void> {
  await letGasKeyExecute(world);
  await tradeOnce(world);
}

/** From the word of the executor to the chain. The gas account has sent two schedules before. */
const points = [
  "append executionStarted.1 + executionRequested.1",
  "append executorSent.1",
  "complete execute-by-gas pilot",
  `broadcast 2 to ${worldAddresses(31337).timelock.toLowerCase()}`,
];

test("killed before and after each of them, it executes once, and closes", async () => {
  const deaths = points.flatMap((point) => [`before ${point}`, `after ${point}`]);
  const ceremony = await liveThrough(program, { deaths, policies: policies.folder, prepare: grantedBefore });
  try {
    expect(new Set(ceremony.died)).toEqual(new Set(deaths));
    const { events, open, faults } = await logOutcome({ dataDir: ceremony.dataDir });
    expect(events.filter((one) => /^(executorSent|executionFailed|legExecuted)/.test(one))).toEqual([
      "executorSent pilot upgrade by eve",
      "legExecuted pilot upgrade by eve",
      "executorSent main upgrade by eve",
      "legExecuted main upgrade by eve",
    ]);
    expect(events.at(-1)).toBe("closed");
    expect({ open, faults }).toEqual({ open: 0, faults: [] });
    // Two schedules, two executions, and the rejections of two presigned rollbacks and of the containments.
    const { url } = ceremony.world;
    expect(BigInt(String(await rawRpc(url, "eth_getTransactionCount", embeddedGasAccount.address, "latest")))).toBe(7n);
  } finally {
    await ceremony.remove();
  }
}, 600_000);
