import type { CeremonyState } from "../domain/ceremony.ts";
import { advanceTime } from "../embedded/trade.ts";
import type { World } from "../embedded/world.ts";
import type { Quorate } from "../main.ts";
import { whatIf } from "./branch.ts";
import { createCouncil, OffScript } from "./council.ts";
import { reopened } from "./repair.ts";
import { closed, type Scenario } from "./scenario.ts";
import { CEREMONY, type Stage } from "./stage.ts";
import { approve, breaks, contain, execute, passDelay, proposeAndCheck, rollBack, schedule, sign } from "./steps.ts";

const ceremony = CEREMONY;

export const breach: Scenario = {
  name: "breach",
  summary: "An upgrade that breaks an invariant: paged, contained, rolled back, and resumed by nobody alone.",
  executor: "eve",
  release: "2.0.1-leaky",
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
  async play(stage) {
    // Ben may approve as well, so that it is separation that keeps him, the author, from resuming.
    await proposeAndCheck(stage, "ben", "2.0.1-leaky");
    await approve(stage, ["caro", "dev", "finn"]);
    await sign(stage, ["caro", "dev", "finn"]);
    await schedule(stage, "caro");
    await passDelay(stage);
    await execute(stage, "eve");
    stage.printer.heading("The canary measures");
    await stage.wait(180n, 6);
    // Of severity 1: it takes all of the phase's budget, and a phase without one is held.
    await breaks(stage, "pilot-solvency", "dev");
    await contain(stage, "caro");
    await resumesForNobodyAlone(stage);
    await stage.council.refusedTo("ben", "rollback", { ceremony, reason: "My own code leaks." });
    await rollBack(stage, "The new pool credits more than it is given.");
    return [
      "The breach paged on-call, and stopped the next phase",
      "While it was broken nobody could resume; mended and opened again, the author and the container could still not, nor any one person alone",
    ];
  },
};

/**
 * Blocks keep coming. A bot that was started anew says of no breach that it is over before it knows that no block is missing:
 * that may be after the last of those that passed, and is told with the next one then.
 */
async function isOver({ ledger, settle }: Quorate, world: World): Promise<boolean> {
  for (let more = 0; ; more += 1) {
    const state = await ledger.load(ceremony);
    if (state !== undefined && !state.breaches.some((one) => one.open)) return true;
    if (more === 3) return false;
    await advanceTime(world, 60n, 1);
    await settle();
  }
}

async function resumesForNobodyAlone(stage: Stage): Promise<void> {
  stage.printer.heading("Who could resume?");
  const resume = { action: "start", ceremony, reason: "It looks fine to me." };
  for (const person of ["ada", "ben", "caro", "dev", "eve", "finn", "gus"] as const)
    await stage.council.refusedTo(person, "canary", resume);
  await stage.reaches("contained");

  stage.printer.heading("What if the pool were made whole and opened again? (tried out, then put back)");
  await stage.pause();
  await whatIf(stage, { watches: true, printer: stage.printer }, async ({ quorate }) => {
    const { policy, world } = stage.running;
    const council = createCouncil({ quorate: () => quorate, policy, url: world.url, printer: stage.printer });
    await reopened(world);
    await quorate.settle();
    if (!(await isOver(quorate, world)))
      throw new OffScript("The breach should be over once the pool has what it owes again.");
    for (const person of ["ada", "ben", "caro", "eve", "gus"] as const)
      await council.refusedTo(person, "canary", resume);
    await council.refusedTo("dev", "canary", resume);
    await council.actAs("dev", "check", { ceremony });
    await council.actAs("dev", "canary", resume);
    await council.refusedTo("dev", "canary", resume);
    stillContained(await quorate.ledger.load(ceremony));
  });
  stage.resume();
  stillContained(await stage.reaches("contained"));
}

function stillContained(state: CeremonyState | undefined): void {
  if (state?.status !== "contained") throw new OffScript(`One person alone resumed: it is ${state?.status}.`);
}
