import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeBlock, codeSpan, fitted, markdown, markdownLines } from "../../../src/chat/discord/inert-markdown.ts";
import { inertText } from "../../../src/chat/inert-text.ts";
import { aliveIn } from "./discord-text.ts";
import { injections } from "./sample-views.ts";

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc
    .array(fc.constantFrom(...injections, "a", " ", "\n", "1. ", "- ", "😀"), { maxLength: 12 })
    .map((all) => all.join("")),
);

describe("foreign text in Discord", () => {
  it.each(injections)("does nothing: %j", (text) => {
    expect(aliveIn(markdown(text))).toEqual([]);
    expect(markdownLines(text).split("\n").flatMap(aliveIn)).toEqual([]);
  });

  it("does nothing, whatever it is, and reads as it did", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const shown = markdown(text);
        expect(aliveIn(shown)).toEqual([]);
        const read = shown.replace(/\\([^0-9A-Za-z\s])/g, "$1").replaceAll("\u200b", "");
        expect(read).toBe(inertText(text));
      }),
    );
  });

  it("leaves ordinary sentences as they are typed", () => {
    expect(markdown("SEV1: the balance fell by 12.5 % (UP-1, phase pilot).")).toBe(
      "SEV1: the balance fell by 12.5 % (UP-1, phase pilot).",
    );
  });

  it("cannot leave a code span or a code block", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(codeSpan(text)).toMatch(/^`[^`\n]+`$/);
        expect(codeBlock(text)).toMatch(/^```\n[^`]+\n```$/);
      }),
    );
  });

  it("is cut where there is no room, never inside a character, and says how much is missing", () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 40, max: 150 }), (text, room) => {
        const cut = fitted(text, room);
        expect(cut.text.length).toBeLessThanOrEqual(room);
        expect(cut.text.isWellFormed()).toBe(true);
        expect(aliveIn(cut.text)).toEqual([]);
        if (cut.missing > 0) expect(cut.text).toContain(`(${cut.missing} more characters)`);
        else expect(cut.text).toBe(markdown(text));
      }),
    );
    expect(fitted("😀".repeat(100), 60).text).toBe(`${"😀".repeat(18)} … (164 more characters)`);
  });
});
