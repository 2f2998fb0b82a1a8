/** How soon a breach is stopped: from the chain's judgement of a block to the node having the containment signed before. */

import { setTimeout as pause } from "node:timers/promises";
import { advanceTime } from "../../src/embedded/trade.ts";
import type { Chain } from "../../src/ports.ts";
import { whatIf } from "../../src/rehearsal/branch.ts";
import { drained } from "../../src/rehearsal/outside.ts";
import { createPrinter } from "../../src/rehearsal/printer.ts";
import { openStage, type Stage } from "../../src/rehearsal/stage.ts";
import { pilotRuns } from "../../src/rehearsal/steps.ts";
import { percentile } from "../chat/acks.ts";
import { monotonic } from "./live.ts";
import { ownPolicies } from "./policies.ts";

export interface Containments {
  containments: number;
  /** Milliseconds. */
  median: number;
  max: number;
}

const containments = 9;

/** It is done once a ceremony: program, log and chain are put back to before the breach each time. */
export async function measureContainments(): Promise<Containments> {
  const policies = await ownPolicies((metric) =>
    metric.id === "pilot-solvency" ? { ...metric, automatic: true } : metric,
  );
  const stage = await openStage({
    policies: policies.folder,
    printer: createPrinter(() => undefined, { colour: false }),
  });
  try {
    await pilotRuns(stage);
    await stage.pause();
    const times: number[] = [];
    // What is made at first use is made by the first.
    for (let nth = 0; nth <= containments; nth += 1) times.push(await contained(stage));
    const sorted = times.slice(1).sort((a, b) => a - b);
    return { containments, median: percentile(sorted, 50), max: percentile(sorted, 100) };
  } finally {
    await stage.stop();
    await policies.remove();
  }
}

async function contained(stage: Stage): Promise<number> {
  const { world } = stage.running;
  let decidedAt = Number.NaN;
  const accepted = Promise.withResolvers<number>();
  const timed = (real: Chain): Partial<Chain> => ({
    async evaluate(catalogue, at, tell) {
      const found = await real.evaluate(catalogue, at, tell);
      // Of the block that breaks it; later ones say the same.
      if (Number.isNaN(decidedAt) && found.verdicts.includes("fail")) decidedAt = monotonic();
      return found;
    },
    async broadcast(raw) {
      const hash = await real.broadcast(raw);
      accepted.resolve(monotonic() - decidedAt);
      return hash;
    },
  });
  return whatIf(stage, { watches: true, chain: timed }, async ({ quorate }) => {
    for (let block = 0; block < 3; block += 1) {
      await advanceTime(world, 12n, 1);
      await quorate.settle();
      // It is made ready between blocks.
      await pause(200);
    }
    await drained(world);
    const taken = await accepted.promise;
    await quorate.settle();
    const state = await quorate.ledger.load("UP-1");
    if (state?.status !== "contained") throw new Error(`It should be contained, and is ${state?.status}.`);
    return taken;
  });
}
