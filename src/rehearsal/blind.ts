/** Nodes that tell nothing of the chain: what is not seen is never taken for good. */

import type { CeremonyState } from "../domain/ceremony.ts";
import { OffScript } from "./council.ts";
import type { OtherState } from "./relay.ts";
import { closed, running, type Scenario, slowNodes, waiting } from "./scenario.ts";
import { CEREMONY, type Stage } from "./stage.ts";
import { pilotRuns } from "./steps.ts";

const ceremony = CEREMONY;
const advance = { action: "advance", ceremony };
const start = { action: "start", ceremony, reason: "The nodes are back, and the pool is whole." };

export const silentCanary: Scenario = {
  name: "silent-canary",
  summary:
    "Hardly anything that is measured can be read any more: never promoted, paged, held once the budget is spent.",
  executor: "eve",
  release: "2.0.0",
  misleading: true,
  faults: slowNodes,
  promises: { ...closed, phases: { pilot: running, main: waiting }, guardianSent: 0n },
  opening: pilotRuns,
  async play(stage) {
    const { council, printer, nodes } = stage;
    printer.heading("The nodes give blocks, and have lost the contracts that measure");
    await stage.pause();
    stage.resume("listens");
    await stage.wait(30n, 1);
    for (const node of nodes) node.pretends(nothingThere(stage));
    await stage.wait(300n, 5);
    await stage.paged(UNWATCHED);
    await council.refusedTo("dev", "canary", advance);
    printer.heading("Half an hour later");
    await stage.wait(1_500n, 1);
    await stage.becomes("held");
    await council.refusedTo("dev", "canary", advance);
    await council.refusedTo("dev", "canary", start);

    printer.heading("They have them again");
    for (const node of nodes) node.recovers();
    await stage.wait(600n, 12);
    await stage.reaches("held");
    for (const person of ["ben", "caro"] as const) await council.actAs(person, "canary", start);
    await stage.reaches("held");
    await council.actAs("dev", "canary", start);
    await stage.reaches("canary");
    return [
      "Without a single reading the phase was not advanced, on-call was paged, and doubt used its budget up",
      "Measured again, it went on only once a quorum had extended the budget",
    ];
  },
};

/** How a page says that nothing is measured. */
const UNWATCHED = /(could not|cannot) be measured|unwatched|without a reading|not (been )?measured/i;

export const rpcHalt: Scenario = {
  name: "rpc-halt",
  summary:
    "The nodes stop at one block: stale is not fine, somebody is paged, and every block is made up for afterwards.",
  executor: "eve",
  release: "2.0.0",
  misleading: true,
  faults: slowNodes,
  promises: {
    ...closed,
    phases: { pilot: { ...running }, main: waiting },
    guardianSent: 0n,
  },
  opening: pilotRuns,
  async play(stage) {
    const { council, printer, nodes } = stage;
    printer.heading("The chain goes on, and the nodes show nothing of it");
    await stage.pause();
    stage.resume("listens");
    await stage.wait(30n, 1);
    for (const node of nodes) await node.freezes();
    const before = await stage.state();
    for (let minutes = 1; minutes <= 5; minutes += 1) {
      await stage.wait(70n, 1);
      await stage.until(async () => (await staleSamples(stage)) >= minutes, "Silence is not noticed.");
    }
    await stage.paged(UNWATCHED);
    await council.refusedTo("dev", "canary", advance);
    sameAs(before, await stage.state());

    printer.heading("They show it again");
    await stage.pause();
    for (const node of nodes) node.recovers();
    stage.resume();
    await stage.wait(300n, 10);
    await everyBlockMeasured(stage);
    await stage.wait(360n, 14);
    await council.actAs("dev", "canary", advance);
    await stage.reaches("scheduled", "ready");
    return [
      "While the nodes stood still nothing advanced and nothing was cleared, and on-call was paged",
      "Afterwards every block that was missed was measured, once",
    ];
  },
};

function sameAs(before: CeremonyState, now: CeremonyState): void {
  if (now.status !== before.status || now.currentPhase !== before.currentPhase)
    throw new OffScript(`Unseen it went from ${before.status} to ${now.status}.`);
}

/** Code that reverts, whatever it is asked. */
const REVERTS = "0x60006000fd";

/** Without the gauges and the token nothing can be said of solvency, cap, price and cash. */
function nothingThere({ running: { world } }: Stage): OtherState {
  return Object.fromEntries([world.gauges, world.asset].map((one) => [one, { code: REVERTS }]));
}

async function staleSamples({ running: { store } }: Stage): Promise<number> {
  return (await store.samples(CEREMONY, "pilot-solvency")).filter((one) => one.verdict === "stale").length;
}

/** One sample of what stops the phase in each block since its execution. */
async function everyBlockMeasured({ running: { store, world }, state }: Stage): Promise<void> {
  const { phases } = await state();
  const from = phases.find((one) => one.executedAt !== undefined)?.executedAt?.number ?? 0n;
  const to = BigInt(String(await world.node.request("eth_blockNumber")));
  const rows = (await store.samples(CEREMONY, "pilot-solvency")).filter((one) => one.verdict === "pass");
  const numbers = rows.map((one) => one.blockNumber);
  for (let number = from; number <= to; number += 1n) {
    const count = numbers.filter((one) => one === number).length;
    if (count !== 1) throw new OffScript(`Block ${number} was measured ${count} times.`);
  }
}
