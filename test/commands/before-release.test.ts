/** The commands up to the signatures, one ceremony walked through them: what each person reads. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sentence, startCouncil, type TestCouncil, wholeText } from "../support/embedded.ts";

let council: TestCouncil;
beforeAll(async () => {
  council = await startCouncil();
});
afterAll(() => council.stop());

const reads = async (...asked: Parameters<TestCouncil["as"]>) => sentence(await council.as(...asked));
const readsAll = async (...asked: Parameters<TestCouncil["as"]>) => wholeText(await council.as(...asked));
const lastNote = async () => (await council.thread()).at(-1);

describe("whoami", () => {
  test("says which person, roles and wallet an account stands for", async () => {
    expect(await readsAll("caro", "whoami")).toBe(
      "You are Caro.\nAccount: console:caro\nRoles: approver, guardian\nWallet: 0x2eb02271A96FD13a47718C8856eea0C3838aC973",
    );
  });
});

describe("help", () => {
  test("puts what a person may do first, and what others do after it", async () => {
    const view = await council.ask("eve", "help");
    if (view.kind !== "notice") throw new Error("Help is a notice.");
    const [own, others] = view.sections.map((one) => one.lines.map((line) => line.split(":")[0]));
    expect(own).toEqual(expect.arrayContaining(["execute", "rollback", "schedule", "status", "why"]));
    expect(own).not.toContain("approve");
    expect(others).toEqual(expect.arrayContaining(["propose", "approve", "sign", "contain"]));
  });

  test("tells one command in full: example, options, and which may be left out", async () => {
    const text = await readsAll("ada", "help", { command: "deny" });
    expect(text).toContain("/upgrade deny: Deny a package; it stays blocked until you withdraw.");
    expect(text).toContain('/upgrade deny UP-1 reason="the fee is wrong"');
    expect(text).toContain("reason (may be left out): ");
  });

  test("says what there is where a command is mistyped", async () => {
    expect(await reads("ada", "help", { command: "aprove" })).toMatch(
      /^There is no command "aprove"\. There are propose, /,
    );
  });
});

describe("list", () => {
  test("says how to start where there is nothing", async () => {
    expect(await reads("ben", "list")).toBe("There is no ceremony yet. Start one with /upgrade propose.");
  });
});

describe("propose", () => {
  test("opens a form with targets and releases where nothing is named", async () => {
    const form = await council.ask("ada", "propose");
    expect(form).toMatchObject({ kind: "form", title: "Propose an upgrade", submit: "Propose" });
    const fields = form.kind === "form" ? form.fields : [];
    expect(fields.map((one) => [one.name, one.type, one.value])).toEqual([
      ["target", "choice", "harbour"],
      ["release", "choice", "2.0.0"],
      ["title", "line", ""],
      ["rationale", "paragraph", ""],
    ]);
  });

  test("drafts a ceremony, and says who has to act next", async () => {
    const view = await council.ask("ada", "propose", {
      target: "harbour",
      release: "2.0.0",
      title: "Fees",
      rationale: "Lower fees",
    });
    expect(sentence(view)).toMatch(/^UP-1 is drafted\. It has to be checked before it can be reviewed: Ada, Ben, /);
    expect(view).toMatchObject({ actions: [{ label: "Check", command: "check", options: { ceremony: "UP-1" } }] });
    expect(await council.card()).toMatchObject({ status: "drafted", title: "UP-1 · Fees" });
    expect(await council.thread()).toEqual(['Ada proposed "Fees".']);
  });

  test("is refused to whoever has not the role, with the names of those who have", async () => {
    expect(await reads("eve", "propose", { target: "harbour", release: "2.0.0" })).toBe(
      "You cannot propose an upgrade: that takes the role proposer. Ask Ada or Ben.",
    );
  });
});

describe("diff", () => {
  test("has nothing to compare at the first revision", async () => {
    expect(await reads("dev", "diff")).toBe("UP-1 is at its first revision: there is nothing to compare it with.");
  });

  test("shows line by line what a revision changes", async () => {
    const before = (await council.state()).packageHash;
    expect(
      await reads("ada", "propose", { target: "harbour", release: "2.0.0", title: "Lower fees", revises: "UP-1" }),
    ).toMatch(/^UP-1 is now revision 2\. /);
    expect(await lastNote()).toMatch(/^Ada wrote revision 2\. Every vote is void; /);
    const text = await readsAll("dev", "diff");
    expect(text).toMatch(/^UP-1: revision 2 against 1, \d+ differences\.$/m);
    expect(text).toContain(`Revision 1: ${before}`);
    expect(text).toContain("~ title: Fees → Lower fees");
    expect(text).toContain("~ rationale: Lower fees → No rationale was given.");
  });

  test("a revision that changes nothing is refused", async () => {
    const { package: pkg } = await council.state();
    const text = JSON.stringify(pkg, (_, value) => (typeof value === "bigint" ? String(value) : value));
    expect(await reads("ada", "propose", { package: text, revises: "up-1" })).toBe(
      "Nothing was changed: this is revision 2 again.",
    );
  });
});

describe("check", () => {
  test("tells what the gates found, says what it is doing meanwhile, and opens the review", async () => {
    const steps: string[] = [];
    const view = await council.quorate.dispatch(
      { command: "check", options: {}, account: "console:dev", deliveryId: "check" },
      (text) => steps.push(text),
    );
    expect(sentence(view)).toMatch(
      /^UP-1: PASSED\. Nothing speaks against it\. 3 more approvals needed: Ben, Caro, Dev or Finn\.$/,
    );
    expect(wholeText(view)).toMatch(
      /On a fork at block \d+ the upgrade of pilot-pool, vault, price-feed went through.+\[simulation\/passed\]/,
    );
    expect(new Set(steps)).toEqual(
      new Set([
        "Reading Safes, targets, proxies and who may upgrade them…",
        "Reading owners, thresholds and timelock roles…",
        "Simulating schedule, delay, execution, rollback and containment on a fork of eip155:31337…",
        "Comparing new code with the builds it is said to come from…",
        "Comparing storage layouts…",
        "Walking through the new code…",
      ]),
    );
    expect((await council.card()).status).toBe("in review");
  });

  test("keeps the evidence that votes bind: what the simulation did, step by step", async () => {
    const { check } = await council.state();
    const bytes = await council.store.blob(check?.evidenceHash ?? "0x");
    const evidence = JSON.parse(new TextDecoder().decode(bytes));
    const [report] = evidence.reports;
    expect(evidence.findings).toEqual(check?.findings);
    expect(report.steps.map((one: { name: string }) => one.name)).toContain("pilot: execute");
    expect(
      report.steps.every((one: { success: boolean; storage: unknown[] }) => one.success && one.storage.length > 0),
    ).toBe(true);
    expect(report.branches.map((one: { name: string }) => one.name)).toEqual([
      "rollback",
      "pause-pilot",
      "pause-vault",
    ]);
  });

  test("is not possible any more once the review is open", async () => {
    expect(await reads("dev", "check")).toBe(
      "UP-1 is in review, and a check is possible only while a ceremony is drafted or checked.",
    );
  });
});

describe("show", () => {
  test("has the package's hash, every call, every safeTxHash, and what the check found", async () => {
    const state = await council.state();
    const text = await readsAll("finn", "show");
    expect(text).toContain(`Package hash: ${state.packageHash}`);
    expect(text).toContain(`Approval digest: ${state.review?.digest}`);
    for (const tx of state.review?.transactions ?? [])
      expect(text).toContain(`${tx.id}  nonce ${tx.tx.nonce}  ${tx.safeTxHash}`);
    for (const call of state.package.legs.flatMap((leg) => leg.calls)) expect(text).toContain(call.data);
    expect(text).toMatch(/^On a fork at block .+\[simulation\/passed\]/m);
  });
});

describe("status", () => {
  test("is the card in short, with its buttons", async () => {
    const view = await council.ask("gus", "status");
    expect(sentence(view)).toBe("UP-1 · Lower fees: in review. 3 more approvals needed: Ben, Caro, Dev or Finn.");
    expect(view.kind === "notice" && view.actions.map((one) => one.label)).toEqual(["Approve", "Deny", "Sign", "Show"]);
  });
});

describe("approve", () => {
  test("counts once a person, and the card says who", async () => {
    expect(await reads("ben", "approve")).toBe("You approved UP-1. 2 more approvals needed: Caro, Dev or Finn.");
    expect(await lastNote()).toBe("Ben approved.");
    expect((await council.card()).facts).toContainEqual({ label: "Approvals", value: "1 of 3: Ben" });
    const again = { command: "approve", options: {}, account: "cli:ben", deliveryId: "from the terminal" };
    expect(sentence(await council.quorate.dispatch(again, () => undefined))).toBe(
      "You have approved UP-1 already; one person has one vote, on every platform together.",
    );
  });

  test("is refused to who wrote it and to who has not the role, with the names of those who may", async () => {
    expect(await reads("ada", "approve")).toMatch(
      /^You cannot approve UP-1: that takes the role approver\. Ask Ben, Caro, Dev or Finn\.$/,
    );
    expect(await reads("eve", "approve")).toMatch(/^You cannot approve UP-1: that takes the role approver\./);
  });
});

describe("deny", () => {
  test("asks for the reason where none is given", async () => {
    expect(await council.ask("caro", "deny")).toMatchObject({
      kind: "form",
      title: "Deny UP-1",
      command: "deny",
      fields: [{ name: "reason", required: true }],
    });
  });

  test("blocks, and why names the one who can lift it", async () => {
    expect(await reads("caro", "deny", { reason: "The fee is wrong" })).toMatch(
      /^You denied UP-1\. Denied: The fee is wrong\./,
    );
    expect(await lastNote()).toBe("Caro denied: The fee is wrong");
    expect(await readsAll("ada", "why")).toContain(
      "Denied: The fee is wrong. The denial has to be withdrawn, or the package revised: Caro. /upgrade withdraw UP-1",
    );
    expect(await readsAll("caro", "list")).toContain("Waiting for you\nUP-1: Denied: The fee is wrong.");
    expect(await readsAll("gus", "list")).toContain("Waiting for you\nNothing.");
    expect(await reads("caro", "approve")).toBe("You denied UP-1. Withdraw that first: /upgrade withdraw UP-1.");
  });
});

describe("withdraw", () => {
  test("takes a denial back, then a vote; and says where there is nothing to take back", async () => {
    expect(await reads("caro", "withdraw")).toMatch(/^Your vote on UP-1 is withdrawn\. 2 more approvals needed/);
    expect(await lastNote()).toBe("Caro withdrew the denial.");
    expect(await reads("caro", "withdraw")).toBe("You have neither approved nor denied UP-1.");
    expect(await reads("ben", "withdraw")).toMatch(/3 more approvals needed/);
    expect(await lastNote()).toBe("Ben withdrew the approval.");
  });
});

describe("sign", () => {
  test("asks the wallet for what is missing, says what each call does, and what it will not allow", async () => {
    const view = await council.ask("dev", "sign");
    if (view.kind !== "wallet") throw new Error(sentence(view));
    expect(view.title).toBe("Sign 6 transactions of UP-1");
    expect(view.summary).toMatch(
      /Nothing else\. Each stays valid until its Safe nonce is used, also if UP-1 is cancelled\.$/,
    );
    const text = wholeText(view);
    expect(text).toContain("Schedule the upgrade of pilot");
    expect(text).toMatch(/Point the beacon 0x94b8\S+ at the code at 0x2E7A\S+: every proxy of it changes\./);
    expect(text).toMatch(/Pause Vault \(0xe146\S+\)\./);
    expect(text).not.toContain("UNKNOWN");
  });

  test("counts as approving, and who signed is not asked again", async () => {
    expect(await reads("dev", "sign")).toMatch(/^Signed: /);
    expect((await council.card()).facts).toContainEqual({ label: "Approvals", value: "1 of 3: Dev" });
    expect(await reads("dev", "sign")).toMatch(
      /^There is nothing for you to sign in UP-1, which is in review\. Still wanted: 2 more signatures for pilot\/upgrade, from Ben, Caro or Finn; /,
    );
    expect(await reads("dev", "withdraw")).toBe(
      "A signature cannot be taken back, only its nonce can be used up. Deny UP-1, or cancel it.",
    );
  });

  test("tells an author and a person without a Safe's key why there is nothing", async () => {
    expect(await reads("ada", "sign")).toBe("You wrote UP-1, and this council does not take its authors' signatures.");
    expect(await reads("eve", "sign")).toMatch(/^There is nothing for you to sign in UP-1/);
  });
});

describe("why", () => {
  test("says what blocks, who can unblock it and with which line, and what was refused lately", async () => {
    const text = await readsAll("gus", "why");
    expect(text).toContain("UP-1 is in review.");
    expect(text).toContain("2 more approvals needed: Ben, Caro or Finn. /upgrade approve UP-1");
    expect(text).toContain("2 more signatures for pilot/upgrade, from Ben, Caro or Finn");
    expect(text).toContain("Refused lately");
    expect(text).toContain("Caro: You denied UP-1. Withdraw that first: /upgrade withdraw UP-1.");
  });
});

describe("two ceremonies", () => {
  test("have to be told apart, and the second waits for the nonces of the first", async () => {
    await council.as("ben", "propose", { target: "harbour", release: "2.0.3-stale", title: "Prices" });
    expect(await reads("caro", "approve")).toBe("Say which ceremony you mean: UP-1, UP-2.");
    expect(await reads("caro", "approve", { ceremony: "up-1" })).toMatch(/^You approved UP-1\./);
    expect(await readsAll("caro", "list")).toMatch(
      /^2 ceremonies\.\nCeremonies\nUP-1 · in review · Lower fees\nUP-2 · drafted · Prices$/m,
    );
    await council.as("caro", "check", { ceremony: "UP-2" });
    expect((await council.card("UP-2")).status).toBe("checked");
    expect(await readsAll("caro", "why", { ceremony: "UP-2" })).toContain(
      "UP-2 waits: UP-1 holds the next nonces of the same Safe. Finish or cancel it, then check UP-2 again.",
    );
  });
});

describe("cancel", () => {
  test("asks for a reason, is refused without the role, and what was signed is then to be made unusable", async () => {
    expect(await council.ask("ada", "cancel", { ceremony: "UP-1" })).toMatchObject({
      kind: "form",
      title: "Cancel UP-1",
    });
    expect(await reads("eve", "cancel", { ceremony: "UP-1", reason: "no" })).toMatch(
      /^You cannot cancel UP-1: that takes the role/,
    );
    expect(await reads("ada", "cancel", { ceremony: "UP-1", reason: "Superseded" })).toMatch(/^UP-1 is cancelled\./);
    const card = await council.card();
    expect(card.status).toBe("cancelled");
    expect(card.actions.map((one) => one.label)).toContain("Sign");
    expect(await council.thread()).toContain("Ada cancelled: Superseded");
    expect(await reads("ben", "approve", { ceremony: "UP-1" })).toMatch(
      /^UP-1 is cancelled, and approving is possible only while/,
    );
  });
});
