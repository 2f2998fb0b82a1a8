/** The commands from the schedule to the rollback, one ceremony walked through them: what each person reads. */

import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { catalogueNow } from "../../src/cli/catalogue.ts";
import { startTracing, type Tracing } from "../../src/tracing.ts";
import { sentence, startCouncil, type TestCouncil, walk, wholeText } from "../support/embedded.ts";
import { startCollector } from "../support/span-collector.ts";

let council: TestCouncil;
let collector: Awaited<ReturnType<typeof startCollector>>;
let tracing: Tracing;
beforeAll(async () => {
  collector = await startCollector();
  tracing = await startTracing(collector.url, "Harbour");
  council = await startCouncil();
  await walk(council, "approved");
});
afterAll(async () => {
  await council.stop();
  await collector.stop();
});

const reads = async (...asked: Parameters<TestCouncil["as"]>) => sentence(await council.as(...asked));
const readsAll = async (...asked: Parameters<TestCouncil["as"]>) => wholeText(await council.as(...asked));
const status = async () => (await council.card()).status;

describe("schedule", () => {
  test("is refused while signatures are missing, and says which and whose", async () => {
    expect(await reads("ada", "schedule")).toBe(
      "UP-1 is not signed yet: 3 more signatures for pilot/upgrade, from Ben, Caro, Dev or Finn.",
    );
  });

  test("sends everything to the timelock, and the card tells when the delay ends", async () => {
    await walk(council, "signed", "approved");
    expect(await reads("finn", "schedule")).toMatch(
      /^UP-1 is being sent to the timelock\. Sending to the timelock: \d of 4/,
    );
    expect(await status()).toBe("scheduled");
    const { facts } = await council.card();
    expect(facts.map((one) => one.label)).toContain("Delay ends");
    expect(await council.thread()).toEqual(
      expect.arrayContaining([
        "Finn had it sent to the timelock.",
        "All operations stand in the timelock; the delay is running.",
      ]),
    );
    expect(await reads("finn", "schedule")).toBe(
      "UP-1 is scheduled, and scheduling is possible only while a ceremony is approved or signing.",
    );
  });
});

describe("execute", () => {
  test("waits for the delay, which nobody can shorten", async () => {
    expect(await reads("eve", "execute")).toBe(
      "UP-1 is scheduled, and executing is possible only while a ceremony is ready or executing.",
    );
    expect(await readsAll("eve", "why")).toContain(
      "The timelock's delay of the phase pilot is running; nobody can shorten it.",
    );
    await walk(council, "ready", "signed").catch(() => council.advance(172_900n));
    expect(await status()).toBe("ready");
  });

  test("is refused to who approved, with the names of those who may", async () => {
    expect(await reads("ben", "execute")).toBe(
      "You cannot execute UP-1: that takes the role executor. Ask Eve or Gus.",
    );
  });

  test("hands the executor's wallet the approved batch, call by call", async () => {
    const view = await council.ask("eve", "execute");
    if (view.kind !== "wallet") throw new Error(sentence(view));
    expect(view.title).toBe("Execute UP-1: phase pilot");
    expect(view.items).toHaveLength(1);
    const text = wholeText(view);
    expect(text).toMatch(/Execute \d+ calls on the timelock \(0xabAb\S+\):/);
    expect(text).toMatch(/Revert everything unless the code at 0x2E7A\S+ has the hash 0x/);
    expect(text).not.toContain("UNKNOWN");
    expect((await council.state()).status).toBe("executing");
  });

  test("a second time hands it out again, and somebody else may take over before it is sent", async () => {
    expect((await council.ask("eve", "execute")).kind).toBe("wallet");
    expect(await readsAll("gus", "why")).toContain(
      "The phase pilot waits for the executor's transaction: Eve. /upgrade execute UP-1",
    );
    expect(await reads("eve", "execute")).toMatch(/^Sent: Execute pilot\./);
    expect(await status()).toBe("canary 1 of 2");
    expect((await council.card()).facts).toContainEqual({ label: "Executed by", value: "Eve" });
  });
});

