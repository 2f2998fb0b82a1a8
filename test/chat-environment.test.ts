import { describe, expect, test } from "vitest";
import { readEnvironment } from "../src/env.ts";

const slack = { SLACK_BOT_TOKEN: "xoxb-1-secret", SLACK_APP_TOKEN: "xapp-1-secret", SLACK_TEAM_IDS: "T1, T2" };
const discord = {
  DISCORD_BOT_TOKEN: "MTEy.secret.word",
  DISCORD_APPLICATION_ID: "112233445566778899",
  DISCORD_GUILD_ID: "998877665544332211",
};
const without = (set: Record<string, string>, name: string) =>
  Object.fromEntries(Object.entries(set).filter(([key]) => key !== name));

test("with nothing set there is no chat", () => {
  expect(readEnvironment({})).toMatchObject({ slack: undefined, discord: undefined, publicUrl: undefined });
});

test("Slack comes by Socket Mode, and by HTTP where the signing secret and a port are set", () => {
  const shared = { botToken: "xoxb-1-secret", teamIds: ["T1", "T2"], apiUrl: undefined };
  expect(readEnvironment(slack).slack).toEqual({ ...shared, appToken: "xapp-1-secret" });
  const both = { ...slack, SLACK_SIGNING_SECRET: "s3cret" };
  expect(readEnvironment(both).slack).toEqual({ ...shared, appToken: "xapp-1-secret" });
  expect(readEnvironment({ ...both, PORT: "4800" }).slack).toEqual({
    ...shared,
    appToken: undefined,
    signingSecret: "s3cret",
  });
});

test("Discord", () => {
  expect(readEnvironment({ ...discord, DISCORD_API_URL: "http://127.0.0.1:1/api" }).discord).toEqual({
    token: "MTEy.secret.word",
    applicationId: "112233445566778899",
    guildId: "998877665544332211",
    apiUrl: "http://127.0.0.1:1/api",
  });
});

describe("half a configuration names what is missing", () => {
  test.each(["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_TEAM_IDS"])("%s", (name) => {
    expect(() => readEnvironment(without(slack, name))).toThrow(`Slack is half configured: ${name} is missing`);
  });

  test("PORT, where Slack comes by HTTP", () => {
    const http = { ...without(slack, "SLACK_APP_TOKEN"), SLACK_SIGNING_SECRET: "s3cret" };
    expect(() => readEnvironment(http)).toThrow("Slack is half configured: PORT is missing");
    expect(readEnvironment({ ...http, PORT: "4800" }).slack?.signingSecret).toBe("s3cret");
  });

  test.each(Object.keys(discord))("%s", (name) => {
    expect(() => readEnvironment(without(discord, name))).toThrow(`Discord is half configured: ${name} is missing`);
  });
});

describe("what is not usable is named and not shown", () => {
  test.each<[string, Record<string, string>]>([
    ["SLACK_BOT_TOKEN", { ...slack, SLACK_BOT_TOKEN: "xapp-secret" }],
    ["SLACK_APP_TOKEN", { ...slack, SLACK_APP_TOKEN: "xoxb-secret" }],
    ["SLACK_TEAM_IDS", { ...slack, SLACK_TEAM_IDS: "secret" }],
    ["SLACK_API_URL", { ...slack, SLACK_API_URL: "http://secret.example.org/api" }],
    ["DISCORD_BOT_TOKEN", { ...discord, DISCORD_BOT_TOKEN: "secret word" }],
    ["DISCORD_APPLICATION_ID", { ...discord, DISCORD_APPLICATION_ID: "secret" }],
    ["DISCORD_GUILD_ID", { ...discord, DISCORD_GUILD_ID: "secret" }],
    ["DISCORD_API_URL", { ...discord, DISCORD_API_URL: "secret" }],
    ["PUBLIC_URL", { PUBLIC_URL: "http://secret.example.org" }],
    ["PUBLIC_URL", { PUBLIC_URL: "https://user:secret@quorate.example.org" }],
    ["PUBLIC_URL", { PUBLIC_URL: "javascript:secret" }],
    ["PUBLIC_URL", { PUBLIC_URL: "https://quorate.example.org/?secret" }],
    ["PUBLIC_URL", { PUBLIC_URL: "https://quorate.example.org/#secret" }],
  ])("%s", (name, set) => {
    const read = () => readEnvironment(set);
    expect(read).toThrow(new RegExp(`^${name} is not usable: `));
    expect(read).not.toThrow(/secret/);
  });
});

test("a public address loses the slash at its end; plain http is for this machine alone", () => {
  expect(readEnvironment({ PUBLIC_URL: "https://quorate.example.org/" }).publicUrl).toBe("https://quorate.example.org");
  expect(readEnvironment({ PUBLIC_URL: "http://127.0.0.1:4800" }).publicUrl).toBe("http://127.0.0.1:4800");
});
