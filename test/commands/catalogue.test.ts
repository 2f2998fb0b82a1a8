import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { commands } from "../../commands/index.ts";
import { parseTextCommand } from "../../src/chat/text-command.ts";
import { parseOptions } from "../../src/dispatch.ts";
import { role } from "../../src/domain/policy.ts";

const folder = join(import.meta.dirname, "../../commands");

test("every file in commands is one listed command of that name, and nothing else is listed", () => {
  const files = readdirSync(folder)
    .filter((file) => file !== "index.ts")
    .map((file) => file.replace(/\.ts$/, ""));
  expect(commands.map((one) => one.name).sort()).toEqual(files.sort());
});

describe.each(commands.map((one) => [one.name, one] as const))("%s", (name, command) => {
  test("says in one line what it does", () => {
    expect(command.summary).toMatch(/^[A-Z].{10,98}[^.]$/);
  });

  test("has an example that can be typed as it stands", () => {
    const read = parseTextCommand(command.example, commands);
    expect(read).toMatchObject({ kind: "command", command: name });
    if (read.kind === "command") expect(parseOptions(command, read.options)).toEqual(read.options);
  });

  test("describes its options, each with a name of its own", () => {
    for (const option of command.options) {
      expect(option.name).toMatch(/^[a-z]+$/);
      expect(option.description).toMatch(/^[A-Za-z].{2,}[^.]$/);
      expect(option.type === "choice").toBe(option.choices !== undefined);
    }
    expect(new Set(command.options.map((one) => one.name)).size).toBe(command.options.length);
  });

  test("names roles that exist", () => {
    expect(command.roles.filter((one) => !role.options.includes(one))).toEqual([]);
  });
});