describe("canary", () => {
  test("without an action shows what was measured", async () => {
    const view = await council.ask("gus", "canary");
    expect(sentence(view)).toBe("Canary pilot of UP-1 is measured on every block.");
    expect(view.kind === "notice" && view.facts.map((one) => [one.label, one.value])).toEqual(
      expect.arrayContaining([
        ["Clean blocks in a row", expect.stringMatching(/^\d+ of 20$/)],
        ["Clean for", expect.stringMatching(/ of 10 min$/)],
        ["Budget left", "100 of 100 points"],
        ["At risk", expect.stringMatching(/^[\d,.]+e18 wei of 250,000e18 wei; capped on the chain$/)],
      ]),
    );
    expect(wholeText(view)).toContain("✓ passes · Pilot beacon belongs to the timelock: yes (must be yes)");
  });

  test("what is asked for on every block can be put onto the chain by anybody, and is found there", async () => {
    const { store, chains, policy, world } = council;
    const id = "eip155:31337";
    const before = await catalogueNow({ store, chains, policy, id });
    expect(before.metrics).toContain("UP-1/pilot-solvency");
    expect(before.transactions.map((one) => [one.what, one.there])).toEqual([
      ["Evaluator", false],
      ["catalogue, part 1 of 1", false],
    ]);
    const anybody = "0x00000000000000000000000000000000000a11ce";
    await world.node.request("anvil_impersonateAccount", anybody);
    await world.node.request("anvil_setBalance", anybody, "0xde0b6b3a7640000");
    for (const { to, data } of before.transactions)
      await world.node.request("eth_sendTransaction", { from: anybody, to, data, gas: "0x989680" });
    await council.advance(12n, 1);
    const after = await catalogueNow({ store, chains, policy, id });
    expect(after).toEqual({ ...before, transactions: before.transactions.map((one) => ({ ...one, there: true })) });
  });

  test("start says the same: measuring began by itself", async () => {
    expect(await reads("ben", "canary", { action: "start" })).toBe("Canary pilot of UP-1 is measured on every block.");
  });

  test("advance is refused before its time, with what is missing", async () => {
    expect(await reads("ben", "canary", { action: "advance" })).toMatch(
      /^UP-1 cannot advance yet: \d+ clean blocks? in a row, and 20 are needed(?: \(\d+ more (?:is|are) not final yet\))?; clean for .+ of block time, and 10 min are needed\.$/,
    );
    expect(await reads("ben", "canary", { action: "advance", phase: "main" })).toBe(
      "UP-1 is past the phase main: this button was for it. The phase now is pilot.",
    );
    await council.as("eve", "canary", { action: "advance" });
    expect(await reads("eve", "canary", { action: "advance" })).toMatch(
      /^You cannot advance UP-1: that takes the role approver\. Ask /,
    );
    expect(await readsAll("eve", "why")).toMatch(
      /The canary of pilot cannot be advanced to the next phase yet: \d+ clean blocks? .* are needed\. Then it is up to Ben, /,
    );
    expect(
      (await readsAll("eve", "why")).match(/Eve: You cannot advance UP-1/g),
      "however often it was tried",
    ).toHaveLength(1);
    const node = vi.spyOn(council.chains.get("eip155:31337"), "head").mockRejectedValueOnce(new Error("unreachable"));
    expect(await readsAll("eve", "why"), "of a chain that does not answer the rest is told").toMatch(
      /The canary of pilot is measured; after 20 clean blocks over 10 min it can be advanced to the next phase: Ben, /,
    );
    node.mockRestore();
    expect(await readsAll("ben", "todo"), "what only time can do waits for nobody").not.toContain("UP-1");
  });

  test("hold asks for a reason, stops the ceremony, and somebody else has to lift it", async () => {
    expect(await council.ask("caro", "canary", { action: "hold" })).toMatchObject({
      kind: "form",
      title: "Hold UP-1",
      command: "canary",
      options: { action: "hold" },
    });
    expect(await reads("caro", "canary", { action: "hold", reason: "Odd fees." })).toMatch(
      /^UP-1 is on hold\. Held by Caro: Odd fees\. It goes on when somebody else resumes it: Ben, Dev or Finn\.$/,
    );
    expect(await status()).toBe("held");
    expect(
      await council.quorate.services.canaryLacks(await council.state()),
      "what is held waits for people",
    ).toBeUndefined();
    expect(await reads("ben", "canary", {})).toMatch(/ of UP-1 is measured on every block, and UP-1 is held\./);
    expect(await reads("ben", "canary", { action: "advance" })).toMatch(
      /^UP-1 is held, and advancing the canary is possible only/,
    );
    expect(await reads("caro", "canary", { action: "start", reason: "mistake" })).toMatch(
      /^You cannot resume UP-1: who held or contained it does not resume it\. It takes somebody else: Ben, Dev or Finn\.$/,
    );
    expect(await council.ask("dev", "canary", { action: "start" })).toMatchObject({
      kind: "form",
      title: "Resume UP-1",
    });
    expect(await reads("dev", "canary", { action: "start", reason: "Explained" })).toMatch(/^UP-1 resumes\./);
    expect(await council.thread()).toEqual(
      expect.arrayContaining(["Caro put it on hold: Odd fees.", "Dev lifted the hold."]),
    );
  });

  test("advance goes on to the next phase after a clean window", async () => {
    await council.advance(700n, 24);
    const clean = /The canary of pilot was clean long enough, and can be advanced to the next phase: Ben, /;
    expect(await readsAll("eve", "why")).toMatch(clean);
    expect(await readsAll("ben", "todo")).toMatch(clean);
    expect(await reads("ben", "canary", { action: "advance" })).toMatch(/^UP-1 advanced\./);
    expect(await council.thread()).toContainEqual(
      expect.stringMatching(/^Ben advanced past the phase pilot after \d+ clean blocks\.$/),
    );
    expect(await status()).toBe("ready");
    expect(await reads("eve", "execute")).toMatch(/^Sent: Execute main\./);
    expect(await status()).toBe("canary 2 of 2");
  });
});

