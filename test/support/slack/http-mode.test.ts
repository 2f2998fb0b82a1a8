/** Deliveries over HTTP: signatures, deadlines, repetitions; bolt itself is the judge of what is genuine. */

import { afterEach, beforeEach, expect, test } from "vitest";
import { httpApp, type RunningApp } from "./bolt-app.ts";
import { type SlackOptions, type SlackPlatform, startSlack } from "./slack.ts";

let slack: SlackPlatform;
let running: RunningApp;
let ran: string[];

beforeEach(async () => {
  ran = [];
  await start();
});

async function start(options: SlackOptions = {}): Promise<void> {
  slack = await startSlack(options);
  slack.addUser({ id: "U0ADA", name: "ada" });
  slack.addChannel({ id: "C0IN", name: "council", members: ["U0ADA"] });
  running = await httpApp(slack, (app) => {
    app.command("/upgrade", async ({ ack, command }) => {
      ran.push(`${command.team_id} ${command.text}`);
      if (command.text === "public") await ack({ response_type: "in_channel", text: "Everybody reads this." });
      else if (command.text !== "silence") await ack("Done.");
    });
    app.event("app_home_opened", async ({ body, context }) => {
      ran.push(`${body.event_id} ${context.retryNum} ${context.retryReason}`);
      slack.changed();
    });
  });
}

async function stop(): Promise<void> {
  await running.stop();
  await slack.stop();
}
afterEach(stop);

test("an answer inside the acknowledgement is private, unless it says otherwise", async () => {
  const first = await slack.slash("U0ADA", "status");
  expect(first).toMatchObject({ acked: true, status: 200, body: "Done." });
  expect(slack.ephemerals("U0ADA").map((one) => one.text)).toEqual(["Done."]);
  await slack.slash("U0ADA", "public");
  expect(slack.messages("C0IN").map((one) => one.text)).toEqual(["Everybody reads this."]);
});

test("no acknowledgement in time, and the person is told", async () => {
  await stop();
  await start({ ackDeadline: 50 });
  expect(await slack.slash("U0ADA", "silence")).toMatchObject({ acked: false, failure: "operation_timeout" });
  slack.deliverTo("http://127.0.0.1:1/");
  expect(await slack.slash("U0ADA", "status")).toMatchObject({ acked: false, failure: "dispatch_failed" });
});

test("an answer that is no success is a failure too", async () => {
  const url = slack.deliverTo(undefined);
  slack.deliverTo(url?.replace("/slack/events", "/elsewhere"));
  const { acked, status, failure } = await slack.slash("U0ADA", "status");
  expect({ acked, status, failure }).toEqual({ acked: false, status: 404, failure: "dispatch_failed" });
  expect(slack.ephemerals("U0ADA")).toEqual([]);
});

test("a genuine body passes; an altered, unsigned or old one does not", async () => {
  const { payload } = await slack.slash("U0ADA", "approve");
  const genuine = slack.sign("slash_commands", payload);
  expect((await slack.deliverRaw(genuine.body, genuine.headers)).status).toBe(200);
  const altered = genuine.body.replace("approve", "execute");
  expect((await slack.deliverRaw(altered, genuine.headers)).status).toBe(401);
  const { "x-slack-signature": _gone, ...unsigned } = genuine.headers;
  expect((await slack.deliverRaw(genuine.body, unsigned)).status).toBe(401);
  const old = slack.sign("slash_commands", payload, 301);
  expect((await slack.deliverRaw(old.body, old.headers)).status).toBe(401);
  expect(ran).toEqual(["T0COUNCIL approve", "T0COUNCIL approve"]);
});

test("any field of a genuine delivery can be another", async () => {
  await slack.slash("U0ADA", "approve", { overrides: { team_id: "T0OTHER" } });
  expect(ran).toEqual(["T0OTHER approve"]);
});

test("an event that fails comes again at once, after one minute and after five, and then no more", async () => {
  const dead = "http://127.0.0.1:1/";
  const tries = (count: number, due: number) =>
    slack.until(() => slack.delivered.length === count && slack.clock.pending() === due, `there were ${count} tries`);
  slack.deliverTo(dead);
  await slack.openHome("U0ADA");
  await tries(2, 1);
  slack.clock.advance(59_000);
  expect(slack.delivered).toHaveLength(2);
  slack.clock.advance(1_000);
  await tries(3, 1);
  slack.clock.advance(300_000);
  await tries(4, 0);
  expect(new Set(slack.delivered.map(({ payload }) => payload.event_id)).size).toBe(1);
});

test("an event that comes again says so, and is done with once it is acknowledged", async () => {
  const url = slack.deliverTo("http://127.0.0.1:1/");
  const first = await slack.openHome("U0ADA");
  await slack.until(() => slack.clock.pending() === 1, "the second repetition is due");
  slack.deliverTo(url);
  slack.clock.advance(60_000);
  await slack.until(() => ran.length === 1, "the app has it");
  expect(ran).toEqual([`${first.payload.event_id} 2 http_error`]);
  expect(slack.clock.pending()).toBe(0);
});
