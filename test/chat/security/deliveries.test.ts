import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { readInDiscord, readInSlack } from "../../scenarios/reading.ts";
import type { DeliveryKind } from "../../support/slack/delivery.ts";
import { encoded, signed } from "../../support/slack/http-delivery.ts";
import type { Json } from "../../support/slack/model.ts";
import type { Anybody } from "./council.ts";
import { left, nothing, taken } from "./evidence.ts";
import { line } from "./lines.ts";
import { anew, openProgram, type Program } from "./program.ts";

let program: Program;
beforeAll(async () => {
  program = await openProgram();
});
afterEach(() => anew(program));
afterAll(async () => {
  await program.stop();
  expect(program.slack.violations).toEqual([]);
});

/** Ben's next approval by a typed command, as Slack would deliver it: genuine, and not delivered yet. */
async function typed(words = "approve UP-1"): Promise<Json> {
  const { slack } = program;
  const before = slack.deliverTo("http://127.0.0.1:9/");
  const { payload } = await slack.slash("U0BEN", words);
  slack.deliverTo(before);
  return payload;
}

const approvals = async () =>
  (await program.stage.quorate.services.history("UP-1")).filter((one) => one.type === "approved").length;

/** Delivers it in several requests that differ in their signatures alone, all at once. */
async function atOnce(kind: DeliveryKind, payload: Json, times = 3): Promise<void> {
  const { slack } = program;
  const before = slack.ephemerals("U0BEN").length;
  const requests = Array.from({ length: times }, (_, more) => slack.sign(kind, payload, -more));
  const answers = await Promise.all(requests.map(({ body, headers }) => slack.deliverRaw(body, headers)));
  expect(answers.map((one) => one.status)).toEqual(Array(times).fill(200));
  await slack.until(() => slack.ephemerals("U0BEN").length === before + times, "each is answered");
  await program.quiet();
  const words = slack.ephemerals("U0BEN").slice(before).map(readInSlack);
  expect(words.filter((one) => one.includes("received before and is not done twice"))).toHaveLength(times - 1);
}

describe(line("delivery/twice"), () => {
  test("a command on Slack, beside one that is typed twice", async () => {
    const before = await approvals();
    await atOnce("slash_commands", await typed());
    expect(await approvals()).toBe(before + 1);
    await anew(program);
    await taken(
      program,
      { room: "slack", by: "ben", act: () => program.slack.slash("U0BEN", "approve UP-1") },
      "approved",
    );
  });

  test("a click on Slack", async () => {
    const { slack, places } = program;
    const card = slack.messages(places.slack.channel).find((one) => one.threadTs === undefined);
    const url = slack.deliverTo("http://127.0.0.1:9/");
    const clicked = await slack.click("U0BEN", card?.ts ?? "", "Approve");
    slack.deliverTo(url);
    const before = await approvals();
    await atOnce("interactive", clicked?.payload ?? {});
    expect(await approvals()).toBe(before + 1);
  });

  test("a form on Slack", async () => {
    const { slack } = program;
    await slack.slash("U0BEN", "deny UP-1");
    await slack.until(() => slack.modals("U0BEN").length > 0, "the form is open");
    const url = slack.deliverTo("http://127.0.0.1:9/");
    const sent = await slack.submit("U0BEN", { Reason: "The fee is wrong." });
    slack.deliverTo(url);
    const { history } = program.stage.quorate.services;
    const denials = async () => (await history("UP-1")).filter((one) => one.type === "denied").length;
    const before = await denials();
    await atOnce("interactive", sent.payload);
    expect(await denials()).toBe(before + 1);
    slack.modals("U0BEN").length = 0;
  });

  test("an interaction on Discord", async () => {
    const { discord, places } = program;
    const before = await approvals();
    const act = () => discord.slash(places.discord.user("ben"), "upgrade approve", { ceremony: "UP-1" });
    discord.gateway.deliver("doubled");
    await taken(program, { room: "discord", by: "ben", act }, "approved");
    discord.gateway.deliver("normal");
    expect(await approvals()).toBe(before + 1);
  });
});

describe(line("delivery/restart"), () => {
  test("on Slack", async () => {
    const { slack } = program;
    const payload = await typed();
    const { body, headers } = slack.sign("slash_commands", payload);
    await taken(program, { room: "slack", by: "ben", act: () => slack.deliverRaw(body, headers) }, "approved");
    await anew(program);
    await program.restart();
    const again = slack.sign("slash_commands", payload);
    await same("ben", () => slack.deliverRaw(again.body, again.headers));
    await taken(program, { room: "slack", by: "ben", act: () => slack.slash("U0BEN", "approve UP-1") }, "approved");
  });

  test("on Discord", async () => {
    const { discord, places } = program;
    const user = places.discord.user("ben");
    const act = () => discord.slash(user, "upgrade approve", { ceremony: "UP-1" });
    await taken(program, { room: "discord", by: "ben", act }, "approved");
    const done = discord.interactions().at(-1);
    await anew(program);
    await program.restart();
    const before = await left(program, "ben");
    const again = await discord.slash(
      user,
      "upgrade approve",
      { ceremony: "UP-1" },
      { overrides: { id: done?.id, token: done?.token } },
    );
    expect(again.failed).toBe(true);
    await program.quiet();
    expect(readInDiscord(done?.original ?? { content: "", embeds: [], attachments: [] })).toContain("You approved");
    expect(await left(program, "ben")).toEqual(before);
    await taken(program, { room: "discord", by: "ben", act }, "approved");
  });
});

