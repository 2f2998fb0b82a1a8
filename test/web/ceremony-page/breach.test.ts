/** A breach, its containment and the rollback, as the page tells them. */

import { inspect } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { nextSteps } from "../../../src/domain/why.ts";
import type { Somebody } from "../../support/embedded.ts";
import { part } from "./reading.ts";
import { type Stage, startStage } from "./stage.ts";

let stage: Stage;
const ceremony = "UP-1";
beforeAll(async () => {
  stage = await startStage();
  const { council } = stage;
  await council.as("ada", "propose", { target: "harbour", release: "2.0.1-leaky" });
  await council.as("ada", "check", { ceremony });
  await council.quorate.settle();
  for (const who of ["caro", "dev", "finn"] as const) await council.as(who, "approve", { ceremony });
  for (const who of ["caro", "dev", "finn"] as const) await council.as(who, "sign", { ceremony });
  await council.as("caro", "schedule", { ceremony });
  await council.quorate.settle();
  await council.advance(172_900n);
  await council.as("eve", "execute", { ceremony });
  await council.quorate.settle();
  await council.advance(180n, 6);
}, 120_000);
afterAll(async () => {
  await stage?.stop();
  expect(stage.faults).toEqual([]);
});

test("a breach is the first thing: in the status, in what is wanted, in a part of its own, and in the chart", async () => {
  const html = await stage.page();
  expect(part(html, "top")).toMatch(
    /✕ SEV1 breach Pilot pool solvency is [\d,]+ bps, and must be at least 10,000 bps \(block \d+\)\. Any guardian can contain it: /,
  );
  expect(html.indexOf('id="guarding"')).toBeLessThan(html.indexOf('id="package"'));
  expect(part(html, "guarding")).toMatch(
    /SEV1 pilot-solvency ✕ Open Pilot pool solvency is [\d,]+ bps.* \d+ on eip155:31337/,
  );
  expect(part(html, "canary")).toMatch(/Phase pilot ✕ \d+ failed samples .*Pilot pool solvency ✕ \d+ of \d+ failed/);
  const [chart = ""] = /<div class="chart" role="img" aria-label="Pilot pool solvency[\s\S]*?<\/svg>/.exec(html) ?? [];
  expect(chart).toMatch(
    /aria-label="[^"]*; [1-9]\d* failed\. What happened: executed at block \d+, breach at block \d+\./,
  );
  expect(chart).toContain('class="ink-bad"');
  expect(chart).toMatch(/✕</);
});

test("a breach is told as it was measured last, as the chart beside it shows it", async () => {
  const { council } = stage;
  const [breach] = (await council.state()).breaches;
  const [newest] = await council.store.samples(ceremony, "pilot-solvency", { newest: 1 });
  const words = `Pilot pool solvency is ${newest?.value?.toLocaleString("en")} bps, and must be`;
  expect(breach?.sentence).not.toContain(words);
  const html = await stage.page();
  expect(part(html, "top")).toContain(words);
  // What stands at the top is not said twice.
  expect(part(html, "wanted")).not.toContain("Any guardian can contain it");
  expect(part(html, "guarding")).toContain(`${newest?.blockNumber} on eip155:31337`);
  expect(html).toMatch(new RegExp(`aria-label="Pilot pool solvency[^"]*${newest?.value?.toLocaleString("en")} bps`));
  for (const command of ["status", "show", "why", "todo"])
    expect(inspect(await council.as("caro", command, command === "todo" ? {} : { ceremony }), { depth: 6 })).toContain(
      words,
    );
});

test("containment is told as on its way, or as read back, with who gave the word and why", async () => {
  const { council } = stage;
  await council.as("caro", "contain", { ceremony });
  await council.quorate.settle();
  const html = await stage.page();
  const [breach] = (await council.state()).breaches;
  expect(part(html, "guarding")).toContain(
    `✓ Contained, read back from the chain pause-pilot, by Caro: ${breach?.sentence} (block ${breach?.block.number})`,
  );
  expect(part(html, "timeline")).toMatch(/! Contained stopped, 20\S+ \S+ UTC/);
  expect(part(html, "signatures")).toMatch(/containment\/pause-pilot ✓ \d of 2 signatures ✓ Executed/);
});

test("rolled back, it names what is still to be made unusable, and ends once it is", async () => {
  const { council } = stage;
  await council.as("eve", "rollback", { ceremony, reason: "The pool is short" });
  await council.quorate.settle();
  const html = await stage.page();
  expect(part(html, "top")).toMatch(/[!✕] rolled back /);
  expect(part(html, "guarding")).toContain("Rolled back pilot, by Eve: The pool is short");
  expect(part(html, "wanted")).toContain("Still executable by anyone");
  expect(part(html, "signatures")).toMatch(
    /main\/upgrade ✓ 3 of 3 signatures ▸ Stands in the timelock ✕ Still executable by anyone/,
  );
  const [, step] = nextSteps(await council.state(), council.policy);
  for (const who of step?.who.slice(0, 2) ?? []) await council.as(who as Somebody, "sign", { ceremony });
  await council.quorate.settle();
  const after = await stage.page();
  expect(part(after, "signatures")).not.toContain("Still executable");
  expect(part(after, "signatures")).toMatch(/main\/upgrade .*Cancelled in the timelock/);
  expect(part(after, "top")).not.toContain("Keep it up to date");
});
