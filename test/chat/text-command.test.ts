import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseTextCommand, type TextCommand } from "../../src/chat/text-command.ts";
import { quote, tokenize } from "../../src/chat/tokens.ts";
import type { Option } from "../../src/command.ts";

const option = (name: string, change: Partial<Option> = {}): Option => ({
  name,
  description: `the ${name}`,
  type: "text",
  required: false,
  ...change,
});
const commands = [
  { name: "approve", options: [option("reason"), option("ceremony", { type: "ceremony", required: true })] },
  {
    name: "advance",
    options: [option("phase", { type: "integer", required: true }), option("force", { type: "flag" })],
  },
  { name: "cancel", options: [option("ceremony", { type: "ceremony", required: true })] },
  {
    name: "canary",
    options: [
      option("action", {
        type: "choice",
        choices: [
          { value: "start", label: "Start or resume" },
          { value: "hold", label: "Hold" },
        ],
      }),
      option("ceremony", { type: "ceremony" }),
      option("reason"),
    ],
  },
  { name: "settle", options: [option("incident")] },
  { name: "help", options: [] },
];
const read = (line: string): TextCommand => parseTextCommand(line, commands);
const options = (line: string): Record<string, string> => {
  const result = read(line);
  if (result.kind !== "command") throw new Error(JSON.stringify(result));
  return result.options;
};
const sentence = (line: string): string => {
  const result = read(line);
  if (result.kind !== "unclear") throw new Error(JSON.stringify(result));
  return result.sentence;
};

/** Lines made of what lines are made of. */
const pieces = fc
  .array(fc.constantFrom("reason", "ceremony", "force", "x", " ", "=", "--", '"', "'", "“", "\\"), { maxLength: 20 })
  .map((parts) => `approve ${parts.join("")}`);

