import { afterAll, beforeAll, expect, test } from "vitest";
import { type CardButtons, inDiscord, inSlack } from "./card-buttons.ts";
import { left, refused, refusedOnRecord, taken } from "./evidence.ts";
import { line } from "./lines.ts";
import { openProgram, type Program } from "./program.ts";

/** UP-1 moves on here: each case finds what the one before left. */
let program: Program;
let slackCard: CardButtons;
let discordCard: CardButtons;
async function open(): Promise<void> {
  program = await openProgram();
  slackCard = inSlack(program);
  discordCard = inDiscord(program);
}
beforeAll(open);
afterAll(() => program.stop());

test(line("button/revision"), async () => {
  const early = { slack: slackCard.token(), discord: discordCard.token() };
  const { quorate } = program.stage;
  const send = (command: string, options: Record<string, string>) =>
    quorate.dispatch({ command, options, account: "console:ben", deliveryId: crypto.randomUUID() }, () => undefined);
  await send("propose", { target: "harbour", release: "2.0.0", revises: "UP-1", rationale: "Once more." });
  await send("check", { ceremony: "UP-1" });
  await program.quiet();
  expect(await program.stage.state()).toMatchObject({ status: "in review", revision: 2 });
  const says = /was for revision 1 of UP-1, which is at revision 2 now/;
  await refused(program, slackCard.press("caro", early.slack), says);
  await refused(program, discordCard.press("caro", early.discord), says);
  await taken(program, slackCard.press("caro"), "approved");
});

test(line("button/actor", "an approver who wrote this revision"), async () => {
  expect((await program.stage.state()).proposers).toContain("ben");
  const { data } = await refusedOnRecord(program, slackCard.press("ben"), /Ben|You/);
  expect(data).toMatchObject({ by: { person: "ben" } });
  await taken(program, discordCard.press("finn"), "approved");
});

test(line("button/expiry"), async () => {
  const late = { slack: slackCard.token(), discord: discordCard.token() };
  await refusedOnRecord(program, slackCard.press("finn", late.slack), /one person has one vote/);
  await program.stage.wait(259_300n, 12);
  expect((await program.stage.state()).status).toBe("expired");
  await refusedOnRecord(program, slackCard.press("dev", late.slack), /is expired/);
  await refusedOnRecord(program, discordCard.press("dev", late.discord), /is expired/);
});

test(line("button/state"), async () => {
  await program.stop();
  await open();
  const before = { slack: slackCard.token(), discord: discordCard.token() };
  await taken(program, slackCard.press("ben", before.slack), "approved");
  const act = () => program.slack.slash("U0CARO", "cancel UP-1 reason=superseded");
  await taken(program, { room: "slack", by: "caro", act }, "cancelled");
  const { data } = await refusedOnRecord(program, slackCard.press("caro", before.slack), /is cancelled/);
  expect(data).toMatchObject({ code: "state/cancelled" });
  await refusedOnRecord(program, discordCard.press("caro", before.discord), /is cancelled/);
  expect((await left(program)).events.filter((one) => one.includes(" approved "))).toHaveLength(1);
});
