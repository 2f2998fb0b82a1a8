/** The commands about alerts, as somebody types them, over the composed program. */

import { encodeFunctionData, parseAbi } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { system } from "../../src/domain/events.ts";
import { suggestions } from "../../src/suggestions.ts";
import { actAs } from "../embedded/act.ts";
import { sentence, startCouncil, type TestCouncil, wholeText } from "../support/embedded.ts";
import { signalOf } from "../support/watch-driver.ts";

let council: TestCouncil;
beforeAll(async () => {
  council = await startCouncil();
});
afterAll(() => council.stop());

const type = async (...given: Parameters<TestCouncil["type"]>) => sentence(await council.type(...given));
const todo = async (who: Parameters<TestCouncil["type"]>[0]) => {
  const view = await council.type(who, "/upgrade todo");
  return { text: wholeText(view), actions: "actions" in view ? view.actions : [] };
};
const page = async (key: string) => {
  await council.quorate.settle();
  return council.cards.get(key);
};

describe("a test alert", () => {
  test("pages those on call, and whoever acknowledges it ends it", async () => {
    expect(await type("ada", "/upgrade test-alert severity=1")).toMatch(/^alert-1 is on its way/);
    const card = await page("alerts/alert-1/1");
    expect(card).toMatchObject({ status: "SEV1 TEST", mentions: ["caro", "dev", "finn", "gus"], urgent: true });
    expect(await type("eve", "/upgrade ack alert-1")).toMatch(/^alert-1 is not yours to answer/);
    // Pressing the card's button is the same as typing its command.
    const [button] = card?.actions ?? [];
    expect(button).toMatchObject({ label: "Acknowledge" });
    expect(sentence(await council.ask("caro", button?.command ?? "", button?.options))).toMatch(
      /^You saw alert-1: it was a test/,
    );
    expect(await page("alerts/alert-1/1")).toMatchObject({ status: "SEV1 RESOLVED", actions: [] });
  });

  test("escalates by the clock, and is taken, given back and silenced", async () => {
    await type("ada", "/upgrade test-alert severity=2");
    await council.advance(15n * 60n, 1);
    expect(await page("alerts/alert-2/2")).toMatchObject({ urgent: true });
    expect(await type("caro", "/upgrade silence alert-2 for=5h reason=later")).toMatch(/four hours at most/);
    expect(await type("caro", "/upgrade silence alert-2 for=soon reason=later")).toMatch(/is no span of time/);
    expect(await type("caro", '/upgrade silence alert-2 for=30min reason="we know"')).toMatch(
      /^Nobody is called for alert-2 until /,
    );
    expect((await page("silences/silence-1"))?.status).toBe("silent");
    expect(wholeText(await council.type("eve", "/upgrade oncall"))).toMatch(/silence-1: alert-2 until .*: we know/);
    expect(await type("dev", "/upgrade silence end=silence-1")).toMatch(/^You ended silence-1/);
    expect(await type("dev", "/upgrade ack")).toMatch(/^You saw alert-2/);
  });
});

describe("who is on call", () => {
  test("is who policy lists, until somebody takes a turn", async () => {
    const before = wholeText(await council.type("eve", "/upgrade oncall"));
    expect(before).toMatch(/^No turns are kept/);
    expect(before).toContain("Severity 1: Caro, Dev, Finn or Gus");
    expect(await type("finn", "/upgrade oncall override finn until=8h")).toMatch(
      /^Finn is primary from .* UTC until .* UTC\. .*override=override-1 takes it back\.$/,
    );
    expect(wholeText(await council.type("eve", "/upgrade oncall"))).toMatch(
      /^Finn is on call\.[\s\S]*, then whom policy lists[\s\S]*override-1: Finn as primary/,
    );
    expect((await page("on-call"))?.title).toBe("primary: Finn");
    await type("ada", "/upgrade test-alert severity=1");
    const sent = await page("alerts/alert-3/1");
    expect(sent?.mentions).toEqual(["finn"]);
    await type("finn", "/upgrade ack");
  });

  test("changes with a handover, and its note is there for whoever asks", async () => {
    expect(await type("finn", "/upgrade oncall handover ben")).toMatch(/^Say what Ben should know/);
    expect(await type("finn", '/upgrade oncall handover person=ben note="the bridge is slow"')).toMatch(
      /^Ben has your turn/,
    );
    expect(wholeText(await council.type("eve", "/upgrade oncall"))).toContain("Last note: Finn: the bridge is slow");
    expect(await type("ben", "/upgrade oncall action=end override=override-2")).toBe("override-2 is over.");
  });

  test("is refused for moments that are none, each with what to write instead", async () => {
    expect(await type("finn", "/upgrade oncall override finn until=whenever")).toMatch(
      /^"whenever" is no moment: write now, a span such as 8h/,
    );
    expect(await type("finn", "/upgrade oncall override finn")).toMatch(/^Say until when/);
    expect(await type("finn", "/upgrade oncall action=end")).toMatch(/^Say which override ends/);
  });
});

