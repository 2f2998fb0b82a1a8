/** Scripted faults of the Web API, as the real client meets them. */

import type { WebClient } from "@slack/web-api";
import { afterEach, beforeEach, expect, test } from "vitest";
import { webClient } from "./bolt-app.ts";
import { type SlackPlatform, startSlack } from "./slack.ts";

let slack: SlackPlatform;
let client: WebClient;

beforeEach(async () => {
  slack = await startSlack();
  slack.addChannel({ id: "C0ONE", name: "one" });
  slack.addChannel({ id: "C0TWO", name: "two" });
  client = webClient(slack, { rejectRateLimitedCalls: true });
});
afterEach(() => slack.stop());

const say = (channel = "C0ONE") => client.chat.postMessage({ channel, text: "a" });

test("a status is answered so many times, then all is well", async () => {
  slack.faults.next("chat.postMessage", { kind: "status", status: 503 }, { times: 2 });
  await expect(say()).rejects.toMatchObject({ statusCode: 503 });
  await expect(say()).rejects.toMatchObject({ statusCode: 503 });
  expect((await say()).ok).toBe(true);
  expect(slack.messages("C0ONE")).toHaveLength(1);
});

test("429 carries Retry-After, and may be for one channel alone", async () => {
  const fault = slack.faults.next(
    "chat.postMessage",
    { kind: "status", status: 429, retryAfter: 7 },
    { channel: "C0TWO" },
  );
  expect((await say("C0ONE")).ok).toBe(true);
  await expect(say("C0TWO")).rejects.toMatchObject({ retryAfter: 7 });
  expect(fault.met()).toBe(1);
});

test("an error code can be forced, and nothing is done", async () => {
  slack.faults.next("chat.postMessage", { kind: "error", error: "is_archived" });
  await expect(say()).rejects.toMatchObject({ data: { error: "is_archived" } });
  expect(slack.messages("C0ONE")).toEqual([]);
});

test("a connection breaks before the work, or after it", async () => {
  slack.faults.next("chat.postMessage", { kind: "drop", when: "before" });
  await expect(say()).rejects.toThrow();
  expect(slack.messages("C0ONE")).toEqual([]);
  slack.faults.next("chat.postMessage", { kind: "drop", when: "after" });
  await expect(say()).rejects.toThrow();
  expect(slack.messages("C0ONE")).toHaveLength(1);
});

test("a late answer comes after the work is done; a hung one never does any", async () => {
  const late = slack.faults.next("chat.postMessage", { kind: "late" });
  const call = say();
  await slack.until(() => slack.messages("C0ONE").length === 1, "the message is there");
  late.release();
  expect((await call).ok).toBe(true);
  const hang = slack.faults.next("chat.postMessage", { kind: "hang" });
  const hung = expect(say()).rejects.toThrow();
  await slack.until(() => hang.met() === 1, "the call hangs");
  hang.release();
  await hung;
  expect(slack.messages("C0ONE")).toHaveLength(1);
});

test("about one message a second and channel, where that is asked for", async () => {
  const strict = await startSlack({ rateLimit: { burst: 2 } });
  strict.addChannel({ id: "C0ONE", name: "one" });
  strict.addChannel({ id: "C0TWO", name: "two" });
  const own = webClient(strict, { rejectRateLimitedCalls: true });
  const post = (channel: string) => own.chat.postMessage({ channel, text: "a" });
  await post("C0ONE");
  await post("C0ONE");
  await expect(post("C0ONE")).rejects.toMatchObject({ retryAfter: 1 });
  await post("C0TWO");
  strict.clock.advance(1000);
  await post("C0ONE");
  expect(strict.messages("C0ONE")).toHaveLength(3);
  await strict.stop();
});

test("every request is on record as it came", async () => {
  await say();
  expect(slack.requests).toMatchObject([
    { method: "chat.postMessage", token: slack.botToken, args: { channel: "C0ONE", text: "a" } },
  ]);
});

test("a wait that fails says what was there instead", async () => {
  await say();
  const wait = slack.until(() => false, "pigs fly", 0.01);
  await expect(wait).rejects.toThrow(/until pigs fly\. There was: [\s\S]*C0ONE: a/);
});
