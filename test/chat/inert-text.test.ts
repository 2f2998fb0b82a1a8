import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cut, inertLines, inertText } from "../../src/chat/inert-text.ts";

describe("text that would act is seen as its code", () => {
  test.each([
    ["a right-to-left override", "pay\u202e001", "pay\\u{202e}001"],
    ["an isolate", "\u2066x\u2069", "\\u{2066}x\\u{2069}"],
    ["a zero-width space", "ad\u200bmin", "ad\\u{200b}min"],
    ["a joiner", "a\u200db", "a\\u{200d}b"],
    ["a tag character", "a\u{e0041}", "a\\u{e0041}"],
    ["a variation selector", "a\ufe0f", "a\\u{fe0f}"],
    ["a filler", "a\u3164b", "a\\u{3164}b"],
    ["an escape", "\u001b[31mred", "\\u{1b}[31mred"],
    ["a lone surrogate", "a\ud800", "a\\u{d800}"],
    ["a blank Braille pattern", "a\u2800b", "a\\u{2800}b"],
  ])("%s", (_what, text, seen) => expect(inertText(text)).toBe(seen));

  test("what people write is left as it is", () => {
    const plain = "Größe, 数量, क्षि, é, שלום, 👍🏽 100 % & <b> *x* _y_";
    expect(inertText(plain)).toBe(plain);
  });

  test("marks that pile up over other lines are cut", () => {
    expect(inertText(`Z${"\u0301".repeat(40)}!`)).toBe(`Z${"\u0301".repeat(3)}…!`);
  });

  test("a line stays one line, and lines stay lines", () => {
    expect(inertText("a\r\n\tb\u2028c")).toBe("a b c");
    expect(inertLines("a\r\nb\rc\u2028d")).toBe("a\nb\nc d");
  });

  test("of any text, nothing invisible is left", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        expect(inertText(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u);
      }),
    );
  });
});

describe("a cut", () => {
  test("says that something is missing, and leaves short text alone", () => {
    expect(cut("abcdef", 6)).toBe("abcdef");
    expect(cut("abcdefg", 6)).toBe("abcde…");
  });

  test("keeps within the limit and never halves a character", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), fc.integer({ min: 1, max: 40 }), (text, limit) => {
        const found = cut(text, limit);
        expect(found.length).toBeLessThanOrEqual(limit);
        expect(found.isWellFormed()).toBe(true);
        expect(text.startsWith(found.replace(/…$/, ""))).toBe(true);
      }),
    );
  });
});
