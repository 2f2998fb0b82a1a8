/** Every refusal there is has a test, and every sentence is one that a person understands at 3 am. */

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { integrityChecks } from "../../src/domain/integrity.ts";
import { statuses } from "../../src/domain/lifecycle.ts";
import { separationRules } from "../../src/domain/separation.ts";
import { houseStyleFaults } from "../support/house-style.ts";

const read = (folder: string) =>
  readdirSync(new URL(folder, import.meta.url))
    .filter((one) => one.endsWith(".ts") && one !== "refusals.test.ts")
    .map((one) => readFileSync(new URL(folder + one, import.meta.url), "utf8"))
    .join("\n");

describe("refusals", () => {
  it("each have a test that names their code", () => {
    const source = read("../../src/domain/");
    const tests = read("./");
    const codes = [...source.matchAll(/\b(?:refuse|refusal)\(\s*"([a-z-]+(?:\/[a-z-]+)?)"/g)].map(
      (one) => one[1] ?? "",
    );
    expect(new Set(codes).size).toBeGreaterThan(50);
    expect([...new Set(codes)].filter((code) => !tests.includes(`"${code}"`))).toEqual([]);
  });

  it("have codes of one form", () => {
    const made = [
      ...statuses.map((one) => `state/${one.replace(" ", "-")}`),
      ...integrityChecks.map((one) => `integrity/${one.id}`),
      ...separationRules.map((one) => `separation/${one.id}`),
    ];
    for (const code of made) expect(code).toMatch(/^[a-z]+\/[a-z-]+$/);
  });

  it.each([
    ["lower case first.", "does not start with a capital"],
    ["No full stop", "does not end with one full stop"],
    ["Two full stops..", "does not end with one full stop"],
    ["It is undefined.", "shows a value that is none"],
    ["It is [object Object].", "shows a value that is none"],
    ["The minDelay is short.", "shows an identifier"],
    [`${"Long ".repeat(90)}.`, "is longer than 400 characters"],
  ])("are held to house style: %s", (sentence, fault) => {
    expect(houseStyleFaults(sentence)).toContain(fault);
  });

  it("may name addresses and roles as they are", () => {
    expect(houseStyleFaults("The wallet 0xAbCdEf holds no EXECUTOR_ROLE on the timelock.")).toEqual([]);
  });
});
