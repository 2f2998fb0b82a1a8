/** Uploads in three steps, and pictures in messages that refer to them. */

import type { WebClient } from "@slack/web-api";
import { afterEach, beforeEach, expect, test } from "vitest";
import { webClient } from "./bolt-app.ts";
import { type SlackPlatform, startSlack } from "./slack.ts";

let slack: SlackPlatform;
let client: WebClient;
const picture = Buffer.from("89504e470d0a1a0a", "hex");

beforeEach(async () => {
  slack = await startSlack();
  slack.addChannel({ id: "C0IN", name: "council" });
  client = webClient(slack);
});
afterEach(() => slack.stop());

async function announce(): Promise<{ upload_url: string; file_id: string }> {
  const args = { filename: "canary.png", length: picture.length, alt_txt: "The share price is level." };
  return (await client.apiCall("files.getUploadURLExternal", args)) as unknown as {
    upload_url: string;
    file_id: string;
  };
}
const show = (id: string) =>
  client.chat.postMessage({
    channel: "C0IN",
    text: "a",
    blocks: [{ type: "image", slack_file: { id }, alt_text: "a" }],
  });

test("a picture is shown once its upload is complete, and not before", async () => {
  const { upload_url, file_id } = await announce();
  await expect(show(file_id)).rejects.toMatchObject({ data: { error: "invalid_blocks" } });
  const early = client.files.completeUploadExternal({ files: [{ id: file_id }] });
  await expect(early).rejects.toMatchObject({ data: { error: "file_not_found" } });
  expect((await fetch(upload_url, { method: "POST", body: picture })).status).toBe(200);
  await expect(show(file_id)).rejects.toMatchObject({ data: { error: "invalid_blocks" } });
  await client.files.completeUploadExternal({ files: [{ id: file_id, title: "Canary" }] });
  await show(file_id);
  expect(slack.files()).toMatchObject([
    {
      id: file_id,
      title: "Canary",
      altText: "The share price is level.",
      bytes: new Uint8Array(picture),
      complete: true,
    },
  ]);
  expect(slack.messages("C0IN")).toHaveLength(1);
});

test("completing without the bytes, and bytes of another length, are refused", async () => {
  const { upload_url, file_id } = await announce();
  const complete = client.files.completeUploadExternal({ files: [{ id: file_id }] });
  await expect(complete).rejects.toMatchObject({ data: { error: "file_not_found" } });
  expect((await fetch(upload_url, { method: "POST", body: "more than was announced" })).status).toBe(400);
  expect(slack.violations).toEqual(["upload of canary.png: 23 bytes came, 8 were announced."]);
});

test("a description has at most 1000 characters", async () => {
  const args = { filename: "a.png", length: 8 };
  const call = (length: number) =>
    client.apiCall("files.getUploadURLExternal", { ...args, alt_txt: "x".repeat(length) });
  await expect(call(1001)).rejects.toMatchObject({ data: { error: "alt_txt_too_large" } });
  expect((await call(1000)).ok).toBe(true);
});

test("the SDK's uploadV2 works, shares to a channel, and loses its alt text on the way", async () => {
  await client.files.uploadV2({
    channel_id: "C0IN",
    file: picture,
    filename: "canary.png",
    alt_text: "Level.",
    initial_comment: "Canary",
  });
  const [file] = slack.files();
  expect(file).toMatchObject({ complete: true, channel: "C0IN", bytes: new Uint8Array(picture), altText: undefined });
  expect(slack.messages("C0IN")).toMatchObject([{ text: "Canary", files: [file?.id] }]);
  expect(slack.violations).toEqual(["files.getUploadURLExternal: alt_text is dropped by Slack, which reads alt_txt."]);
});