describe("cancel", () => {
  test("comes too late once something was executed, and says what is possible instead", async () => {
    expect(await reads("ada", "cancel", { reason: "no" })).toMatch(
      /^UP-1 is under its canary, and cancelling is possible only while/,
    );
    await council.as("caro", "canary", { action: "hold", reason: "to see" });
    expect(await reads("ada", "cancel", { reason: "no" })).toBe(
      "UP-1 has been executed in part and cannot be cancelled: hold it, contain it, or roll it back.",
    );
    await council.as("dev", "canary", { action: "start", reason: "seen" });
  });
});

describe("contain", () => {
  test("asks why where nothing is breached, and is refused without the role", async () => {
    expect(await council.ask("caro", "contain")).toMatchObject({
      kind: "form",
      title: "Contain UP-1",
      fields: [{ name: "reason", hint: "No invariant is breached: say why" }],
    });
    expect(await reads("eve", "contain", { reason: "no" })).toMatch(
      /^You cannot contain UP-1: that takes the role guardian\. Ask /,
    );
  });

  test("knows only what was prepared", async () => {
    expect(await reads("caro", "contain", { containment: "pause-moon", reason: "x" })).toBe(
      "UP-1 has no prepared containment called pause-moon; it has pause-pilot, pause-vault.",
    );
  });

  test("is broadcast at one guardian's word, and counts once it is read back from the chain", async () => {
    expect(await reads("caro", "contain", { containment: "pause-vault", reason: "Solvency falls" })).toMatch(
      /^You gave the word to contain UP-1\. The containment [a-z-]+ is on its way; it counts once it is read back from the chain\.$/,
    );
    expect(await status()).toBe("contained");
    expect(await council.thread()).toEqual(
      expect.arrayContaining([
        "Caro gave the word for pause-vault: Solvency falls",
        expect.stringMatching(/^Contained: pause-vault was read back from the chain at block \d+\.$/),
      ]),
    );
    expect(await readsAll("gus", "why")).toMatch(
      /Contained\. It can be rolled back: Eve or Gus\. \/upgrade rollback UP-1/,
    );
  });

  test("after which one person alone cannot resume", async () => {
    expect(await reads("caro", "canary", { action: "start", reason: "fine" })).toMatch(
      /^You cannot resume UP-1: who held or contained it/,
    );
    expect(await reads("ben", "canary", { action: "start", reason: "fine" })).toBe(
      "UP-1 cannot resume: the containment still holds on the chain.",
    );
  });
});

