/** A phase of two legs: the wallet sends one after the other, and the second only once the first has run. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { canonicalJson } from "../../../src/domain/canonical.ts";
import { upgradePreconditions } from "../../../src/domain/preconditions.ts";
import { proxyChanges, type ReleasePackage } from "../../../src/domain/release-package.ts";
import { sentence, walk } from "../../support/embedded.ts";
import { type LinkedStage, startLinkedStage } from "./linked-stage.ts";

let stage: LinkedStage;
beforeAll(async () => {
  stage = await startLinkedStage();
  const { council } = stage;
  const { package: pkg } = await walk(council, "drafted");
  const by = { person: "ada", account: "console:ada" };
  const outcome = await council.quorate.services.propose(
    by,
    { kind: "file", text: canonicalJson(together(pkg)) },
    "UP-1",
  );
  if (!outcome.ok) throw new Error(outcome.refusal.sentence);
  await walk(council, "ready", "drafted");
});
afterAll(() => stage?.stop());

/** Both legs in one phase, with the window of the last. */
function together(pkg: ReleasePackage): ReleasePackage {
  const last = pkg.phases.at(-1);
  if (last === undefined) throw new Error("There is no phase.");
  const { window } = last;
  return {
    ...pkg,
    legs: pkg.legs.map((leg) => ({
      ...leg,
      preconditions: upgradePreconditions(leg.chain, window, proxyChanges(leg)),
    })),
    phases: [
      {
        ...last,
        id: "all",
        legs: pkg.legs.map((leg) => leg.id),
        exposure: { ...last.exposure, contracts: pkg.phases.flatMap((one) => one.exposure.contracts) },
      },
    ],
  };
}

test("the legs are sent in their order, each from its own button, and the phase is executed with the last", async () => {
  const { council } = stage;
  const visit = await stage.connected("eve", await stage.token("eve", "execute"));
  const { page, wallet } = visit;
  await page.getByText(/All \d+ comparisons agree\./).waitFor();
  const button = (number: number) => page.getByRole("button", { name: `Send ${number}`, exact: true });
  expect(await page.locator(".item").count()).toBe(2);
  expect(await button(2).isEnabled()).toBe(false);
  await page.locator(".item").nth(1).getByText("After the one before it has run.").waitFor();
  await button(1).click();
  await page.locator(".item").first().getByText("It ran: read back from the timelock.").waitFor();
  await expect.poll(async () => (await council.state()).executedLegs.map((one) => one.leg)).toEqual(["pilot"]);
  expect((await council.state()).status).toBe("executing");
  await button(2).click();
  await page.getByText("Everything that you were to send has run.").waitFor();
  await expect.poll(async () => (await council.state()).status).toBe("canary");
  expect((await council.state()).executedLegs).toMatchObject([
    { leg: "pilot", person: "eve" },
    { leg: "main", person: "eve" },
  ]);
  expect(wallet.sendRequests()).toHaveLength(2);
  expect(visit.faults).toEqual([]);
  expect(sentence(await council.ask("eve", "execute", { ceremony: "UP-1" }))).toMatch(/^UP-1 is under its canary/);
});
