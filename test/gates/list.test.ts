/** The list of gates is whole, each of them proves that it sees something, and docs/gates.md tells what every one of them says. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Gate, GateInput } from "../../src/gates/gate.ts";
import { examine, gates } from "../../src/gates/index.ts";
import { givenFindings } from "../support/finding-codes.ts";

const folder = join(import.meta.dirname, "../../src/gates");
const files = (readdirSync(folder, { recursive: true }) as string[]).filter((one) => one.endsWith(".ts"));

/** Everything that src/gates exports and that is a gate by its form. */
async function written(): Promise<Gate[]> {
  const modules = await Promise.all(
    files.map((file) => import(join(folder, file)) as Promise<Record<string, unknown>>),
  );
  return modules.flatMap((one) => Object.values(one)).filter(isGate);
}

function isGate(value: unknown): value is Gate {
  return typeof value === "object" && value !== null && "proof" in value && "run" in value && "name" in value;
}

describe("the list of gates", () => {
  test("has every gate that is written, once", async () => {
    const all = await written();
    expect(all.length).toBeGreaterThanOrEqual(11);
    expect(gates.map((one) => one.name).sort()).toEqual([...new Set(all.map((one) => one.name))].sort());
    for (const one of all) expect(gates, `${one.name} is in the list`).toContain(one);
  });

  test.each(gates.map((one) => [one.name, one] as const))(
    "%s refuses what is known to be bad, by its own name",
    (name, gate) => {
      const found = gate.proof().filter((one) => one.severity === "refuse");
      expect(found.length).toBeGreaterThan(0);
      for (const one of found) {
        expect(one.gate).toBe(name);
        expect(one.code).toMatch(new RegExp(`^${name}/[a-z-]+$`));
      }
    },
  );

  test.each(gates.map((one) => [one.name, one] as const))(
    "%s refuses once its proof finds nothing",
    async (name, gate) => {
      const blind: Gate = { ...gate, proof: () => [], run: () => Promise.reject(new Error("It was asked.")) };
      const { verdict, findings } = await examine(unasked, [blind]);
      expect([verdict, findings.map((one) => one.code)]).toEqual(["refuse", [`${name}/proof`]]);
    },
  );
});

/** Nothing is read of it: a gate without its proof is not asked. */
const unasked = {
  subject: { kind: "package", package: { legs: [] } },
  chains: { ids: [] },
} as unknown as GateInput;

describe("docs/gates.md", () => {
  const text = readFileSync(join(import.meta.dirname, "../../docs/gates.md"), "utf8");
  const sections = new Map(
    text
      .split(/^## /m)
      .slice(1)
      .map((one) => [one.slice(0, one.indexOf("\n")), one] as const),
  );
  const given = givenFindings().filter((one) => !one.code.startsWith("…/"));
  /** Codes that are put together as a gate runs. */
  const atRunTime: Record<string, readonly string[]> = {
    "authority/…": ["authority/council-threshold refuse", "authority/guardian-threshold refuse"],
    "opcodes/…": ["opcodes/create flag"],
  };

  test("tells of every gate, in the order in which findings are shown", () => {
    const named = [...sections.keys()].filter((one) => gates.some((gate) => gate.name === one));
    expect(named).toEqual(gates.map((one) => one.name));
  });

  test.each(gates.map((one) => one.name))("says for each finding of %s how bad it is and what to do", (name) => {
    const mine = given.filter((one) => one.code.startsWith(`${name}/`));
    const made = mine.flatMap(({ code, severity }) => {
      if (code.endsWith("/…")) expect(Object.keys(atRunTime)).toContain(code);
      return atRunTime[code] ?? [`${code} ${severity}`];
    });
    const section = sections.get(name) ?? "";
    const rows = [...section.matchAll(/^\| `([a-z]+\/[a-z-]+)`\s*\| ([a-z, ]+?)\s*\| (.+?)\s*\|$/gm)];
    const asked = rows.flatMap(([, code, severities = ""]) =>
      severities.split(", ").map((one) => `${code} ${{ refuses: "refuse", flags: "flag" }[one]}`),
    );
    const told = [...(/^Only told: (.+)\.$/m.exec(section)?.[1] ?? "").matchAll(/`([^`]+)`/g)].map(
      (one) => `${one[1]} info`,
    );
    expect([...asked, ...told].sort()).toEqual([...new Set(made)].sort());
    for (const [, code, , what = ""] of rows) expect(what, code).toMatch(/^[A-Z`].{8,}\.$/);
  });

  test("names the exit codes, and what --json prints", () => {
    for (const part of ["{verdict, packageHash?, findings, seconds}", "{code, gate, severity, message, evidence, fix}"])
      expect(text).toContain(part);
  });
});
