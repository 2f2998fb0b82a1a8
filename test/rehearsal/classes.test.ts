/** An invariant of each class is really broken by new code, and the ceremony ends as the rules say. */

import { expect, it } from "vitest";
import { breachAuthorization, breachEconomic, breachLiveness } from "../../src/rehearsal/breach-classes.ts";
import { rehearse } from "../../src/rehearsal/rehearse.ts";
import type { Scenario } from "../../src/rehearsal/scenario.ts";

const cases: [Scenario, RegExp, string][] = [
  [breachEconomic, /SEV1 BREACH.*Vault share price/, "The vault's shares really lost of their price"],
  [breachAuthorization, /SEV1 BREACH.*Vault belongs to the timelock/, "The vault really belonged to somebody else"],
  [breachLiveness, /SEV2 BREACH.*Age of the price/, "The price really was older than an hour"],
];

it.each(cases)(
  "$name",
  async (scenario, page, broken) => {
    const lines: string[] = [];
    const write = (line: string) => void lines.push(line);
    const { ok, states } = await rehearse({ scenario, policies: "policies", write, style: { colour: false } });
    const said = lines.join("\n");
    expect(lines.filter((line) => line.includes("NOT PROVED"))).toEqual([]);
    expect(ok).toBe(true);
    expect(states.slice(-4)).toEqual(["canary", "held", "contained", "rolled back"]);
    expect(said).toMatch(page);
    expect(said).toContain(`✓ ${broken}`);
  },
  240_000,
);
