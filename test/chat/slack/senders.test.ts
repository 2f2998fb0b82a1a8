/** Who may act: each reason to refuse beside somebody who differs in nothing else and may. */

import { afterEach, describe, expect, it } from "vitest";
import { card } from "../console/sample-cards.ts";
import { openSetting, partner, type Setting, type SettingOptions, team, upgrades, wordsOf } from "./council.ts";

let setting: Setting;
const open = async (options?: SettingOptions) => {
  setting = await openSetting({ mode: "http", ...options });
  return setting;
};
afterEach(() => setting.stop());

async function answered(user: string, count = 1): Promise<string> {
  const { slack } = setting;
  return wordsOf((await slack.until(() => slack.ephemerals(user)[count - 1], `${user} is answered`)).blocks);
}

describe("an account that Slack says is", () => {
  it.each([
    ["deactivated", { deleted: true }, "deactivated"],
    ["a bot's", { bot: true }, "Bots do not act"],
    ["a guest's", { restricted: true }, "guest"],
    ["a single-channel guest's", { ultraRestricted: true }, "guest"],
    ["a stranger's", { stranger: true }, "stranger"],
  ])("%s is refused, reads included, and served when it is so no longer", async (_, change, sentence) => {
    const { slack, asked } = await open();
    slack.setUser("UADA", change);
    await slack.slash("UADA", "show UP-1");
    expect(await answered("UADA")).toContain(sentence);
    expect(asked).toEqual([]);
    slack.setUser("UADA", { deleted: false, bot: false, restricted: false, ultraRestricted: false, stranger: false });
    await slack.slash("UADA", "show UP-1");
    expect(await answered("UADA", 2)).toContain("Done by the council.");
    expect(asked).toHaveLength(1);
  });
});

describe("where it comes from", () => {
  it("refuses a workspace that policy does not list", async () => {
    const { slack, asked } = await open();
    await slack.slash("USTRANGE", "show UP-1");
    expect(await answered("USTRANGE")).toContain("T0STRANGE is none of the council's");
    expect(asked).toEqual([]);
  });

  it("refuses a listed workspace that the app may not be installed in", async () => {
    const second = "T0SECOND";
    const { slack, asked } = await open({
      policy: (policy) => ({
        ...policy,
        workspaces: {
          ...policy.workspaces,
          slack: [...policy.workspaces.slack, { name: "Second", team: second, external: false }],
        },
      }),
      before: (platform) => {
        platform.addTeam({ id: second });
        platform.addUser({ id: "USECOND", team: second, name: "second" });
      },
    });
    await slack.slash("USECOND", "show UP-1", { channel: upgrades });
    expect(await answered("USECOND")).toContain(`not installed for the Slack workspace ${second}`);
    expect(asked).toEqual([]);
  });

  it("refuses another app's delivery once its own is known", async () => {
    const { slack, asked } = await open();
    await slack.slash("UADA", "show UP-1");
    await answered("UADA");
    await slack.slash("UADA", "show UP-1", { overrides: { api_app_id: "A0OTHER" } });
    expect(await answered("UADA", 2)).toContain("another Slack app");
    expect(asked).toHaveLength(1);
  });

  it("knows its own app from Socket Mode's hello, before the first delivery", async () => {
    const { slack, asked } = await open({ mode: "socket" });
    await slack.slash("UADA", "show UP-1", { overrides: { api_app_id: "A0OTHER" } });
    expect(await answered("UADA")).toContain("another Slack app");
    expect(asked).toEqual([]);
  });

  it("refuses a claimed team that Slack does not confirm", async () => {
    const { slack, asked } = await open({
      before: (platform) => platform.addUser({ id: "UMOVED", team: partner, name: "moved" }),
    });
    await slack.slash("UMOVED", "show UP-1", { channel: upgrades, overrides: { team_id: team } });
    expect(await answered("UMOVED")).toContain("belongs to another workspace");
    expect(asked).toEqual([]);
    slack.setUser("UMOVED", { team });
    await slack.slash("UMOVED", "show UP-1", { channel: upgrades });
    await answered("UMOVED", 2);
    expect(asked).toHaveLength(1);
  });

  it("takes a partner's account that a wallet has linked, and refuses one that none has", async () => {
    const { slack, asked } = await open();
    await slack.slash("UUNLINKED", "show UP-1");
    expect(await answered("UUNLINKED")).toContain("not linked by a wallet's signature");
    expect(asked).toEqual([]);
    await slack.slash("ULINKED", "show UP-1");
    await answered("ULINKED");
    expect(asked).toMatchObject([{ account: `slack:${partner}:ULINKED` }]);
  });
});

