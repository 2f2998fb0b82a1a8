import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { personById } from "../../../src/domain/policy.ts";
import type { Json } from "../../support/slack/model.ts";
import { type Anybody, elsewhere, partner, second } from "./council.ts";
import { type Deed, nothing, refused, refusedOnRecord, taken } from "./evidence.ts";
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

/** Somebody types it, in the council's channel. */
function approves(by: Anybody, overrides: Json = {}): Deed {
  const { slack, places } = program;
  const { user, channel } = places.slack;
  return { room: "slack", by, act: () => slack.slash(user(by), "approve UP-1", { channel, overrides }) };
}

/** The case beside its twin: the same person, the same words, without what is wrong. */
async function refusedUnless(deed: Deed, says: RegExp, twin: Deed = approves(deed.by)): Promise<void> {
  await refused(program, deed, says);
  program.pass(61);
  await taken(program, twin, "approved", /You approved UP-1/);
}

/** What users.info answers next of Ben, differing from the truth. */
function slackSays(change: Json, profile: Json = {}): void {
  const { slack, places } = program;
  const id = places.slack.user("ben");
  const flags = { deleted: false, is_bot: false, is_restricted: false, is_ultra_restricted: false };
  const user = { id, team_id: places.slack.team, name: "ben", profile, ...flags, ...change };
  slack.faults.next("users.info", { kind: "status", status: 200, body: JSON.stringify({ ok: true, user }) });
}

describe("who somebody is", () => {
  test(line("who/ids", "Slack"), async () => {
    const { by } = (await taken(program, approves("ben"), "approved")).data as {
      by: { person: string; account: string };
    };
    expect(by).toMatchObject({ person: "ben", account: "slack:T0COUNCIL:U0BEN" });
    await refused(program, approves("nobody"), /slack:T0COUNCIL:U0NOBODY belongs to nobody/);
  });

  test(line("who/one-person"), async () => {
    await taken(program, approves("linked"), "approved");
    const { data } = await refusedOnRecord(program, approves("dev"), /one person has one vote, on every platform/);
    expect(data).toMatchObject({ code: "vote/again", by: { person: "dev" } });
    expect((await program.stage.state()).approvals.map((one) => one.person)).toEqual(["dev"]);
  });

  test(line("who/name"), async () => {
    const named = { user_name: "ben" };
    await refusedUnless(approves("twin", named), /belongs to nobody/, approves("ben", named));
  });

  test(line("who/e-mail"), async () => {
    const { slack, places } = program;
    const id = places.slack.user("twin");
    const flags = { deleted: false, is_bot: false, is_restricted: false, is_ultra_restricted: false };
    const profile = { email: "ben@harbour.example", real_name: "Ben", display_name: "Ben" };
    const user = { id, team_id: places.slack.team, name: "ben", profile, ...flags };
    slack.faults.next("users.info", { kind: "status", status: 200, body: JSON.stringify({ ok: true, user }) });
    await refused(program, approves("twin"), /belongs to nobody/);
    slackSays({}, profile);
    await taken(program, approves("ben"), "approved");
  });
});

