import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { EventType } from "../../src/domain/events.ts";
import { type EmbeddedQuorate, startEmbedded } from "../../src/embedded-mode.ts";
import type { View } from "../../src/view.ts";
import { deliveryId, driveCeremony, type Stage } from "../support/live-ceremony.ts";
import { sampleBuilds } from "../support/sample-policy.ts";

let running: EmbeddedQuorate;
let stage: Stage;
beforeEach(async () => {
  running = await startEmbedded({
    policies: fileURLToPath(new URL("../../policies", import.meta.url)),
    builds: sampleBuilds(),
    blockMs: 3_600_000,
    platforms: [],
    onFault: (where, fault) => console.error(where, fault),
  });
  const { quorate, policy, chains, world } = running;
  const pass: Stage["pass"] = ({ seconds, blocks }) => running.advance(seconds, blocks);
  stage = { quorate, policy, chains, url: world.url, platform: "console", release: "2.0.0", pass };
});
afterEach(() => running?.stop());

function press(account: string, command: string, options: Record<string, string> = {}, id = deliveryId(command)) {
  return running.quorate.dispatch({ command, options, account, deliveryId: id }, () => undefined);
}

const until = (status: string) => driveCeremony(stage, (state) => state.status === status);
const textOf = (view: View) => (view.kind === "notice" ? view.text : view.kind);

async function eventsOf<T extends EventType>(type: T, ceremony = "UP-1") {
  const all = await running.quorate.ledger.history(ceremony);
  return all.filter((one): one is Extract<(typeof all)[number], { type: T }> => one.type === type);
}

describe("at the same moment", () => {
  test("five approvals of one person from several accounts count once", async () => {
    await until("in review");
    const accounts = ["console:ben", "cli:ben", "console:ben", "cli:ben", "console:ben"];
    const views = await Promise.all(accounts.map((account) => press(account, "approve", { ceremony: "UP-1" })));
    expect(await eventsOf("approved")).toHaveLength(1);
    expect(views.filter((view) => textOf(view).startsWith("You approved UP-1."))).toHaveLength(1);
    expect(views.filter((view) => /already/.test(textOf(view)))).toHaveLength(4);
    expect((await running.quorate.services.find("UP-1")).approvals).toHaveLength(1);
  });

  test("the same delivery twice is run once, and the second answer says so", async () => {
    await until("in review");
    const id = deliveryId("twice");
    const views = await Promise.all([1, 2].map(() => press("console:caro", "approve", { ceremony: "UP-1" }, id)));
    expect(await eventsOf("approved")).toHaveLength(1);
    expect(await eventsOf("refused")).toHaveLength(0);
    expect(views.map(textOf).sort()).toEqual([
      expect.stringContaining("received before and is not done twice"),
      expect.stringContaining("You approved UP-1."),
    ]);
  });

  test("a revision and an approval: what was given for the old digest is never on the new one", async () => {
    const { review } = await until("in review");
    const revise = { target: "harbour", release: "2.0.3-stale", revises: "UP-1" };
    await Promise.all([
      ...["ben", "caro", "dev"].map((who) => press(`console:${who}`, "approve", { ceremony: "UP-1" })),
      press("console:ada", "propose", revise),
      ...["ben", "caro", "dev"].map((who) => press(`cli:${who}`, "approve", { ceremony: "UP-1" })),
    ]);
    await press("console:ada", "check", { ceremony: "UP-1" });
    await running.quorate.settle();
    const late = await press("console:finn", "approve", { ceremony: "UP-1", digest: review?.digest ?? "" });
    const state = await running.quorate.services.find("UP-1");
    expect([state.revision, state.status]).toEqual([2, "in review"]);
    expect(state.review?.digest).not.toBe(review?.digest);
    expect(state.approvals).toEqual([]);
    for (const { data } of await eventsOf("approved")) expect(data.digest).toBe(review?.digest);
    expect(textOf(late)).toMatch(/changed|another|older|revision/);
  });

  test("two proposals become two ceremonies", async () => {
    const options = { target: "harbour", release: "2.0.0" };
    await Promise.all(["console:ada", "cli:ben"].map((account) => press(account, "propose", options)));
    const all = await running.quorate.ledger.list();
    expect(all.map((one) => one.id)).toEqual(["UP-1", "UP-2"]);
    expect(all.flatMap((one) => one.proposers).sort()).toEqual(["ada", "ben"]);
  });

  test("two who schedule send it once; two who execute and sign at once run it once", async () => {
    await driveCeremony(stage, (state) => state.status === "signing" && state.signatures.length === 16);
    await Promise.all(["console:ben", "console:ada", "cli:ben"].map((who) => press(who, "schedule")));
    await until("ready");
    expect(await eventsOf("scheduleRequested")).toHaveLength(1);
    expect(await eventsOf("transactionMined")).toHaveLength(4);
    // While nothing is sent another executor may take over, so both are asked; only the last one's is taken.
    const outcomes = await Promise.all(
      ["console:eve", "cli:gus"].map(async (account) => {
        const view = await press(account, "execute");
        const [item] = view.kind === "wallet" ? view.items : [];
        return item === undefined ? undefined : running.sign(account, "UP-1", item);
      }),
    );
    expect(outcomes.filter((one) => one?.ok)).toHaveLength(1);
    await until("canary");
    const [sent, ...more] = await eventsOf("executorSent");
    const executed = await eventsOf("legExecuted");
    expect(more).toEqual([]);
    expect(executed.map(({ data }) => [data.hash, data.by.person])).toEqual([[sent?.data.hash, sent?.data.by.person]]);
  });
});