describe("an enterprise", () => {
  const enterprise = { id: "E0GRID", name: "Grid" };
  const listed = (id: string | undefined) => ({
    slack: { team: { enterprise } },
    policy: (policy: Setting["policy"]) => ({
      ...policy,
      workspaces: {
        ...policy.workspaces,
        slack: [{ name: "Council", team, external: false, ...(id === undefined ? {} : { enterprise: id }) }],
      },
    }),
    before: (slack: Setting["slack"]) => slack.setUser("UADA", { enterprise: "E0GRID" }),
  });

  it("that policy names is part of the account", async () => {
    const { slack, asked } = await open(listed("E0GRID"));
    await slack.slash("UADA", "show UP-1");
    await answered("UADA");
    expect(asked).toMatchObject([{ account: `slack:E0GRID:${team}:UADA` }]);
  });

  it("is no hindrance to mention its people", async () => {
    const grid = listed("E0GRID");
    const policy = (from: Setting["policy"]) => ({
      ...grid.policy(from),
      people: from.people.map((one) => ({ ...one, accounts: one.id === "ada" ? [`slack:E0GRID:${team}:UADA`] : [] })),
    });
    const { slack, adapter } = await open({ ...grid, policy });
    await adapter.show(card({ mentions: ["ada", "ben"] }));
    expect(slack.messages(upgrades)[0]?.text).toMatch(/ <@UADA>$/);
  });

  it("is refused where Slack says that the account is of none", async () => {
    const { slack, asked } = await open({ ...listed("E0GRID"), before: () => undefined });
    await slack.slash("UADA", "show UP-1");
    expect(await answered("UADA")).toContain("belongs to another workspace");
    expect(asked).toEqual([]);
  });

  it.each([["E0OTHER"], [undefined]])("is refused where policy says %s", async (id) => {
    const { slack, asked } = await open(listed(id));
    await slack.slash("UADA", "show UP-1");
    expect(await answered("UADA")).toContain("another Slack enterprise");
    expect(asked).toEqual([]);
  });
});

describe("what Slack says of an account", () => {
  it("is asked once a minute", async () => {
    const { slack } = await open();
    const questions = () => slack.requests.filter((call) => call.method === "users.info").length;
    await slack.slash("UADA", "show UP-1");
    await answered("UADA");
    await slack.slash("UADA", "show UP-1");
    await answered("UADA", 2);
    expect(questions()).toBe(1);
    slack.clock.advance(60_000);
    await slack.slash("UADA", "show UP-1");
    await answered("UADA", 3);
    expect(questions()).toBe(2);
  });

  it("is forgotten when Slack says that the account changed", async () => {
    const { slack, asked } = await open();
    await slack.slash("UADA", "show UP-1");
    await answered("UADA");
    slack.setUser("UADA", { deleted: true });
    const sample = slack.delivered.at(-1)?.payload ?? {};
    await slack.event({
      type: "event_callback",
      token: "x",
      team_id: team,
      api_app_id: sample.api_app_id,
      event_id: "Ev1",
      event: { type: "user_change", user: { id: "UADA" } },
    });
    await slack.slash("UADA", "show UP-1");
    expect(await answered("UADA", 2)).toContain("deactivated");
    expect(asked).toHaveLength(1);
  });

  it("is refused where Slack does not say, and asked again the next time", async () => {
    const { slack, asked } = await open();
    slack.faults.next("users.info", { kind: "status", status: 500 });
    await slack.slash("UADA", "approve UP-1");
    expect(await answered("UADA")).toContain("did not say whether your account is in good standing");
    expect(asked).toEqual([]);
    await slack.slash("UADA", "approve UP-1");
    expect(await answered("UADA", 2)).toContain("Done by the council.");
  });
});

it("a partner's click in the shared channel counts as theirs", async () => {
  const { slack, adapter, asked } = await open();
  await adapter.show(card({ actions: [{ label: "Approve", command: "approve", options: {}, style: "plain" }] }));
  const ts = slack.messages(upgrades)[0]?.ts ?? "";
  await slack.click("UUNLINKED", ts, "Approve");
  expect(await answered("UUNLINKED")).toContain("not linked by a wallet's signature");
  await slack.click("ULINKED", ts, "Approve");
  await answered("ULINKED");
  expect(asked).toMatchObject([{ command: "approve", account: `slack:${partner}:ULINKED` }]);
});
