/** Rehearsals as anybody runs them: what they print, how they end. */

import { describe, expect, it } from "vitest";
import { scenarioGroups } from "../../src/rehearsal/scenarios.ts";
import { cli, run } from "./run-cli.ts";

const minutes = 60_000;

describe("quorate rehearse", () => {
  it(
    "clean: closes after two canary phases",
    async () => {
      const { code, stdout, stderr, json } = await cli("rehearse", "clean", "--json");
      expect(stderr).toBe("");
      expect(code).toBe(0);
      expect(Object.keys(json())).toEqual(["scenario", "ok", "states", "events", "seconds", "auditHead"]);
      expect(json()).toMatchObject({ scenario: "clean", ok: true });
      expect(json().states).toEqual([
        ...["drafted", "checked", "in review", "approved", "signing"],
        ...["scheduled", "ready", "executing", "canary", "scheduled", "ready", "executing", "canary", "closed"],
      ]);
      const cards = ["DRAFTED", "CHECKED", "IN REVIEW", "APPROVED", "SIGNING", "SCHEDULED", "READY", "CANARY 1 OF 2"];
      for (const status of [...cards, "CANARY 2 OF 2", "CLOSING", "CLOSED"])
        expect(stdout).toContain(` ${status}  UP-1`);
      expect(stdout).toContain("Ben: /upgrade canary action=advance ceremony=UP-1");
      expect(stdout).toContain("✓ The vault runs its new implementation");
      expect(stdout).not.toContain("NOT PROVED");
      // Colour belongs to a terminal, and this is a pipe.
      expect(stdout).not.toContain("\u001b");
      expect(stdout).toContain(String(json().auditHead).slice(0, 18));
    },
    3 * minutes,
  );

  it(
    "breach: pages, contains, rolls back, and nobody resumes alone",
    async () => {
      const { code, stdout, json } = await cli("rehearse", "breach", "--json");
      expect(code).toBe(0);
      expect(json()).toMatchObject({ scenario: "breach", ok: true });
      expect((json().states as string[]).slice(-4)).toEqual(["canary", "held", "contained", "rolled back"]);
      expect(stdout).toContain("SEV1 BREACH · Pilot pool solvency");
      expect(stdout).toContain("Paged: caro, dev, finn, gus");
      expect(stdout).toContain("who wrote any part of a package does not resume it");
      expect(stdout).toContain("who held or contained it does not resume it");
      expect(stdout).toContain("one person alone cannot");
      expect(stdout).toContain("it takes 2 people. Ask Finn.");
      expect(stdout).toContain("✓ The pilot pool really owed more than it had");
      expect(stdout).not.toContain("NOT PROVED");
    },
    3 * minutes,
  );

  it(
    "expired: misses its window, on the chain too",
    async () => {
      const { code, stdout, json } = await cli("rehearse", "expired", "--json");
      expect(code).toBe(0);
      expect(json()).toMatchObject({ scenario: "expired", ok: true });
      expect((json().states as string[]).at(-1)).toBe("expired");
      expect(stdout).toContain("straight to the timelock: reverts with TooLate");
      expect(stdout).toContain("✓ The price feed runs its old implementation");
      expect(stdout).not.toContain("NOT PROVED");
    },
    3 * minutes,
  );

  it(
    "tampered: a table of tries, each refused by the layer that should",
    async () => {
      const { code, stdout, json } = await cli("rehearse", "--scenario", "tampered", "--json");
      expect(stdout).not.toContain("✗ WRONG");
      expect(code).toBe(0);
      expect(json()).toMatchObject({ scenario: "tampered", ok: true });
      const rows = stdout.split("\n").filter((line) => line.endsWith("✓ ok"));
      expect(rows.length).toBeGreaterThanOrEqual(100);
      for (const layer of [
        "integrity/log",
        "integrity/package-hash",
        "Safe checkSignatures",
        "TooLate",
        "GS026",
        "node",
      ])
        expect(
          rows.some((line) => line.includes(` ${layer} `)),
          layer,
        ).toBe(true);
    },
    8 * minutes,
  );

  it(
    "tampered: ends with 1 where a check is left out",
    async () => {
      const { code, stdout } = await run(new URL("./without-check.ts", import.meta.url).pathname, "audit-head");
      expect(stdout).toContain("✗ WRONG");
      expect(stdout).toMatch(/NOT PROVED: The script was played to its end \(3 of 3 tries/);
      expect(code).toBe(1);
    },
    3 * minutes,
  );

  it("lists them in groups without a name, and a name that is none is wrong use", async () => {
    const { code, stdout } = await cli("rehearse");
    expect(code).toBe(0);
    for (const { title, scenarios } of scenarioGroups) {
      const [, listed = ""] = stdout.split(`${title}:\n`);
      const lines = listed.split("\n\n")[0]?.split("\n") ?? [];
      expect(lines.map((line) => line.trim().split(/ +/)[0])).toEqual(scenarios.map((one) => one.name));
    }
    expect(stdout).not.toContain("--scenario");
    const wrong = await cli("rehearse", "happy");
    expect(wrong.code).toBe(2);
    expect(wrong.stdout).toBe("");
    expect(wrong.stderr).toBe('There is no rehearsal "happy". quorate rehearse lists those that there are.\n');
  });
});
