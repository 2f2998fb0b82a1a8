/** Cards, answers, forms and wallet requests as Slack shows them. */

import { describe, expect, it } from "vitest";
import { answerMessage } from "../../../src/chat/slack/answer-message.ts";
import { cardMessage } from "../../../src/chat/slack/card-message.ts";
import { formView } from "../../../src/chat/slack/form-view.ts";
import type { Notice } from "../../../src/view.ts";
import { blockLimitProblems, limits } from "../../support/slack/limits.ts";
import { card, gallery, hostileCard } from "../console/sample-cards.ts";
import { acting, buttonsOf, problems, render, schemas, stringsOf } from "./rendering-checks.ts";
import { signatureRequest } from "./sample-views.ts";

/** The mentions that a card asks for, as text and blocks carry them. */
function asked(users: string[], groups: string[] = []): string[] {
  const mentions = [...users.map((user) => `<@${user}>`), ...groups.map((group) => `<!subteam^${group}>`)];
  return [...mentions, ...mentions];
}

it("a form offers as many choices as Slack takes, and says how the others are given", () => {
  const choices = Array.from({ length: 130 }, (_, at) => ({ value: `target-${at}`, label: `Target ${at}` }));
  const field = {
    name: "target",
    label: "Target",
    hint: "What to upgrade.",
    required: true,
    type: "choice" as const,
    choices,
    value: "target-3",
    maxLength: 40,
  };
  const view = formView(
    { kind: "form", title: "Propose", command: "propose", options: {}, fields: [field], submit: "Propose" },
    "{}",
  );
  expect([...schemas.view({ ...view }, ""), ...blockLimitProblems(view.blocks, "/blocks", limits.viewBlocks)]).toEqual(
    [],
  );
  expect(view.blocks).toMatchObject([
    {
      hint: { text: "What to upgrade. 30 more can only be typed, as target=VALUE." },
      element: { type: "static_select", initial_option: { value: "target-3", text: { text: "Target 3" } } },
    },
  ]);
});