describe("rollback", () => {
  test("asks for a reason, and is refused without the role", async () => {
    expect(await council.ask("eve", "rollback")).toMatchObject({ kind: "form", title: "Roll UP-1 back" });
    expect(await reads("ben", "rollback", { reason: "x" })).toBe(
      "You cannot roll UP-1 back: that takes the role executor. Ask Eve or Gus.",
    );
  });

  test("puts the old code back from the executor's wallet, newest leg first", async () => {
    const view = await council.ask("gus", "rollback", { reason: "The leak is in the new code" });
    if (view.kind !== "wallet") throw new Error(sentence(view));
    expect(view.items.map((one) => one.purpose)).toEqual(["Roll back main", "Roll back pilot"]);
    // The other way round than they were listed: each is known by what it carries.
    for (const item of [...view.items].reverse())
      expect(await council.sign("console:gus", "UP-1", item)).toMatchObject({ ok: true });
    await council.quorate.settle();
    expect(await status()).toBe("rolled back");
    const { vault, implementations } = council.world;
    const { implementation } = await council.chains.get("eip155:31337").proxy(vault);
    expect(implementation).toBe(implementations.vaultV1);
    expect(await council.thread()).toContainEqual(
      expect.stringMatching(/^Rolled back at block \d+: the old code runs again\.$/),
    );
  });
});

test("all of it is one trace: commands, decisions, gates and effects, without a signature or a text in it", async () => {
  await council.quorate.settle();
  const { signatures: given } = await council.state();
  await tracing.stop();
  const spans = collector.spans();
  const ofCeremony = spans.filter((one) =>
    one.attributes.some(({ key, value }) => key === "quorate.ceremony" && value.stringValue === "UP-1"),
  );
  expect(new Set(ofCeremony.map((one) => one.traceId)).size).toBe(1);
  const trace = spans.filter((one) => one.traceId === ofCeremony[0]?.traceId);
  const names = new Set(trace.map((one) => one.name));
  for (const name of [
    ...["decide propose", "command check", "gate envelope", "gate simulation", "decide recordCheck", "command approve"],
    ...["decide approve", "command schedule", "decide schedule", "effect broadcast", "observe mined", "decide execute"],
    ...["effect relay", "observe executed", "decide hold", "decide advance", "decide contain", "decide rollback"],
  ])
    expect(names, name).toContain(name);
  const refused = trace.filter((one) => one.attributes.some(({ key }) => key === "quorate.refused"));
  expect(refused.map((one) => one.name)).toContain("decide advance");
  expect(trace.filter((one) => one.status.code === 2)).toEqual([]);
  // Below a command stands what it led to.
  const check = trace.find((one) => one.name === "command check");
  expect(trace.find((one) => one.name === "gate envelope")?.parentSpanId).toBe(check?.spanId);
  expect(given.length).toBeGreaterThan(0);
  for (const { signature } of given) expect(collector.text()).not.toContain(signature.slice(2));
});
