import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import pino from "pino";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { records } from "../../support/slack/model.ts";
import { type Deed, refused, refusedOnRecord, taken } from "./evidence.ts";
import { line } from "./lines.ts";
import { anew, openProgram, type Program } from "./program.ts";

let program: Program;
beforeAll(async () => {
  program = await openProgram();
});
afterEach(() => anew(program));
afterAll(() => program.stop());

const inSlack = (by: Deed["by"], words: string): Deed => ({
  room: "slack",
  by,
  act: () => program.slack.slash(program.places.slack.user(by), words, { channel: program.places.slack.channel }),
});
const inDiscord = (by: Deed["by"], command: string): Deed => ({
  room: "discord",
  by,
  act: () => program.discord.slash(program.places.discord.user(by), `upgrade ${command}`, { ceremony: "UP-1" }),
});

describe("the platform's raw ids", () => {
  test(line("evidence/ids"), async () => {
    const { slack, discord, places } = program;
    const typed = await taken(program, inSlack("ben", "approve UP-1"), "approved");
    const trigger = slack.delivered.at(-1)?.payload.trigger_id;
    const bySlack = { person: "ben", account: "slack:T0COUNCIL:U0BEN", delivery: `slack:T0COUNCIL:${trigger}` };
    expect(typed.data).toMatchObject({ by: bySlack });
    const asked = await taken(program, inDiscord("caro", "approve"), "approved");
    const account = `discord:${discord.guildId}:${places.discord.user("caro")}`;
    expect(asked.data).toMatchObject({
      by: { person: "caro", account, delivery: `discord:${discord.interactions().at(-1)?.id}` },
    });
  });

  test(line("evidence/ids", "of a click and of a form"), async () => {
    const { slack, places } = program;
    const ts = slack.messages(places.slack.channel)[0]?.ts ?? "";
    const click = () => slack.click("U0BEN", ts, "Approve");
    const clicked = await taken(program, { room: "slack", by: "ben", act: click }, "approved");
    const [action] = records(slack.delivered.at(-1)?.payload.actions);
    expect(clicked.data).toMatchObject({ by: { delivery: `slack:T0COUNCIL:U0BEN:${ts}:${action?.action_ts}` } });
    await anew(program);
    await slack.slash("U0BEN", "deny UP-1");
    const [form] = await slack.until(() => slack.modals("U0BEN").length > 0 && [...slack.modals("U0BEN")], "a form");
    const send = () => slack.submit("U0BEN", { Reason: "The fee is wrong." });
    const sent = await taken(program, { room: "slack", by: "ben", act: send }, "denied");
    expect(sent.data).toMatchObject({ by: { delivery: `slack:T0COUNCIL:${form?.id}` } });
  });

  test(line("evidence/refusals"), async () => {
    const { slack, discord } = program;
    const typed = await refusedOnRecord(program, inSlack("eve", "approve UP-1"), /./);
    const trigger = slack.delivered.at(-1)?.payload.trigger_id;
    expect(typed.data).toMatchObject({ by: { person: "eve", delivery: `slack:T0COUNCIL:${trigger}` } });
    const asked = await refusedOnRecord(program, inDiscord("eve", "approve"), /./);
    expect(asked.data).toMatchObject({
      by: { person: "eve", delivery: `discord:${discord.interactions().at(-1)?.id}` },
    });
    await taken(program, inSlack("ben", "approve UP-1"), "approved");
  });
});

