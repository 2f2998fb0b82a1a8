/** The other three classes of invariants, each broken by a release that every gate lets through. */

import { encodeFunctionData, parseAbi, stringToHex } from "viem";
import type { InvariantName } from "./judge-invariants.ts";
import { closed, type Scenario } from "./scenario.ts";
import type { Stage } from "./stage.ts";
import { approve, breaks, contain, execute, passDelay, proposeAndCheck, rollBack, schedule, sign } from "./steps.ts";
import type { ReleaseName } from "./subjects.ts";
import { sentBy, stranger } from "./tampered/world.ts";

interface Class {
  name: string;
  summary: string;
  release: ReleaseName;
  metric: string;
  broken: InvariantName;
  /** Why it is rolled back, as the executor says it. */
  reason: string;
  /** Brings it about, after the execution. */
  happens(stage: Stage): Promise<void>;
}

/** The vault and the price feed are upgraded in the phase main: it is executed, broken, paused and taken back. */
function breachOf({ name, summary, release, metric, broken, reason, happens }: Class): Scenario {
  return {
    ...{ name, summary, release, executor: "eve" },
    promises: {
      ...closed,
      phases: { main: { runs: "old", upgrade: "executed", rollback: "executed" } },
      councilSent: 2n,
      guardianSent: 1n,
      paused: ["vault"],
      broken: [broken],
    },
    async play(stage) {
      await proposeAndCheck(stage, "ada", release);
      await approve(stage, ["caro", "dev", "finn"]);
      await sign(stage, ["caro", "dev", "finn"]);
      await schedule(stage, "caro");
      await passDelay(stage);
      await execute(stage, "eve");
      await happens(stage);
      await breaks(stage, metric, "dev");
      await contain(stage, "gus");
      await rollBack(stage, reason);
      return [`The breach of ${metric} paged on-call and stopped the ceremony; one guardian's word paused the vault`];
    },
  };
}

export const breachEconomic = breachOf({
  name: "breach-economic",
  summary: "New code gives shares away: the price of everybody else's falls, which is noticed, paused and taken back.",
  release: "2.0.2-inflating",
  metric: "vault-share-price",
  broken: "sharePrice",
  reason: "Shares are given away.",
  async happens(stage) {
    stage.printer.heading("People go on using the vault");
    await stage.wait(180n, 6);
  },
});

const abi = parseAbi(["function greet(bytes32 word)"]);

export const breachAuthorization = breachOf({
  name: "breach-authorization",
  summary: "New code has a back door that no gate can guess: a stranger who knows the word owns the vault.",
  release: "2.0.5-back-door",
  metric: "vault-owner",
  broken: "owner",
  reason: "The vault belongs to somebody else.",
  async happens(stage) {
    stage.printer.heading("Nothing shows at first");
    await stage.wait(180n, 6);
    await stage.reaches("canary");
    stage.printer.heading("A stranger says the word");
    const { world } = stage.running;
    const word = stringToHex("sesame", { size: 32 });
    await sentBy(world, stranger, world.vault, encodeFunctionData({ abi, args: [word] }));
  },
});

export const breachLiveness = breachOf({
  name: "breach-liveness",
  summary: "New code forgets to date its prices: doubt uses the budget up, and an hour later nobody doubts any more.",
  release: "2.0.3-stale",
  metric: "price-age",
  broken: "priceAge",
  reason: "Nobody knows how old the price is.",
  async happens(stage) {
    stage.printer.heading("The price grows old, and is neither good nor bad");
    await stage.wait(2_400n, 24);
    await stage.reaches("canary");
    stage.printer.heading("An hour later");
    await stage.wait(1_500n, 15);
  },
});