describe("a typed command", () => {
  it("is read with and without the slash, in any case", () => {
    const expected = { kind: "command", command: "approve", options: { ceremony: "UP-1" } };
    for (const line of ["/upgrade approve UP-1", "approve UP-1", "  /Upgrade   APPROVE  UP-1 "]) {
      expect(read(line)).toEqual(expected);
    }
  });

  it("takes values by name, with dashes, and by position", () => {
    const expected = { ceremony: "UP-1", reason: "looks right" };
    expect(options('approve UP-1 reason="looks right"')).toEqual(expected);
    expect(options("approve reason='looks right' ceremony=UP-1")).toEqual(expected);
    expect(options('approve --ceremony UP-1 --reason "looks right"')).toEqual(expected);
    expect(options("approve --reason=“looks right” UP-1")).toEqual(expected);
  });

  it("fills required options first, and lets a last text have the rest of the line", () => {
    expect(options("approve UP-1 I don't see a problem")).toEqual({
      ceremony: "UP-1",
      reason: "I don't see a problem",
    });
    expect(sentence("cancel UP-1 UP-2")).toBe("cancel does not know what to do with “UP-2”.");
    expect(sentence("help me")).toBe("help does not know what to do with “me”.");
  });

  it("knows a ceremony's name from the choice that stands before it", () => {
    expect(options("canary UP-1")).toEqual({ ceremony: "UP-1" });
    expect(options("canary up-12 hold")).toEqual({ ceremony: "up-12", action: "hold" });
    expect(options("canary hold UP-1 it looks odd")).toEqual({
      ...{ action: "hold", ceremony: "UP-1", reason: "it looks odd" },
    });
    expect(options("canary advnce UP-1")).toEqual({ action: "advnce", ceremony: "UP-1" });
  });

  it("takes a flag without a value, and never fills it by position", () => {
    expect(options("advance --force 2")).toEqual({ phase: "2", force: "true" });
    expect(options("advance 2 force=false")).toEqual({ phase: "2", force: "false" });
    expect(sentence("advance 2 3")).toBe("advance does not know what to do with “3”.");
  });

  it("keeps a quoted value that looks like an option, and an address with a query", () => {
    expect(options('approve UP-1 "reason=none"')).toEqual({ ceremony: "UP-1", reason: "reason=none" });
    expect(options("approve UP-1 https://audit.example/?id=7")).toEqual({
      ceremony: "UP-1",
      reason: "https://audit.example/?id=7",
    });
  });

  it("may leave required options to a form, and an empty line to help", () => {
    expect(options("approve")).toEqual({});
    expect(read("")).toEqual({ kind: "empty" });
    expect(read("/upgrade ")).toEqual({ kind: "empty" });
  });

  it("takes a choice by what its label says too", () => {
    for (const line of ["canary resume UP-1", "canary UP-1 action=Resume", "canary UP-1 start"])
      expect(read(line)).toEqual({
        kind: "command",
        command: "canary",
        options: { action: "start", ceremony: "UP-1" },
      });
  });

  it("is answered by what was meant when it is mistyped", () => {
    expect(read("/upgrade aprove UP-1")).toEqual({
      kind: "unclear",
      sentence: "There is no command “aprove”. Did you mean approve?",
      suggestion: "/upgrade approve UP-1",
    });
    expect(read("approve UP-1 --resaon fine")).toEqual({
      kind: "unclear",
      sentence: "approve has no option “resaon”. Did you mean reason?",
      suggestion: "approve UP-1 --reason fine",
    });
    expect(read("/upgrade hold UP-1 reason=slow")).toEqual({
      kind: "unclear",
      sentence: "There is no command “hold”. Did you mean canary hold?",
      suggestion: "/upgrade canary hold UP-1 reason=slow",
    });
    expect(sentence("incidents")).toBe("There is no command “incidents”. Did you mean settle?");
    expect(sentence("resume UP-1")).toBe("There is no command “resume”. Did you mean canary start?");
    expect(sentence("jump UP-1")).toBe("There is no command “jump”. Type /upgrade help to see what there is.");
    expect(sentence("approve UP-1 colour=red")).toBe("approve has no option “colour”. It takes reason, ceremony.");
    expect(sentence("help colour=red")).toBe("help has no option “colour”. It takes none.");
  });

  it("is refused with a sentence where it is not clear", () => {
    expect(sentence('approve UP-1 reason="looks')).toBe("A quote is opened before “reason=looks” and never closed.");
    expect(sentence("approve ceremony=UP-1 ceremony=UP-2")).toBe("The option ceremony is given twice.");
    expect(sentence("approve UP-1 --reason")).toBe("The option reason has no value: write reason=VALUE.");
    expect(sentence("approve --reason --ceremony UP-1")).toBe("The option reason has no value: write reason=VALUE.");
  });

  it("never throws, and names only options that the command has", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), pieces), (line) => {
        const result = read(line);
        if (result.kind !== "command") return true;
        const known = commands.find((command) => command.name === result.command)?.options.map((each) => each.name);
        return Object.keys(result.options).every((name) => known?.includes(name));
      }),
      { numRuns: 500 },
    );
  });

  it("gives back any value that was quoted, by name and by position", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (ceremony, reason) => {
        expect(options(`approve ${quote(ceremony)} reason=${quote(reason)}`)).toEqual({ ceremony, reason });
        expect(options(`approve --reason ${quote(reason)} ${quote(ceremony)}`)).toEqual({ ceremony, reason });
      }),
      { numRuns: 500 },
    );
  });

  it("suggests a line that can be read, after any one slip in the command", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("approve", "advance", "cancel"),
        fc.nat(5),
        fc.constantFrom("drop", "swap"),
        (name, at, slip) => {
          const typed =
            slip === "drop"
              ? name.slice(0, at) + name.slice(at + 1)
              : name.slice(0, at) + name.charAt(at + 1) + name.charAt(at) + name.slice(at + 2);
          const result = read(`${typed} 1`);
          if (result.kind === "command") return;
          expect(result.kind === "unclear" && result.suggestion && read(result.suggestion)).toMatchObject({
            command: name,
          });
        },
      ),
    );
  });
});

describe("the words of a line", () => {
  it("know where they stood, so that a word can be replaced in place", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (line) => {
        const tokens = tokenize(line);
        const outside = tokens.reduceRight((rest, token) => rest.slice(0, token.start) + rest.slice(token.end), line);
        expect(outside.trim()).toBe("");
      }),
    );
  });
});
