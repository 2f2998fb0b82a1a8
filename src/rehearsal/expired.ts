import { OffScript } from "./council.ts";
import { executeBatchData, operationsOf, revertOf } from "./raw-chain.ts";
import { closed, type Scenario } from "./scenario.ts";
import { CEREMONY } from "./stage.ts";
import { approve, passDelay, proposeAndCheck, schedule, sign, windDown } from "./steps.ts";
import { subjectsOf } from "./subjects.ts";

export const expired: Scenario = {
  name: "expired",
  summary: "Approved, signed and scheduled, and then nobody executes it in time.",
  executor: "eve",
  release: "2.0.0",
  promises: {
    ...closed,
    phases: {
      pilot: { runs: "old", upgrade: "cancelled", rollback: "cancelled" },
      main: { runs: "old", upgrade: "cancelled", rollback: "cancelled" },
    },
    guardianSent: 4n,
    tooLate: true,
  },
  async play(stage) {
    await proposeAndCheck(stage, "ada", "2.0.0");
    await approve(stage, ["ben", "caro", "dev"]);
    await sign(stage, ["ben", "caro", "dev"]);
    await schedule(stage, "ben");
    const { package: pkg } = await passDelay(stage);
    stage.printer.heading("The window passes");
    const end = pkg.phases[0]?.window.notAfter ?? 0n;
    const { timestamp } = await stage.running.chains.get(pkg.legs[0]?.chain ?? "eip155:31337").head();
    await stage.wait(end - timestamp + 60n, 12);
    await stage.reaches("expired");

    stage.printer.heading("Nobody can run it any more");
    await stage.council.refusedTo("eve", "execute", { ceremony: CEREMONY });
    const { url, timelock, executor } = subjectsOf(stage.running.world, "eve", "2.0.0");
    const [upgrade] = await operationsOf(url, timelock);
    const error = upgrade && (await revertOf(url, executor, timelock, executeBatchData(upgrade)));
    if (error !== "TooLate")
      throw new OffScript(`Past the bot the timelock answered ${error ?? "nothing"}, not TooLate.`);
    stage.printer.say(`Eve's wallet, past the bot, straight to the timelock: reverts with ${error}(…).`);

    await windDown(stage, ["caro", "dev"]);
    await stage.reaches("expired");
    return [
      "The bot refused to execute after the window, and so did the chain, in a call from the executor's own wallet",
    ];
  },
};
