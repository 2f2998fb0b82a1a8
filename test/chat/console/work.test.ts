import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CardEntry, ReplyEntry, Update } from "../../../src/chat/console/wire.ts";
import { notice } from "../../../src/view.ts";
import { openConsole, type Scripted } from "./open-console.ts";
import { type Listening, listen, post } from "./page-visit.ts";
import { card } from "./sample-cards.ts";
import { proposeForm, walletRequest } from "./sample-requests.ts";

let console: Scripted;
let ada: Listening;
let ben: Listening;
beforeEach(async () => {
  console = await openConsole();
  ada = listen(console.url, "console:ada");
  ben = listen(console.url, "console:ben");
  await Promise.all([ada, ben].map((each) => each.until((update) => update.type === "state")));
});
afterEach(async () => {
  ada.stop();
  ben.stop();
  await console.stop();
});

const id = () => crypto.randomUUID();
const isReply = (update: Update): update is Extract<Update, { type: "reply" }> => update.type === "reply";
const answered = async (whose: Listening, reply: string): Promise<ReplyEntry> => {
  const fits = (update: Update): update is Extract<Update, { type: "reply" }> =>
    isReply(update) && update.entry.id === reply && update.entry.answeredAt !== null;
  return (await whose.until(fits)).entry;
};
const say = async (text: string, reply = id()): Promise<string> => {
  await post(console.url, "say", { account: "console:ada", id: reply, text });
  return reply;
};
/** The room as somebody sees it who opens the page now. */
const room = async (account = "console:ada"): Promise<{ cards: CardEntry[]; replies: ReplyEntry[] }> => {
  const visitor = listen(console.url, account);
  const state = await visitor.until((update): update is Extract<Update, { type: "state" }> => update.type === "state");
  visitor.stop();
  return state;
};

describe("what a person asks for", () => {
  it("reaches dispatch as an invocation of their account, and only they see the answer", async () => {
    const reply = await say('/upgrade approve UP-1 reason="looks right"');
    expect((await answered(ada, reply)).view).toMatchObject({ kind: "notice", text: "approve ran for console:ada." });
    expect(console.invocations).toEqual([
      {
        command: "approve",
        options: { ceremony: "UP-1", reason: "looks right" },
        account: "console:ada",
        deliveryId: `console:${reply}`,
      },
    ]);
    expect((await room()).replies).toHaveLength(1);
    expect((await room("console:ben")).replies).toEqual([]);
    expect(ben.updates.filter(isReply)).toEqual([]);
  });

  it("says for which revision of the package a button was offered", async () => {
    const reply = id();
    const press = { said: "Deny", command: "deny", options: { ceremony: "UP-1" }, revision: 2 };
    await post(console.url, "run", { account: "console:ada", id: reply, ...press });
    await answered(ada, reply);
    expect(console.invocations).toMatchObject([{ command: "deny", options: { ceremony: "UP-1" }, revision: 2 }]);
  });

  it("runs once, however often the request is sent", async () => {
    const reply = id();
    await Promise.all([say("status", reply), say("status", reply), say("status", reply)]);
    await answered(ada, reply);
    await say("status", reply);
    expect(console.invocations).toHaveLength(1);
  });

  it("is answered by help when nothing is typed after the slash, and by a button for a slip", async () => {
    await answered(ada, await say("/upgrade"));
    expect(console.invocations[0]?.command).toBe("help");
    expect((await answered(ada, await say("aprove UP-1"))).view).toMatchObject({
      tone: "warning",
      text: "There is no command “aprove”. Did you mean approve?",
      actions: [{ label: "approve UP-1", command: "approve", options: { ceremony: "UP-1" } }],
    });
    expect(console.invocations).toHaveLength(1);
  });

  it("tells its steps while it runs", async () => {
    const finish = Promise.withResolvers<void>();
    console.on("status", async (_, progress) => {
      progress("Forking…");
      progress("Simulating…");
      progress("Simulating…");
      await finish.promise;
      return notice("good", "Done.");
    });
    const reply = await say("status");
    await ada.until((update) => isReply(update) && update.entry.progress.length === 2 && !update.entry.answeredAt);
    finish.resolve();
    expect((await answered(ada, reply)).progress).toEqual(["Forking…", "Simulating…"]);
  });

  it("ends in a sentence when the program fails, which is reported and not shown", async () => {
    const fault = new Error("ECONNREFUSED https://rpc.example/SECRET-KEY");
    console.on("status", () => Promise.reject(fault));
    const { view } = await answered(ada, await say("status"));
    expect(view).toMatchObject({
      tone: "bad",
      text:
        "The bot could not finish this because of a fault of its own. Look at the status before you try again: " +
        "part of it may have been done.",
    });
    expect(console.faults).toEqual([fault]);
  });

  it("may be answered by a card in the channel", async () => {
    console.on("status", () => card());
    expect((await answered(ada, await say("status"))).view).toBeNull();
    await ben.until((update) => update.type === "card" && update.entry.card.key === "UP-1");
  });

  it("can be dismissed", async () => {
    const reply = await say("status");
    await answered(ada, reply);
    await post(console.url, "dismiss", { account: "console:ben", reply });
    expect((await room()).replies).toHaveLength(1);
    await post(console.url, "dismiss", { account: "console:ada", reply });
    await ada.until((update) => update.type === "dismissed" && update.id === reply);
    expect((await room()).replies).toEqual([]);
  });
});

