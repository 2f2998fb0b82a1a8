/** Socket Mode when connections come and go, with the real client on the other end. */

import { afterEach, beforeEach, expect, test } from "vitest";
import { type RunningApp, socketApp } from "./bolt-app.ts";
import { type SlackPlatform, startSlack } from "./slack.ts";

let slack: SlackPlatform;
let running: RunningApp;
/** Texts of the commands the app has run, in order. */
let ran: string[];

beforeEach(async () => {
  slack = await startSlack();
  slack.addUser({ id: "U0ADA", name: "ada" });
  slack.addChannel({ id: "C0IN", name: "council", members: ["U0ADA"] });
  ran = [];
  running = await socketApp(slack, (app) => {
    app.command("/upgrade", async ({ ack, command }) => {
      ran.push(command.text);
      await ack();
    });
    app.event("app_home_opened", async ({ body }) => {
      ran.push(body.event_id);
      slack.changed();
    });
  });
});
afterEach(async () => {
  await running.stop();
  await slack.stop();
});

test.each(["warning", "refresh_requested"] as const)(
  "told to go (%s), the app comes back and goes on",
  async (reason) => {
    slack.socket.disconnect(reason);
    await slack.until(() => slack.socket.opened() === 2 && slack.socket.connections() === 1, "the app is back");
    expect((await slack.slash("U0ADA", "status")).acked).toBe(true);
  },
);

test("cut without a word, the app comes back; until then a person is told that it failed", async () => {
  slack.faults.next("apps.connections.open", { kind: "error", error: "internal_error" });
  slack.socket.kill();
  await slack.until(() => slack.socket.connections() === 0, "the connection is gone");
  expect(await slack.slash("U0ADA", "status")).toMatchObject({ acked: false, failure: "dispatch_failed" });
  await slack.until(() => slack.socket.connections() === 1, "the app is back");
  expect((await slack.slash("U0ADA", "status")).acked).toBe(true);
  expect(ran).toEqual(["status"]);
});

test("a connection that is refused for good is not opened", async () => {
  slack.faults.next("apps.connections.open", { kind: "error", error: "invalid_auth" });
  await expect(socketApp(slack, () => undefined)).rejects.toThrow("invalid_auth");
});

test("the same envelope twice reaches the app twice", async () => {
  await slack.slash("U0ADA", "approve");
  slack.socket.resend();
  await slack.until(() => slack.socket.acks.length === 2, "both are acknowledged");
  expect(ran).toEqual(["approve", "approve"]);
  expect(new Set(slack.socket.acks).size).toBe(1);
});

test("envelopes can overtake each other", async () => {
  slack.socket.hold();
  const both = [slack.slash("U0ADA", "first"), slack.slash("U0ADA", "second")];
  await slack.until(() => slack.socket.held() === 2, "both wait");
  slack.socket.release("reversed");
  expect((await Promise.all(both)).map((one) => one.acked)).toEqual([true, true]);
  expect(ran).toEqual(["second", "first"]);
});

test("what was not acknowledged when the connection died goes out again on the next, and says so", async () => {
  const acknowledge = slack.socket.withholdAcks();
  const opening = slack.openHome("U0ADA");
  await slack.until(() => ran.length === 1 && slack.socket.withheld() === 1, "the app has acknowledged the event");
  slack.socket.kill();
  await slack.until(() => ran.length === 2, "the app has it again");
  acknowledge();
  expect((await opening).acked).toBe(true);
  expect(ran[0]).toBe(ran[1]);
  expect(slack.socket.sent.map((one) => [one.retry_attempt, one.retry_reason])).toEqual([
    [0, ""],
    [1, "timeout"],
  ]);
  expect(new Set(slack.socket.sent.map((one) => one.envelope_id)).size).toBe(2);
});

test("an event takes no answer: one that comes with its acknowledgement is the app's mistake", async () => {
  slack.socket.hold();
  const opening = slack.openHome("U0ADA");
  const { url = "" } = await running.app.client.apps.connections.open({ token: slack.appToken });
  const socket = new WebSocket(url);
  socket.onmessage = ({ data }) => {
    const { envelope_id } = JSON.parse(String(data));
    if (envelope_id !== undefined) socket.send(JSON.stringify({ envelope_id, payload: { text: "a" } }));
  };
  await slack.until(() => slack.socket.connections() === 2, "the second connection stands");
  slack.socket.release();
  await opening;
  expect(slack.violations).toEqual(["acknowledgement of events_api: it takes no payload."]);
  socket.close();
});

test("a ticket is good for one connection", async () => {
  const { url = "" } = await running.app.client.apps.connections.open({ token: slack.appToken });
  const enter = () =>
    new Promise<string>((resolve) => {
      const socket = new WebSocket(url);
      socket.onmessage = ({ data }) => {
        resolve(JSON.parse(String(data)).type);
        socket.close();
      };
      socket.onerror = () => resolve("refused");
    });
  expect(await enter()).toBe("hello");
  expect(await enter()).toBe("refused");
});
