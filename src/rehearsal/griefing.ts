import { encodeFunctionData, parseAbi, parseEther } from "viem";
import { system } from "../domain/events.ts";
import { users } from "../embedded/traders.ts";
import { OffScript } from "./council.ts";
import { donated, drained } from "./outside.ts";
import { closed, running, type Scenario, slowNodes, waiting } from "./scenario.ts";
import type { Stage } from "./stage.ts";
import { breaks, pilotRuns } from "./steps.ts";
import { sentBy, stranger } from "./tampered/world.ts";

export const griefing: Scenario = {
  name: "griefing",
  summary:
    "A stranger with money tries to trip the automatic pause: what they can move pages, and pauses nothing; a true hole does.",
  executor: "eve",
  release: "2.0.0",
  misleading: true,
  faults: slowNodes,
  promises: {
    ...closed,
    phases: { pilot: running, main: waiting },
    guardianSent: 1n,
    paused: ["pilotPool"],
    broken: ["solvency"],
  },
  opening: pilotRuns,
  async play(stage) {
    const { printer } = stage;
    printer.heading("What the check said of the invariants that are contained without a word");
    await checked(stage, "simulation/unmoved", "pilot-solvency");
    await checked(stage, "simulation/griefable", "pilot-cash");

    printer.heading("A stranger deposits, withdraws, borrows and gives: the pool has what it owes");
    await trades(stage);
    await donated(stage.running.world, "1000");
    await stage.wait(90n, 3);
    await stage.reaches("canary");

    printer.heading("The stranger gives so much that an invariant fails");
    await donated(stage.running.world, "100000");
    await breaks(stage, "pilot-cash", "dev");
    await stage.wait(180n, 6);
    const { containment } = await stage.reaches("held");
    if (containment !== undefined) throw new OffScript("A stranger had the pool paused.");

    printer.heading("The pool is emptied by a hole in it, which is no stranger's doing");
    await drained(stage.running.world, "104000");
    const { containment: sent } = await stage.becomes("contained");
    if (sent?.by !== system.person) throw new OffScript("It should have been paused without anybody's word.");
    return [
      "The check named the invariant that a stranger could bring about, and the one that none could",
      "Brought about by a stranger, it called people and stopped the ceremony, and nothing was paused without a word",
      "What no stranger could bring about was paused at once, by what the guardians had signed before",
    ];
  },
};

async function checked({ state, printer }: Stage, code: string, metric: string): Promise<void> {
  const { check } = await state();
  const found = check?.findings.find((one) => one.code === code && one.evidence.includes(metric));
  if (found === undefined) throw new OffScript(`The check does not say ${code} of ${metric}.`);
  printer.say(found.message);
}

const abi = parseAbi([
  "function approve(address spender, uint256 amount)",
  "function deposit(uint256 assets)",
  "function withdraw(uint256 assets)",
  "function pledge(uint256 amount)",
  "function borrow(uint256 assets)",
]);

/** With what the last of the users has, who trades elsewhere. */
async function trades({ running: { world }, quorate }: Stage): Promise<void> {
  const from = users.at(-1) ?? stranger;
  const { asset, collateral, pilotPool } = world;
  const step = (to: `0x${string}`, functionName: "deposit" | "withdraw" | "pledge" | "borrow", amount: string) =>
    sentBy(world, from, to, encodeFunctionData({ abi, functionName, args: [parseEther(amount)] }));
  for (const token of [asset, collateral])
    await sentBy(
      world,
      from,
      token,
      encodeFunctionData({ abi, functionName: "approve", args: [pilotPool, parseEther("1000000")] }),
    );
  await step(pilotPool, "deposit", "1000");
  await step(pilotPool, "pledge", "100");
  await step(pilotPool, "borrow", "900");
  await step(pilotPool, "withdraw", "1000");
  await quorate.settle();
}
