import { closed, type Scenario } from "./scenario.ts";
import { approve, execute, passCanary, passDelay, proposeAndCheck, schedule, sign, windDown } from "./steps.ts";

export const clean: Scenario = {
  name: "clean",
  summary: "An honest upgrade, from draft to closed through two canary phases.",
  executor: "eve",
  release: "2.0.0",
  promises: closed,
  async play(stage) {
    await proposeAndCheck(stage, "ada", "2.0.0");
    await approve(stage, ["ben", "caro", "dev"]);
    await sign(stage, ["ben", "caro", "dev"]);
    await schedule(stage, "ben");
    await passDelay(stage);
    await execute(stage, "eve");
    await passCanary(stage, "ben");
    await stage.reaches("ready");
    await execute(stage, "eve");
    await passCanary(stage, "ben");
    await windDown(stage, ["caro", "dev"]);
    await stage.reaches("closed");
    return ["Each phase was advanced only after its clean window; before it, advancing was refused"];
  },
};