test("what needs a note or a reason asks for it in a form", async () => {
  expect((await council.ask("caro", "ack", { alert: "alert-9", resolve: "true" })).kind).toBe("form");
  expect((await council.ask("caro", "silence", { alert: "alert-9" })).kind).toBe("form");
  expect(await type("caro", "/upgrade ack note=fine")).toMatch(/^Say which alert the note is about/);
  expect(await type("caro", "/upgrade silence for=1h reason=x")).toMatch(/^Say what is to be silent/);
});

test("what a ceremony left unsolved is over only by a guardian who says so, on the card or in so many words", async () => {
  const { alerts } = council.quorate;
  const left = async (metric: string) => {
    const signal = signalOf("firing", 1, { ceremony: "UP-7", metric, over: true });
    for (let times = 0; times < 2; times += 1) await alerts.act({ kind: "signal", by: system, signal });
    return alerts.setting().state.alerts.at(-1)?.id ?? "";
  };
  const typed = await left("solvency");
  const ended = `UP-7 has ended while ${typed} was firing, and nothing measures it any more`;
  expect(await type("caro", `/upgrade ack ${typed} note="rolled back"`)).toMatch(new RegExp(`^${ended}`));
  expect(await page(`UP-7/${typed}/1`)).toMatchObject({ status: "SEV1 BREACH" });
  expect(await type("caro", `/upgrade ack ${typed} note="rolled back" accept=true`)).toBe(`${typed} is resolved.`);
  expect(await page(`UP-7/${typed}/1`)).toMatchObject({ status: "SEV1 RESOLVED", actions: [] });

  const pressed = await left("liveness");
  const [button] = (await page(`UP-7/${pressed}/1`))?.actions ?? [];
  const form = await council.ask("caro", button?.command ?? "", button?.options);
  if (form.kind !== "form") throw new Error("The button asks for no note.");
  const given = await council.ask("caro", form.command, { ...form.options, note: "Paid back by hand." });
  expect(sentence(given)).toBe(`${pressed} is resolved.`);
});

test("a silence that takes a second person waits for each who can agree, and for nobody else", async () => {
  await type("ada", "/upgrade test-alert severity=1");
  const alert = council.quorate.alerts.setting().state.alerts.at(-1)?.id ?? "";
  // The only one that is open need not be named; of two it has to be.
  const { alerts } = council.quorate;
  const signal = signalOf("firing", 1, { ceremony: "UP-7", metric: "backing", over: true });
  for (let times = 0; times < 2; times += 1) await alerts.act({ kind: "signal", by: system, signal });
  const other = alerts.setting().state.alerts.at(-1)?.id ?? "";
  expect(await type("caro", '/upgrade silence for=1h reason="a drill"')).toMatch(
    new RegExp(`^Say what is to be silent: .* Open are ${alert}, ${other}\\.`),
  );
  expect(await type("caro", `/upgrade ack ${other} note="rolled back" accept=true`)).toBe(`${other} is resolved.`);
  expect(await type("caro", "/upgrade silence metric=none for=1h reason=moved")).toMatch(/^Policy has no metric none;/);
  expect(await type("caro", '/upgrade silence for=1h reason="a drill"')).toMatch(/until somebody else agrees/);
  for (const who of ["caro", "eve"] as const) expect((await todo(who)).text).not.toContain("silent");
  const { text, actions } = await todo("dev");
  expect(text).toMatch(new RegExp(`Caro wants ${alert} silent until .* UTC, and it takes a second person: a drill`));
  const [button] = actions.filter(({ command }) => command === "silence");
  expect(button).toMatchObject({ style: "danger", confirm: expect.stringMatching(`^Call nobody for ${alert} until `) });
  expect(sentence(await council.ask("dev", button?.command ?? "", button?.options))).toMatch(
    /^You agreed: silence-\d+ holds/,
  );
  for (const who of ["dev", "finn"] as const) expect((await todo(who)).text).not.toContain("silent");
});