describe("with everything failing that can fail", () => {
  /** Does it, and waits until the program has told its operator of a fault there. */
  async function reported(where: string, act: () => Promise<unknown>): Promise<void> {
    const count = () => program.raised.filter((one) => one.where === where).length;
    const before = count();
    await act();
    await program.discord.until(() => count() > before, `a fault of ${where}`);
  }

  async function troubleInSlack(): Promise<void> {
    const { slack } = program;
    const { faults } = slack;
    for (const fault of [
      { kind: "status", status: 500, body: "no_service" },
      { kind: "error", error: "invalid_auth" },
      { kind: "drop", when: "before" },
    ] as const) {
      faults.next("users.info", fault);
      await refused(program, inSlack("ben", "approve UP-1"), /did not say whether your account is in good standing/);
      await reported("slack answer", () => {
        faults.next("response_url", { kind: "status", status: 404, body: "expired_url" }, { times: 2 });
        faults.next("chat.postEphemeral", fault, { times: 2 });
        faults.next("chat.postMessage", fault, { times: 2 });
        return slack.slash("U0BEN", "whoami");
      });
      await reported("slack form", () => {
        faults.next("views.open", fault);
        return slack.slash("U0BEN", "deny UP-1");
      });
      faults.next("chat.update", fault);
      await taken(program, inSlack("caro", "approve UP-1"), "approved");
      await anew(program);
    }
    await reported("slack click", async () => {
      const actions = [{ type: "button", action_id: "quorate:0", block_id: "b", value: "x", action_ts: "1.1" }];
      const about = { user: { id: "U0BEN" }, team: { id: "T0COUNCIL" }, response_url: `${slack.apiUrl}broken` };
      const broken = { type: "block_actions", token: "x", actions, ...about };
      const { body, headers } = slack.sign("interactive", broken);
      await slack.deliverRaw(body, headers);
    });
  }

  async function troubleInDiscord(): Promise<void> {
    const { discord, places } = program;
    const ben = places.discord.user("ben");
    for (const fault of [
      { kind: "status", status: 500 },
      { kind: "status", status: 400, body: { code: 50035, message: "Invalid Form Body" } },
      { kind: "status", status: 401, body: { code: 0, message: "401: Unauthorized" } },
      { kind: "drop", done: false },
    ] as const) {
      for (const pattern of ["POST /interactions/**", "PATCH /webhooks/**"])
        await reported("discord answer", () => {
          discord.faults.next(pattern, fault, { times: 9 });
          return discord.slash(ben, "upgrade whoami");
        });
      discord.faults.clear();
      discord.faults.next("PATCH /channels/**", fault);
      await refusedOnRecord(program, inDiscord("eve", "approve"), /./);
    }
    await reported("discord interaction", async () =>
      discord.gateway.deliverRaw({ op: 0, t: "INTERACTION_CREATE", d: { id: "1", token: "odd-token" } }),
    );
  }

  /** Everything that is kept, logged or shown. */
  async function everything(): Promise<Record<string, string>> {
    const { stage, slack, discord, places, faults } = program;
    const { dataDir } = stage.running;
    const files = await Promise.all((await readdir(dataDir)).map((one) => readFile(join(dataDir, one), "latin1")));
    const slackUsers = ["U0BEN", "U0CARO", "U0EVE"];
    const messages = [
      ...slack.messages(places.slack.channel),
      ...slackUsers.flatMap((one) => slack.ephemerals(one)),
      ...slackUsers.flatMap((one) => slack.modals(one)),
      ...[places.discord.channel, ...discord.threads().map((one) => one.id)].flatMap((one) => discord.messages(one)),
    ];
    const history = await stage.quorate.services.history("UP-1");
    return {
      faults: faults.join("\n"),
      database: files.join("\n"),
      events: JSON.stringify(history, (_, value: unknown) => (typeof value === "bigint" ? `${value}` : value)),
      answers: JSON.stringify(messages.map((one) => ({ ...one, url: undefined }))),
    };
  }

  let kept: Record<string, string>;
  beforeAll(async () => {
    await troubleInSlack();
    await troubleInDiscord();
    await program.quiet();
    kept = await everything();
    expect(program.faults.length).toBeGreaterThan(10);
  }, 180_000);

  test(line("secrets/tokens"), () => {
    const { slack, discord } = program;
    const secrets = [slack.botToken, slack.appToken, slack.signingSecret, discord.token];
    for (const [where, text] of Object.entries(kept))
      for (const secret of secrets) expect(text.includes(secret), where).toBe(false);
    // What is no secret is there: the text was looked through.
    expect(kept.database).toContain("slack:T0COUNCIL:U0BEN");
    expect(kept.faults).toMatch(/slack|discord/);
  });

  test(line("secrets/answers"), () => {
    const { slack, discord } = program;
    const urls = slack.delivered.flatMap(({ payload }) =>
      typeof payload.response_url === "string" ? [payload.response_url] : [],
    );
    const tokens = discord.interactions().map((one) => one.token);
    expect(urls.length).toBeGreaterThan(5);
    expect(tokens.length).toBeGreaterThan(5);
    for (const [where, text] of Object.entries(kept))
      for (const secret of [
        ...urls,
        ...urls.map((one) => new URL(one).pathname),
        ...tokens,
        "odd-token",
        `${slack.apiUrl}broken`,
      ])
        expect(text.includes(secret), `${secret} in ${where}`).toBe(false);
  });

  test("and an operator's log has them neither", async () => {
    const { slack, discord } = program;
    const lines: string[] = [];
    const log = pino({ level: "trace" }, { write: (text: string) => void lines.push(text) });
    const { logFault } = await import("../../../src/log.ts");
    const told: unknown[] = [];
    const onFault = logFault(log);
    for (const one of program.raised) {
      told.push(one.fault);
      onFault(one.where, one.fault);
    }
    expect(told.length).toBeGreaterThan(10);
    const text = lines.join("\n");
    const tokens = discord.interactions().map((one) => one.token);
    for (const secret of [slack.botToken, slack.appToken, slack.signingSecret, discord.token, ...tokens])
      expect(text.includes(secret)).toBe(false);
    for (const { payload } of slack.delivered)
      if (typeof payload.response_url === "string")
        expect(text.includes(new URL(payload.response_url).pathname)).toBe(false);
  });
});