describe("where it comes from", () => {
  test(line("slack/app"), async () => {
    await taken(program, approves("ben"), "approved");
    await anew(program);
    await refusedUnless(approves("ben", { api_app_id: "A0OTHER" }), /another Slack app/);
  });

  test(line("slack/team"), () => refusedUnless(approves("ben", { team_id: elsewhere }), /none of the council's/));

  test(line("slack/team", "a listed one that the app is not installed in"), () =>
    refusedUnless(approves("ben", { team_id: second }), /not installed for the Slack workspace T0SECOND/),
  );

  test(line("slack/enterprise"), () =>
    refusedUnless(approves("ben", { enterprise_id: "E0OTHER" }), /another Slack enterprise/),
  );

  test(line("slack/own-word", "another team"), async () => {
    program.slack.setUser("U0BEN", { team: partner });
    await refused(program, approves("ben", { team_id: "T0COUNCIL" }), /belongs to another workspace/);
    program.slack.setUser("U0BEN", { team: "T0COUNCIL" });
    await taken(program, approves("ben"), "approved");
  });

  test(line("slack/own-word", "another enterprise"), async () => {
    program.slack.setUser("U0BEN", { enterprise: "E0OTHER" });
    await refused(program, approves("ben"), /belongs to another workspace/);
    program.slack.setUser("U0BEN", { enterprise: undefined });
    await taken(program, approves("ben"), "approved");
  });

  test(line("slack/own-word", "another person"), async () => {
    slackSays({ id: "U0CARO" });
    await refusedUnless(approves("ben"), /belongs to another workspace/);
  });
});

describe("in what standing", () => {
  test(line("slack/asked"), async () => {
    const asked = () => program.slack.requests.filter((one) => one.method === "users.info").length;
    const before = asked();
    await taken(program, approves("ben"), "approved");
    expect(asked()).toBe(before + 1);
    program.slack.setUser("U0BEN", { deleted: true });
    program.pass(61);
    await refused(program, approves("ben"), /deactivated/);
    expect(asked()).toBe(before + 2);
    program.slack.setUser("U0BEN", { deleted: false });
  });

  const standings = [
    ["slack/deactivated", { deleted: true }, /deactivated/],
    ["slack/bot", { bot: true }, /Bots do not act/],
    ["slack/guest", { restricted: true }, /guest/],
    ["slack/single-channel-guest", { ultraRestricted: true }, /guest/],
  ] as const;
  // The line's names are written out for whoever looks for them.
  const named = {
    "slack/deactivated": line("slack/deactivated"),
    "slack/bot": line("slack/bot"),
    "slack/guest": line("slack/guest"),
    "slack/single-channel-guest": line("slack/single-channel-guest"),
  };
  for (const [id, change, says] of standings)
    test(named[id], async () => {
      program.slack.setUser("U0BEN", change);
      await refused(program, approves("ben"), says);
      program.slack.setUser("U0BEN", { deleted: false, bot: false, restricted: false, ultraRestricted: false });
      await taken(program, approves("ben"), "approved");
    });

  test.each([
    ["nothing of guests", { is_restricted: undefined }, /guest/],
    ["nothing of single channels", { is_ultra_restricted: undefined }, /guest/],
    ["nothing of bots", { is_bot: undefined }, /Bots do not act/],
    ["nothing of its end", { deleted: undefined }, /deactivated/],
    ["nothing of its team", { team_id: undefined }, /belongs to another workspace/],
  ])(`${line("slack/unknown")}: %s`, async (_, change, says) => {
    slackSays(change);
    await refusedUnless(approves("ben"), says);
  });

  test.each([
    ["an error", { kind: "error", error: "user_not_found" }],
    ["an HTTP status", { kind: "status", status: 500 }],
    ["too many questions", { kind: "status", status: 429, retryAfter: 5 }],
    ["a broken connection", { kind: "drop", when: "before" }],
    ["something else", { kind: "status", status: 200, body: '{"ok":true}' }],
    ["silence", { kind: "hang" }],
  ] as const)(`${line("slack/unknown", "no answer")}: %s`, async (_, fault) => {
    const armed = program.slack.faults.next("users.info", fault);
    await refusedUnless(approves("ben"), /did not say whether your account is in good standing/);
    expect(armed.met()).toBe(1);
  });
});

describe("people of elsewhere", () => {
  test(line("slack/stranger"), async () => {
    await refused(program, approves("stranger"), /T0STRANGE is none of the council's/);
    await taken(program, approves("linked"), "approved");
  });

  test(line("slack/stranger", "in the council's own team"), async () => {
    program.slack.setUser("U0BEN", { stranger: true });
    await refused(program, approves("ben"), /stranger/);
    program.slack.setUser("U0BEN", { stranger: false });
    await taken(program, approves("ben"), "approved");
  });

  test(line("slack/listed-stranger"), async () => {
    const dev = personById(program.policy, "dev");
    expect(dev?.accounts).toContain(`slack:${partner}:U0UNLINKED`);
    await refused(program, approves("unlinked"), /not linked by a wallet's signature/);
    await taken(program, approves("linked"), "approved");
  });
});

describe(line("slack/later"), () => {
  const gone = () => {
    program.slack.setUser("U0BEN", { deleted: true });
    program.pass(61);
  };
  const back = () => {
    program.slack.setUser("U0BEN", { deleted: false });
    program.pass(61);
  };

  test("between the card and the click", async () => {
    const { slack, places } = program;
    const click = (): Deed => {
      const card = slack.messages(places.slack.channel).find((one) => one.threadTs === undefined);
      return { room: "slack", by: "ben", act: () => slack.click("U0BEN", card?.ts ?? "", "Approve") };
    };
    gone();
    await refused(program, click(), /deactivated/);
    back();
    await taken(program, click(), "approved");
  });

  test("between the form and sending it", async () => {
    const { slack } = program;
    const opens = async () => {
      await slack.slash("U0BEN", "deny UP-1");
      await slack.until(() => slack.modals("U0BEN").length > 0, "the form is open");
    };
    const sends: Deed = { room: "slack", by: "ben", act: () => slack.submit("U0BEN", { Reason: "The fee is wrong." }) };
    await opens();
    gone();
    await refused(program, sends, /deactivated/);
    back();
    await opens();
    await taken(program, sends, "denied");
  });

  test("at once, where Slack says that the account changed", async () => {
    await taken(program, approves("ben"), "approved");
    const { slack } = program;
    const { approvals } = await program.stage.state();
    expect(approvals).toHaveLength(1);
    slack.setUser("U0BEN", { deleted: true });
    const { api_app_id, team_id } = slack.delivered.at(-1)?.payload ?? {};
    const event = { type: "user_change", user: { id: "U0BEN" } };
    await nothing(program, () =>
      slack.event({ type: "event_callback", token: "x", team_id, api_app_id, event_id: "Ev0CHANGE", event }),
    );
    await refused(program, approves("ben"), /deactivated/);
    slack.setUser("U0BEN", { deleted: false });
  });
});