test("an incident is a card with a thread, listed, and settled by two people who say what it was", async () => {
  const { world, policy, quorate } = council;
  expect(await type("ben", "/upgrade settle")).toBe("No incident is open.");
  expect(await type("ada", "/upgrade propose harbour release=2.0.0 rationale=Fees")).toMatch(/^UP-1 is drafted/);
  const abi = parseAbi(["function upgradeToAndCall(address implementation, bytes data) payable"]);
  const data = encodeFunctionData({ abi, args: [world.implementations.vaultV2Inflating, "0x"] });
  expect(await actAs(world, world.timelock, world.vault, data)).toBe(true);
  await expect.poll(() => quorate.services.incidents.incidents().length, { timeout: 20_000 }).toBe(1);
  const [{ incident } = { incident: "" }] = quorate.services.incidents.incidents();
  const card = await page(`incidents/${incident}`);
  expect(card).toMatchObject({ status: "incident", tone: "bad", audience: { kind: "channel" } });
  expect(card?.title).toMatch(/^INC-[0-9a-f]{8} · Harbour .* · Vault \(0x\w+\) was given new code: /);
  expect(card?.summary).toContain(`a package whose rationale names ${incident} go on there. Two of Ben, Caro,`);
  const [button] = card?.actions ?? [];
  expect(card?.summary).toMatch(/^Sent by the timelock \(0x\w+\)\. Until two people/);
  expect((await council.ask("ben", button?.command ?? "", button?.options)).kind).toBe("form");

  const offered = await suggestions("incident", { policy, services: quorate.services, commands: [] });
  expect(offered.map((one) => one.value)).toEqual([incident]);
  const listed = wholeText(await council.type("eve", "/upgrade settle"));
  expect(listed).toMatch(
    new RegExp(`^One incident is open\\.[\\s\\S]*${incident} on harbour[\\s\\S]*Sent by the timelock`),
  );
  // A button, and a line in what waits for them, have those alone whose word counts.
  const offeredTo = async (who: "eve" | "ben" | "caro") => {
    const list = await council.type(who, "/upgrade settle");
    const waits = (await todo(who)).actions.some(({ options }) => options.incident === incident);
    return [waits, "actions" in list && list.actions.length > 0];
  };
  expect(await offeredTo("eve")).toEqual([false, false]);
  expect(await offeredTo("ben")).toEqual([true, true]);
  expect((await todo("ben")).text).toMatch(new RegExp(`${incident} on harbour: Vault .* Two people settle it\\.`));
  // Whoever asks what a ceremony there waits for is told of it, and by whom it ends.
  const waitsFor = async () => wholeText(await council.type("eve", "/upgrade why UP-1"));
  expect(await waitsFor()).toMatch(
    new RegExp(
      `Incidents that it waits for[\\s\\S]*${incident}: Vault .* Two people settle it\\. /upgrade settle ${incident}`,
    ),
  );
  const note = "a hotfix by the timelock, put back";
  expect(await type("eve", `/upgrade settle ${incident} reason="${note}"`)).toMatch(/^You cannot settle INC-/);
  expect(await type("ben", `/upgrade settle ${incident.toUpperCase()} reason="${note}"`)).toMatch(
    /^You say that INC-\w+ is settled\. One more has to: ask (?!.*Ben)/,
  );
  expect((await page(`incidents/${incident}`))?.sections.at(-1)?.lines).toEqual([`Ben: ${note}`]);
  expect(await offeredTo("ben")).toEqual([false, false]);
  expect(await offeredTo("caro")).toEqual([true, true]);
  expect((await todo("caro")).text).toMatch(new RegExp(`${incident} on harbour: .* One more person settles it\\.`));
  expect(await type("caro", `/upgrade settle ${incident} reason="${note}"`)).toMatch(
    /^INC-\w+ is settled\. What it held stays held/,
  );
  expect(await waitsFor()).not.toContain("Incidents that it waits for");
  expect(await page(`incidents/${incident}`)).toMatchObject({ status: "incident settled", tone: "good", actions: [] });
  const thread = [...council.cards.values()].filter(
    ({ audience }) => audience.kind === "thread" && audience.of === `incidents/${incident}`,
  );
  expect(thread.map((one) => one.title.replace(incident, "it"))).toEqual([
    expect.stringMatching(/^Seen in block \d+: Vault/),
    expect.stringMatching(/^Refused to Eve: You cannot settle it/),
    `Ben says that it is settled: ${note}`,
    `Caro says that it is settled: ${note}`,
    "Settled by Ben and Caro.",
  ]);
});
