/** Ways out that no longer work: seen before anybody needs them, and what people do then. */

import { encodeFunctionData, parseAbi } from "viem";
import { embeddedPeople } from "../embedded/people.ts";
import { OffScript } from "./council.ts";
import { drained, sentBySafe } from "./outside.ts";
import { closed, type Scenario, slowNodes } from "./scenario.ts";
import { CEREMONY, type Stage } from "./stage.ts";
import { breaks, pilotRuns, rollBack } from "./steps.ts";
import { replaceCode, sentBy, stranger } from "./tampered/world.ts";

const ceremony = CEREMONY;
const abi = parseAbi([
  "function swapOwner(address before, address old, address next)",
  "function getOwners() view returns (address[])",
  "function pause()",
]);

const takenBack = {
  pilot: { runs: "old", upgrade: "executed", rollback: "executed" },
  main: { runs: "old", upgrade: "cancelled", rollback: "cancelled" },
} as const;

export const brokenExit: Scenario = {
  name: "broken-exit",
  summary:
    "A guardian is swapped, then the guardians' nonce is used: both seen in their block, paged; what can be is mended.",
  executor: "eve",
  release: "2.0.0",
  misleading: true,
  faults: slowNodes,
  promises: { ...closed, phases: takenBack, guardianSent: 3n },
  opening: pilotRuns,
  async play(stage) {
    const { council, printer, quorate } = stage;
    const { world } = stage.running;
    printer.heading("Dev is swapped for somebody else in the guardian Safe, as by a module");
    await swapped(stage, embeddedPeople.dev.address, stranger);
    await red(stage, "pause-pilot");
    await council.reads("caro", "exits", { ceremony });
    printer.heading("Dev is back");
    await swapped(stage, stranger, embeddedPeople.dev.address);
    await green(stage);

    printer.heading("The guardians send another transaction: what they signed before is dead");
    await sentBySafe(world, world.guardianSafe, ["caro", "gus"], { to: world.guardianSafe, data: "0x" });
    await quorate.settle();
    await red(stage, "pause-pilot");
    await council.refusedTo("caro", "contain", { ceremony, reason: "Better paused." });
    await rollBack(stage, "There is no pausing it any more.");
    return [
      "Every broken way out was seen in its block, paged, and the way that was mended was said to be whole again",
      "The way out that could not be mended left the other one, and it was taken",
    ];
  },
};

async function swapped({ running: { world }, quorate }: Stage, old: `0x${string}`, next: `0x${string}`): Promise<void> {
  const data = encodeFunctionData({ abi, functionName: "getOwners" });
  const answer = String(await world.node.request("eth_call", { to: world.guardianSafe, data }, "latest"));
  const owners = (answer.slice(2).match(/.{64}/g) ?? []).slice(2).map((word): `0x${string}` => `0x${word.slice(24)}`);
  const before =
    owners[owners.indexOf(old.toLowerCase() as `0x${string}`) - 1] ?? "0x0000000000000000000000000000000000000001";
  const swap = encodeFunctionData({ abi, functionName: "swapOwner", args: [before, old, next] });
  await sentBy(world, world.guardianSafe, world.guardianSafe, swap);
  await quorate.settle();
}

async function red(stage: Stage, exit: string): Promise<void> {
  const { lostExits } = await stage.state();
  if (!lostExits.some((one) => one.open && one.exit.endsWith(exit)))
    throw new OffScript(`${exit} would not work, and nobody noticed.`);
  await stage.paged(/No way out by/);
}

async function green(stage: Stage): Promise<void> {
  const { lostExits } = await stage.state();
  if (lostExits.some((one) => one.open)) throw new OffScript("A way out that works again is not said to.");
}

export const staleContainment: Scenario = {
  name: "stale-containment",
  summary:
    "The contract to be paused has other code than when the guardians signed: it reverts, and is signed anew by hand.",
  executor: "eve",
  release: "2.0.0",
  misleading: true,
  faults: /containment|GS013|revert|did not answer within/i,
  promises: { ...closed, phases: takenBack, guardianSent: 3n, paused: ["pilotPool"], broken: ["solvency"] },
  opening: pilotRuns,
  async play(stage) {
    const { printer, quorate } = stage;
    const { world } = stage.running;
    printer.heading("The pilot pool stands there with other code");
    await replaceCode(world.node, world.pilotPool, world.mainPool);
    await stage.wait(60n, 2);
    await red(stage, "pause-pilot");

    printer.heading("The pool is emptied: what would have paused it by itself reverts");
    await drained(world);
    await breaks(stage, "pilot-solvency", "dev");
    const history = await quorate.ledger.history(CEREMONY);
    if (!history.some((one) => one.type === "containmentFailed"))
      throw new OffScript("Nobody was told that the containment failed.");

    printer.heading("The guardians sign it anew, by hand");
    const pause = encodeFunctionData({ abi, functionName: "pause" });
    await sentBySafe(world, world.guardianSafe, ["caro", "gus"], { to: world.pilotPool, data: pause });
    await stage.wait(60n, 2);
    await stage.becomes("contained");
    await rollBack(stage, "The pool was emptied.");
    return [
      "What was signed for other code reverted on the chain and was told; contained was only what the chain showed",
    ];
  },
};
