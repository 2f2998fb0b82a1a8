import { pad } from "viem";
import { system } from "../domain/events.ts";
import { OffScript } from "./council.ts";
import { balanceSlot, drained } from "./outside.ts";
import type { OtherState } from "./relay.ts";
import { closed, type Scenario, slowNodes } from "./scenario.ts";
import type { Stage } from "./stage.ts";
import { pilotRuns, rollBack } from "./steps.ts";

export const rpcLies: Scenario = {
  name: "rpc-lies",
  summary: "One of three nodes lies, first that all is broken, then that all is well: it pages, and decides nothing.",
  executor: "eve",
  release: "2.0.0",
  misleading: true,
  faults: slowNodes,
  promises: {
    ...closed,
    phases: {
      pilot: { runs: "old", upgrade: "executed", rollback: "executed" },
      main: { runs: "old", upgrade: "cancelled", rollback: "cancelled" },
    },
    guardianSent: 3n,
    paused: ["pilotPool"],
    broken: ["solvency"],
  },
  opening: pilotRuns,
  async play(stage) {
    const { printer, nodes } = stage;
    const [first, second] = nodes;
    printer.heading("One node says that the pool has nothing");
    second?.pretends(poolHas(stage, 0n));
    await stage.wait(180n, 6);
    await stage.paged(/Pilot pool solvency/);
    const { containment, breaches } = await stage.reaches("canary");
    if (containment !== undefined || breaches.some((one) => one.open))
      throw new OffScript("One node alone broke the invariant.");
    second?.recovers();
    await stage.wait(180n, 6);
    await stage.reaches("canary");

    printer.heading("The pool is emptied, and the node that is asked first says that all is well");
    first?.pretends(poolHas(stage, 10n ** 24n));
    await drained(stage.running.world);
    const { containment: sent } = await stage.becomes("contained");
    if (sent?.by !== system.person) throw new OffScript("The node that lied kept it from being contained.");
    await stage.paged(/BREACH/);
    first?.recovers();
    await rollBack(stage, "The pool was emptied.");
    return [
      "A node that alone said the pool was broken woke people, and contained nothing",
      "A node that alone said the pool was whole kept nothing from being contained: two of three agreed, and it was paused at once, as policy has it",
    ];
  },
};

/** The token, as it would be if the pilot pool had so much of it. */
function poolHas({ running: { world } }: Stage, amount: bigint): OtherState {
  const value = pad(`0x${amount.toString(16)}`, { size: 32 });
  return { [world.asset]: { stateDiff: { [balanceSlot(world.pilotPool)]: value } } };
}
