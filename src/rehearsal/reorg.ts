import { OffScript } from "./council.ts";
import { donated } from "./outside.ts";
import { closed, running, type Scenario, waiting } from "./scenario.ts";
import { CEREMONY } from "./stage.ts";
import { breaks, pilotRuns } from "./steps.ts";

const ceremony = CEREMONY;
const start = { action: "start", ceremony, reason: "It never happened: the chain went another way." };

export const reorg: Scenario = {
  name: "reorg",
  summary:
    "An invariant breaks in blocks that are reorganised away: looked at again, cleared, and resumed on final blocks.",
  executor: "eve",
  release: "2.0.0",
  misleading: true,
  faults: /did not answer within|no longer in the chain/,
  promises: { ...closed, phases: { pilot: running, main: waiting }, guardianSent: 0n },
  opening: pilotRuns,
  async play(stage) {
    const { council, printer } = stage;
    const { world, store } = stage.running;
    printer.heading("The pool is given more than it may hold");
    await donated(world, "100000");
    await stage.wait(30n, 2);
    await breaks(stage, "pilot-cash", "dev");

    printer.heading("The chain goes another way: three blocks were never there");
    await world.inTurn(() => world.node.request("anvil_rollback", 3));
    await stage.wait(40n, 4);
    const rows = await store.samples(CEREMONY, "pilot-cash");
    if (rows.some((one) => one.verdict === "fail")) throw new OffScript("What was reorganised away still counts.");
    await stage.reaches("held");
    await stage.wait(60n, 6);
    const { breaches } = await stage.reaches("held");
    if (breaches.some((one) => one.open)) throw new OffScript("The chain that holds does not clear the breach.");

    printer.heading("Nothing goes on before blocks are final");
    await council.refusedTo("dev", "canary", { action: "advance", ceremony });
    await stage.wait(600n, 20);
    for (const person of ["ben", "caro"] as const) await council.actAs(person, "canary", start);
    await stage.reaches("held");
    await council.actAs("dev", "canary", start);
    await stage.reaches("canary");
    return [
      "What was measured in blocks that are gone no longer counts, and what it had spent is not given back",
      "The breach was cleared by the chain that holds, and a quorum went on from final blocks",
    ];
  },
};
