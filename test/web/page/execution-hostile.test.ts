/** A server that lies to an executor: what does not add up is named, and what only the chain knows is read from the chain. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toJson } from "../../../src/domain/canonical.ts";
import type { ReleasePackage } from "../../../src/domain/release-package.ts";
import type { ExecutionBrief } from "../../../src/web/brief.ts";
import { readExecution } from "../../../src/web/page/execution.ts";
import { walk } from "../../support/embedded.ts";
import { first, packageOf } from "./lies.ts";
import { type LinkedStage, startLinkedStage } from "./linked-stage.ts";
import { connect } from "./stage.ts";

type Lie = (brief: ExecutionBrief) => unknown;

const stranger = "0x1111111111111111111111111111111111111111";
const otherHash = `0x${"5a".repeat(32)}` as const;
let stage: LinkedStage;
let truth: ExecutionBrief;
beforeAll(async () => {
  stage = await startLinkedStage();
  await walk(stage.council, "ready");
  truth = (await stage.desk.brief(await stage.token("eve", "execute"))) as ExecutionBrief;
});
afterAll(() => stage?.stop());

const withPackage =
  (change: (pkg: ReleasePackage) => void): Lie =>
  (brief) => {
    const pkg = packageOf(brief as never);
    change(pkg);
    return { ...brief, package: toJson(pkg) };
  };
/** A lie told well: the digest is made to fit it. */
const consistently =
  (lie: Lie): Lie =>
  (brief) => {
    const told = lie(brief) as ExecutionBrief;
    return { ...told, digest: readExecution(told).plan?.release.digest };
  };

async function visitWith(lie: Lie) {
  stage.server.brief = () => ({ status: 200, body: lie(truth) });
  return stage.open("eve", "a-link");
}

describe("found in what was sent", () => {
  test.each<[string, Lie, string]>([
    [
      "a changed call",
      withPackage((pkg) => {
        first(first(pkg.legs).calls).value = 1n;
      }),
      "The approval digest does not fit",
    ],
    ["another head of the log", (brief) => ({ ...brief, auditHead: otherHash }), "The approval digest does not fit"],
    [
      "a batch without its guards",
      consistently(
        withPackage((pkg) => {
          first(pkg.legs).preconditions = [];
        }),
      ),
      "lack a guard that every release carries",
    ],
    [
      "a rollback to somebody else's code",
      consistently(
        withPackage((pkg) => {
          first(pkg.legs).rollback.calls = first(pkg.legs).calls;
        }),
      ),
      "to install code that was not there before",
    ],
    [
      "legs of two phases",
      (brief) => ({ ...brief, legs: ["pilot", "main"] }),
      "The link asks for legs of several phases",
    ],
    ["one leg twice", (brief) => ({ ...brief, legs: ["pilot", "pilot"] }), "The link asks for one transaction twice."],
    ["no leg", (brief) => ({ ...brief, legs: [] }), "The link asks for no transaction at all."],
    [
      "a leg that does not exist",
      (brief) => ({ ...brief, legs: ["everything"] }),
      "No batch follows from what was sent",
    ],
    ["calldata of its own", (brief) => ({ ...brief, data: "0x" }), "What there is to send came malformed"],
  ])("%s", async (_name, lie, said) => {
    const visit = await visitWith(lie);
    const alert = visit.page.getByRole("alert").first();
    await alert.getByText(/^Do not (send|sign)\. What you were sent does not add up\.$/).waitFor();
    expect(await alert.textContent()).toContain(said);
    expect(await visit.page.getByRole("button", { name: /Connect|Send \d/ }).count()).toBe(0);
    expect(visit.wallet.requests).toEqual([]);
    expect(visit.faults).toEqual([]);
    await visit.close();
  });
});

describe("found on the chain", () => {
  test.each<[string, Lie, RegExp]>([
    [
      "a batch that the council never scheduled, told well",
      consistently((brief) => ({ ...brief, auditHead: otherHash })),
      /The timelock .* knows no operation 0x\w+: this batch was never scheduled, or it was cancelled\./,
    ],
    [
      "a phase before its turn, which is scheduled and not ready",
      (brief) => ({ ...brief, legs: ["main"] }),
      /The operation 0x\w+, which has to run before main, has not run yet\./,
    ],
    [
      "a rollback of what never ran",
      (brief) => ({ ...brief, purpose: "rollback" }),
      /has to run before pilot, has not run yet\./,
    ],
    [
      "a timelock that is none",
      consistently(
        withPackage((pkg) => {
          for (const { authority } of pkg.legs) if (authority.kind === "safe+timelock") authority.timelock = stranger;
        }),
      ),
      /State of the operation 0x\w+ of pilot in the timelock \(0x1111\w+\): not read\./,
    ],
    [
      "a link that was made for somebody else",
      (brief) => ({ ...brief, person: { id: "gus", name: "Gus", wallets: [stranger] } }),
      /The wallet's account 0x\w+ is not linked to Gus, for whom this link was made\./,
    ],
  ])("%s", async (_name, lie, said) => {
    const visit = await visitWith(lie);
    await connect(visit);
    const verdict = visit.page.locator(".verdict");
    expect(await verdict.textContent()).toMatch(said);
    expect(await visit.page.getByRole("button", { name: "Send 1", exact: true }).isEnabled()).toBe(false);
    expect(visit.wallet.sendRequests()).toEqual([]);
    expect(visit.faults).toEqual([]);
    await visit.close();
  });
});

test.each([
  ["eth_getBlockByNumber", "The time of the chain's newest block"],
  ["eth_getCode", "The new code of"],
  ["eth_call", "Whether your account may execute"],
])("what cannot be read by %s is not verified, and nothing is sent", async (broken, said) => {
  const visit = await visitWith((brief) => brief);
  visit.wallet.instead = ({ method }) => (method === broken ? { error: { code: -32601, message: "no" } } : undefined);
  await connect(visit);
  await visit.page.getByText("Not verified. Sending stays off until everything could be read.").waitFor();
  expect(await visit.page.locator(".verdict").textContent()).toContain(said);
  expect(await visit.page.getByRole("button", { name: "Send 1", exact: true }).isEnabled()).toBe(false);
  await visit.close();
});