describe("cards of a council", () => {
  it.each([...gallery, hostileCard].map((one) => [one.key, one] as const))("%s is valid", (_, one) => {
    expect(problems(cardMessage(one, render))).toEqual([]);
  });

  it("mentions exactly the people asked who have an account here, once each, in blocks and notification", () => {
    const message = cardMessage(card({ mentions: ["caro", "dev", "caro", "stranger"] }), render);
    expect(acting(message).sort()).toEqual(asked(["UCARO", "UDEV"]).sort());
    expect(message.text).toBe(
      "🔵 IN REVIEW: UP-1 · Vault 1.2.0: round shares down on withdrawal. Two more approvals are wanted, from people other than Ada, who proposed it. <@UCARO> <@UDEV>",
    );
  });

  it("calls the group with urgent cards only", () => {
    expect(acting(cardMessage(card({ mentions: ["finn"], urgent: true }), render)).sort()).toEqual(
      asked(["UFINN"], ["SONCALL"]).sort(),
    );
    expect(acting(cardMessage(card({ mentions: ["finn"] }), render)).sort()).toEqual(asked(["UFINN"]).sort());
  });

  it("says the state by a symbol and a word", () => {
    expect(stringsOf(cardMessage(card({ tone: "warning", status: "held" }), render).blocks[0])).toContain(
      "🔶 HELD: UP-1 · Vault 1.2.0: round shares down on withdrawal",
    );
    const answer = answerMessage({ ...notice, tone: "bad", text: "Only approvers approve." }, render);
    expect(stringsOf(answer.blocks).join("")).toContain("🛑 textNo: ");
  });

  it("marks its message with key and revision", () => {
    expect(cardMessage(card({ key: "UP-7", revision: 12 }), render).metadata).toEqual({
      event_type: "quorate_card",
      event_payload: { key: "UP-7", revision: 12 },
    });
  });

  it("asks before what cannot be undone, in Slack's own dialog", () => {
    const [approve] = buttonsOf(cardMessage(card(), render).blocks);
    expect(approve).toMatchObject({
      text: { text: "Approve" },
      style: "primary",
      confirm: {
        text: { text: "Approve package 8F2A 5594 as it is? Any later edit voids your approval." },
        confirm: { text: "Approve" },
      },
    });
  });

  it("keeps 200 signers and a reason of 10,000 characters useful, and says what is missing and where it is", () => {
    const signers = Array.from({ length: 200 }, (_, at) => `Signer ${at + 1}: 0x${String(at).padStart(40, "0")}`);
    const big = card({
      facts: [{ label: "Reason", value: "because ".repeat(1250) }],
      sections: [{ title: "Signers", style: "list", lines: signers }],
    });
    const message = cardMessage(big, { ...render, fullView: (key) => `https://quorate.example/${key}` });
    const said = stringsOf(message.blocks).join("\n");
    expect(problems(message)).toEqual([]);
    expect(said).toContain("Signer 1: 0x");
    expect(said).toMatch(/because [a-z ]*… \([0-9,]+ more characters\)/);
    expect(said).toMatch(/[0-9]+ lines and [0-9,]+ characters are left out here\. All of it is at /);
    expect(acting(message)).toContain("https://quorate.example/UP-1");
    expect(buttonsOf(message.blocks)).toHaveLength(3);
    expect(stringsOf(cardMessage(big, render).blocks).join("\n")).toContain(
      "/upgrade show UP-1 tells more, and in the terminal all of it.",
    );
  });

  it("links to the ceremony's page, its address written out, on cards in the channel and where everything is told", () => {
    const linking = { ...render, fullView: (key: string) => `https://quorate.example/${key}` };
    for (const message of [cardMessage(card(), linking), answerMessage({ ...notice, about: "UP-1" }, linking)]) {
      expect(problems(message)).toEqual([]);
      expect(acting(message)).toContain("https://quorate.example/UP-1");
      expect(stringsOf(message.blocks).join("\n")).toContain("Ceremony page: ");
    }
    const inThread = card({ key: "UP-1/7", audience: { kind: "thread", of: "UP-1" } });
    for (const message of [
      cardMessage(inThread, linking),
      answerMessage({ ...notice, text: "UP-1 is denied." }, linking),
      cardMessage(card(), render),
    ])
      expect(stringsOf(message.blocks).join("\n")).not.toContain("Ceremony page");
  });

  it("shows as many sections and buttons as Slack takes, and counts the others", () => {
    const sections = Array.from({ length: 60 }, (_, at) => ({
      title: `Leg ${at + 1}`,
      style: "list" as const,
      lines: ["Ready."],
    }));
    const actions = Array.from({ length: 30 }, (_, at) => ({
      label: `Show leg ${at + 1}`,
      command: "show",
      options: { leg: String(at) },
      style: "plain" as const,
    }));
    for (const message of [
      cardMessage(card({ sections, actions }), render),
      answerMessage({ ...notice, sections, actions }, render),
    ]) {
      expect(problems(message)).toEqual([]);
      expect(buttonsOf(message.blocks)).toHaveLength(25);
      expect(stringsOf(message.blocks).join("\n")).toMatch(
        /[0-9]+ lines, [0-9]+ characters and 5 buttons are left out here/,
      );
    }
  });

  it("says of an answer too where all of it is", () => {
    const long = {
      ...notice,
      text: "UP-1 is in review.",
      sections: [{ title: "Calls", style: "code" as const, lines: Array(400).fill("x".repeat(60)) }],
    };
    const linked = answerMessage(long, {
      ...render,
      fullView: (key) => `https://quorate.example/${key}`,
    });
    expect(problems(linked)).toEqual([]);
    expect(acting(linked)).toEqual(["https://quorate.example/UP-1"]);
    expect(stringsOf(answerMessage(long, render).blocks).join("\n")).toMatch(
      /[0-9]+ lines .* left out here\. In the terminal/,
    );
  });

  it("shows a picture as an image with its description, or the description alone", () => {
    const one = gallery.find((each) => each.pictures.length > 0) ?? card();
    const shown = cardMessage(one, { ...render, pictureFile: () => "F0123" });
    expect(problems(shown)).toEqual([]);
    expect(shown.blocks.filter((block) => block.type === "image")).toMatchObject([
      { slack_file: { id: "F0123" }, alt_text: expect.stringContaining("A line chart") },
    ]);
    const told = cardMessage(one, render);
    expect(told.blocks.filter((block) => block.type === "image")).toEqual([]);
    expect(stringsOf(told.blocks).join("\n")).toContain("A line chart: the deviation stays below 0.5 %");
  });
});

describe("requests of a wallet", () => {
  it("show every hash in full, what it does, and how it is handed in", () => {
    const request = signatureRequest(2);
    const message = answerMessage(request, render);
    const said = stringsOf(message.blocks).join("\n");
    expect(problems(message)).toEqual([]);
    for (const item of request.items) {
      if (item.kind !== "signature") continue;
      expect(said).toContain(item.purpose);
      for (const hash of Object.values(item.hashes)) expect(said).toContain(hash);
      for (const sentence of item.sentences) expect(said).toContain(sentence);
    }
    expect(said).toContain("intake signature --account cli:YOU --ceremony UP-1 --hash 0x… --signature 0x…");
  });

  it("leave whole items out, and say so, where Slack has no room for all", () => {
    const message = answerMessage(signatureRequest(60), render);
    const said = stringsOf(message.blocks).join("\n");
    expect(problems(message)).toEqual([]);
    expect(said).toMatch(/[0-9]+ of 60 are not shown here/);
    expect(said.match(/0x[0-9a-f]*…/g) ?? []).toEqual(["0x…", "0x…"]);
  });
});

const notice: Notice = {
  kind: "notice",
  tone: "good",
  text: "Approved.",
  facts: [],
  sections: [],
  pictures: [],
  actions: [],
};