/** Answered as one that was received before; nothing else comes of it. */
async function same(by: Anybody, act: () => Promise<unknown>): Promise<void> {
  const { slack, places } = program;
  const user = places.slack.user(by);
  const seen = slack.ephemerals(user).length;
  const before = await left(program, by);
  await act();
  await slack.until(() => slack.ephemerals(user).length > seen, "an answer");
  await program.quiet();
  expect(slack.ephemerals(user).slice(seen).map(readInSlack).join()).toContain("received before and is not done twice");
  expect(await left(program, by)).toEqual(before);
}

describe("a request over HTTP", () => {
  interface Request {
    body: string;
    headers: Record<string, string>;
  }
  /** Answered with this status, and nothing comes of it; the genuine request beside it takes effect. */
  async function refusedUnless(change: (genuine: Request, payload: Json) => Request, status: number): Promise<void> {
    const { slack } = program;
    const payload = await typed();
    const genuine = slack.sign("slash_commands", payload);
    const { body, headers } = change(genuine, payload);
    await nothing(program, async () => {
      const answer = await slack.deliverRaw(body, headers);
      expect(answer).toMatchObject({ status, body: "" });
    });
    // Signed a second later: a signature that was good is not good again, whatever else was wrong with the request.
    const twin = slack.sign("slash_commands", payload, -1);
    await taken(
      program,
      { room: "slack", by: "ben", act: () => slack.deliverRaw(twin.body, twin.headers) },
      "approved",
    );
  }
  const minutes = 60;

  test.each([
    ["delivery/old", line("delivery/old"), 6],
    ["delivery/ahead", line("delivery/ahead"), -6],
  ] as const)("%s", (_, __, age) =>
    refusedUnless((_genuine, payload) => program.slack.sign("slash_commands", payload, age * minutes), 401),
  );

  test.each([4, -4])("and one of %s minutes is taken", async (age) => {
    const { slack } = program;
    const { body, headers } = slack.sign("slash_commands", await typed(), age * minutes);
    await taken(program, { room: "slack", by: "ben", act: () => slack.deliverRaw(body, headers) }, "approved");
  });

  test(line("delivery/replayed"), async () => {
    const { slack } = program;
    const { body, headers } = slack.sign("slash_commands", await typed());
    await taken(program, { room: "slack", by: "ben", act: () => slack.deliverRaw(body, headers) }, "approved");
    await nothing(program, async () => {
      expect((await slack.deliverRaw(body, headers)).status).toBe(409);
      slack.clock.advance(250_000);
      expect((await slack.deliverRaw(body, headers)).status).toBe(409);
      slack.clock.advance(60_000);
      expect((await slack.deliverRaw(body, headers)).status).toBe(401);
    });
  });

  test.each<[string, (genuine: Request, payload: Json) => Request]>([
    [
      "another secret",
      ({ body, headers }) => ({
        body,
        headers: { ...headers, ...signed("0".repeat(32), body, Number(headers["x-slack-request-timestamp"])) },
      }),
    ],
    ["none", ({ body, headers }) => ({ body, headers: { "content-type": headers["content-type"] ?? "" } })],
    ["no time", ({ body, headers: { "x-slack-request-timestamp": _, ...headers } }) => ({ body, headers })],
    [
      "another time",
      ({ body, headers }) => ({
        body,
        headers: { ...headers, "x-slack-request-timestamp": String(Number(headers["x-slack-request-timestamp"]) + 1) },
      }),
    ],
    ["a short one", ({ body, headers }) => ({ body, headers: { ...headers, "x-slack-signature": "v0=00" } })],
    [
      "another body",
      ({ headers }, payload) => ({ body: encoded("slash_commands", { ...payload, user_id: "U0CARO" }).body, headers }),
    ],
    ["one byte more", ({ body, headers }) => ({ body: `${body}&`, headers })],
  ])(`${line("delivery/signature")}: %s`, (_, change) => refusedUnless(change, 401));

  test.each([["application/json"], ["text/plain"], ["multipart/form-data; boundary=x"], [""]])(
    `${line("delivery/content-type")}: "%s"`,
    (type) => refusedUnless(({ body, headers }) => ({ body, headers: { ...headers, "content-type": type } }), 400),
  );

  test("and one whose content type names its character set is taken", async () => {
    const { slack } = program;
    const { body, headers } = slack.sign("slash_commands", await typed());
    const more = { ...headers, "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
    await taken(program, { room: "slack", by: "ben", act: () => slack.deliverRaw(body, more) }, "approved");
  });
});
