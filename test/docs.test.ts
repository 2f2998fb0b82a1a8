import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { installedPermissions } from "./support/discord/world.ts";
import { validateManifest } from "./support/slack/schemas.ts";

const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), "utf8");
const manifest = JSON.parse(read("docs/slack-manifest.json"));

describe("the Slack app's manifest", () => {
  test("is one that Slack takes", async () => {
    expect(await validateManifest(manifest)).toEqual([]);
    expect(await validateManifest({ ...manifest, surprise: true })).not.toEqual([]);
    const wrong = { ...manifest, settings: { ...manifest.settings, socket_mode_enabled: "yes" } };
    expect(await validateManifest(wrong)).not.toEqual([]);
  });

  test("asks for no more than is used, and for no message", () => {
    expect(manifest.oauth_config.scopes).toEqual({ bot: ["commands", "chat:write", "files:write", "users:read"] });
    expect(JSON.stringify(manifest.settings.event_subscriptions)).not.toContain("message");
    expect(manifest.features.slash_commands[0]).toMatchObject({ command: "/upgrade", should_escape: true });
  });

  test("keeps within the lengths that Slack documents", () => {
    const { display_information: about, features } = manifest;
    expect(about.name.length).toBeLessThanOrEqual(35);
    expect(about.description.length).toBeLessThanOrEqual(140);
    expect(about.long_description.length).toBeGreaterThanOrEqual(174);
    expect(about.long_description.length).toBeLessThanOrEqual(4000);
    for (const { description, usage_hint } of features.slash_commands) {
      expect(description.length).toBeLessThanOrEqual(2000);
      expect(usage_hint.length).toBeLessThanOrEqual(1000);
    }
  });
});

test("Discord's install link grants what docs/discord.md lists, as a bot with commands", () => {
  const [link = ""] = /https:\/\/discord\.com\/oauth2\/authorize\S*(?=`)/.exec(read("docs/discord.md")) ?? [];
  const { searchParams } = new URL(link);
  expect(searchParams.get("scope")).toBe("bot applications.commands");
  expect(BigInt(searchParams.get("permissions") ?? "")).toBe(installedPermissions);
});

test(".env.example names every variable that is read, and the documents of a platform name its own", () => {
  const source = ["src/env.ts", "src/chat-environment.ts", "src/alert-environment.ts", "src/operator-environment.ts"]
    .map(read)
    .join("\n");
  const variables = new Set(
    source.match(
      /\b(?:SLACK|DISCORD|QUORATE|DATABASE|GAS|SAFE|PUBLIC|LOG|PAGERDUTY|ALERT|DEADMAN|OPERATOR|OTEL)_[A-Z_]+\b|\bPORT\b/g,
    ),
  );
  const example = read(".env.example");
  for (const name of variables) expect(example, name).toContain(`${name}=`);
  for (const name of variables) {
    const platform = /^(SLACK|DISCORD)_(?!API_URL)/.exec(name)?.[1]?.toLowerCase();
    if (platform !== undefined) expect(read(`docs/${platform}.md`), name).toContain(name);
  }
});