describe("a form", () => {
  const fill = (reply: string, values: Record<string, string>, account = "console:ada", next = id()) =>
    post(console.url, "submit", { account, id: next, reply, values });

  it("sends the command its options and the fields together, and is kept filled in", async () => {
    console.on("propose", ({ options }) => (options.title ? notice("bad", "No such contract.") : proposeForm));
    const form = await say("propose");
    await answered(ada, form);
    const next = id();
    await fill(form, { title: "Rounding", lane: "emergency", rationale: "" }, "console:ada", next);
    const { again, said } = await answered(ada, next);
    expect(said).toBe("/upgrade propose");
    expect(console.invocations[1]?.options).toEqual({
      target: "vault",
      title: "Rounding",
      implementation: "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512",
      lane: "emergency",
    });
    expect(again?.fields.map((field) => field.value)).toEqual([
      "Rounding",
      "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512",
      "emergency",
      "",
    ]);
    expect((await room()).replies.map((reply) => reply.id)).toEqual([next]);
    await fill(next, { title: "Rounding again" });
    await expect.poll(() => console.invocations[2]?.options.title, { timeout: 10_000 }).toBe("Rounding again");
  });

  it("takes no field that it does not have, and belongs to one person", async () => {
    console.on("propose", () => proposeForm);
    const form = await say("propose");
    await answered(ada, form);
    expect(await fill(form, { target: "treasury" })).toMatchObject({
      status: 400,
      body: '{"error":"The form has no such field."}',
    });
    expect(await fill(form, { title: "x" }, "console:ben")).toMatchObject({
      status: 409,
      body: '{"error":"This form is gone: start the command again."}',
    });
    expect(console.invocations).toHaveLength(1);
  });
});

describe("a wallet request", () => {
  const signing = (reply: string, states: string[]) =>
    ada.until(
      (update) =>
        isReply(update) &&
        update.entry.id === reply &&
        update.entry.signing.map((each) => each.state).join() === states.join(),
    );

  it("is signed item by item as the program made it, and stops at the first that is not accepted", async () => {
    console.on("sign", () => walletRequest);
    let refuse = true;
    console.onSign((_, item, progress) => {
      progress(`Nonce ${item.kind === "signature" ? item.tx.nonce : ""}`);
      return item.purpose === "Pause the vault" && refuse
        ? notice("bad", "The nonce is taken.")
        : notice("good", "Signed.");
    });
    const reply = await say("sign UP-3");
    expect((await answered(ada, reply)).view).toMatchObject({
      items: [{ tx: { nonce: "12", value: "0" } }, {}, {}, {}],
    });
    await post(console.url, "sign", { account: "console:ada", reply });
    await signing(reply, ["done", "done", "failed", "open"]);
    refuse = false;
    await post(console.url, "sign", { account: "console:ada", reply });
    await signing(reply, ["done", "done", "done", "done"]);
    expect(console.signed).toEqual([
      "console:ada: Schedule the upgrade",
      "console:ada: Schedule the rollback",
      "console:ada: Pause the vault",
      "console:ada: Pause the vault",
      "console:ada: Lower the limits",
    ]);
  });

  it("is not signed twice at once, nor by somebody else", async () => {
    console.on("sign", () => walletRequest);
    const finish = Promise.withResolvers<void>();
    console.onSign(async () => {
      await finish.promise;
      return notice("bad", "Enough.");
    });
    const reply = await say("sign UP-3");
    await answered(ada, reply);
    await post(console.url, "sign", { account: "console:ada", reply });
    await signing(reply, ["working", "open", "open", "open"]);
    await post(console.url, "sign", { account: "console:ada", reply });
    const other = await post(console.url, "sign", { account: "console:ben", reply });
    expect([other.status, other.body]).toEqual([409, '{"error":"This wallet request is gone: start it again."}']);
    finish.resolve();
    await signing(reply, ["failed", "open", "open", "open"]);
    expect(console.signed).toHaveLength(1);
  });
});

describe("cards", () => {
  const statuses = async () =>
    (await room()).cards.map((entry) => `${entry.card.key} ${entry.card.status} ${entry.edits}`);

  it("are posted once and edited in place, and an older revision does not undo a newer one", async () => {
    await console.show(card());
    await console.show(card({ key: "UP-2", status: "drafted" }));
    await console.show(card({ revision: 3, status: "approved" }));
    await console.show(card({ revision: 2, status: "in review" }));
    expect(await statuses()).toEqual(["UP-1 approved 1", "UP-2 drafted 0"]);
    await console.show(card({ revision: 3, status: "signing" }));
    await console.show(card({ revision: 3, status: "signing" }));
    expect(await statuses()).toEqual(["UP-1 signing 2", "UP-2 drafted 0"]);
  });

  it("for one person are not posted", async () => {
    await console.show(card({ audience: { kind: "private" } }));
    expect(await statuses()).toEqual([]);
  });
});

describe("time", () => {
  it("is told as soon as it has moved, and messages carry it", async () => {
    const before = console.chainTime;
    await post(console.url, "advance", { account: "console:ada", id: id(), said: "+48 h", seconds: 172_800 });
    const moved = (before + 172_800n).toString();
    await ben.until(
      (update) => update.type === "clock" && "chainTime" in update.clock && update.clock.chainTime === moved,
    );
    await console.show(card());
    const [entry] = (await room()).cards;
    expect(Math.abs((entry?.postedAt ?? 0) / 1000 - Number(moved))).toBeLessThan(60);
  });

  it("only moves forward, and no further than a year", async () => {
    for (const seconds of [0, -5, 1.5, 400 * 86_400]) {
      const answer = await post(console.url, "advance", { account: "console:ada", id: id(), said: "+", seconds });
      expect(answer.status).toBe(400);
    }
  });
});
