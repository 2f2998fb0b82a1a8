import { encodeFunctionData, parseAbi } from "viem";
import type { Address } from "../domain/primitives.ts";
import { OffScript } from "./council.ts";
import { closed, type Scenario, slowNodes } from "./scenario.ts";
import { CEREMONY, type Stage } from "./stage.ts";
import { pilotRuns, rollBack } from "./steps.ts";
import { sentBy } from "./tampered/world.ts";

const ceremony = CEREMONY;

export const hotfix: Scenario = {
  name: "hotfix",
  summary:
    "Somebody upgrades the vault behind the council's back: paged, frozen for the target, taken back, settled by two.",
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
  },
  opening: pilotRuns,
  async play(stage) {
    const { council, printer } = stage;
    const { world } = stage.running;
    printer.heading("The vault is given other code, by the timelock's own hand and through no package");
    await upgraded(stage, world.implementations.vaultV2BackDoor);
    const name = await openIncident(stage);
    await stage.reaches("held");
    await stage.paged(new RegExp(`${name}: `));

    printer.heading("What goes on at that target?");
    await council.refusedTo("dev", "canary", { action: "advance", ceremony });
    await council.refusedTo("dev", "canary", { action: "start", ceremony, reason: "It looks fine to me." });
    await rollBack(stage, "Nobody knows what runs there.");
    const again = { target: "harbour", release: "2.0.0" };
    await council.refusedTo("ada", "propose", { ...again, rationale: "Business as usual." });
    await council.actAs("ada", "propose", { ...again, rationale: `Puts right what ${name} is about.` });

    printer.heading("Put back, which is no less outside of any package");
    await upgraded(stage, world.implementations.vaultV1);
    for (const open of stage.quorate.blocks.incidents().map((one) => one.incident)) await settled(stage, open);
    if (stage.quorate.blocks.incidents().length > 0) throw new OffScript("An incident that two settled is still open.");
    return [
      "The upgrade behind the council's back was found in its block, paged, and held everything on that target",
      "Only rolling back and a package that names the incident went on, until two people had settled it",
    ];
  },
};

const abi = parseAbi(["function upgradeToAndCall(address implementation, bytes data) payable"]);

async function upgraded({ running, quorate }: Stage, implementation: Address): Promise<void> {
  const { world } = running;
  await sentBy(world, world.timelock, world.vault, encodeFunctionData({ abi, args: [implementation, "0x"] }));
  await quorate.settle();
}

async function openIncident({ quorate }: Stage): Promise<string> {
  const [incident, ...more] = quorate.blocks.incidents();
  if (incident === undefined || more.length > 0)
    throw new OffScript(`There should be one incident, and there are ${more.length + (incident ? 1 : 0)}.`);
  return incident.incident;
}

async function settled({ council, quorate }: Stage, incident: string): Promise<void> {
  const said = { incident, reason: "The timelock's owners looked at it, and the old code is back." };
  await council.actAs("caro", "settle", said);
  await council.refusedTo("caro", "settle", said);
  if (!quorate.blocks.incidents().some((one) => one.incident === incident))
    throw new OffScript(`One person alone settled ${incident}.`);
  await council.actAs("dev", "settle", said);
}
