/** What the alert of a breach is told of its containment: only what the chain was read back for is contained. */

import { describe, expect, test } from "vitest";
import { ceremonySignals } from "../../../src/domain/alerts/ceremony-signals.ts";
import type { Ceremony } from "../../support/ceremony-driver.ts";
import { ceremonyAt } from "../../support/given.ts";
import { mainnet } from "../../support/sample-council.ts";

const refused = { what: "containmentFailed", containment: "pause-vault", reason: "Its code is another." } as const;

/** Under its canary, with an open breach that pause-vault answers. */
function breached(): Ceremony {
  const it = ceremonyAt("canary");
  const seen = { metric: "solvency", block: it.block(mainnet), value: "9871", sentence: "Solvency is low." };
  return it.observe({ what: "breach", ...seen });
}
const said = (it: Ceremony) => {
  const [signal] = ceremonySignals(it.state, it.policy);
  return { containment: signal?.containment, lifted: signal?.lifted };
};

describe("the alert of a breach", () => {
  test("says how many sources said so, and what policy asks for where a log from before does not tell", () => {
    const it = ceremonyAt("canary");
    const { sources } = it.policy.chains[0] ?? {};
    const facts = () => ceremonySignals(it.state, it.policy)[0]?.facts.sources;
    const seen = { metric: "solvency", block: it.block(mainnet), value: "9871", sentence: "Solvency is low." };
    it.observe({ what: "breach", ...seen });
    expect(facts()).toEqual({ agree: sources?.agree ?? 1, of: sources?.of ?? 1 });
    it.observe({ what: "cleared", metric: "solvency", block: it.block(mainnet) });
    it.observe({ what: "breach", ...seen, sources: { agree: 3, of: 5 } });
    expect(facts()).toEqual({ agree: 3, of: 5 });
  });

  test("is told that its containment was sent, and that it is contained only once the chain says so", () => {
    const it = breached();
    expect(said(it).containment).toBeUndefined();
    it.must(it.contain("caro"));
    expect(said(it)).toEqual({ containment: "submitted", lifted: undefined });
    it.containmentMined();
    expect(said(it)).toEqual({ containment: "confirmed", lifted: undefined });
  });

  test("is told that the chain refused it, until the word is given for it again", () => {
    const it = breached();
    it.must(it.contain("caro")).observe(refused);
    expect(said(it)).toEqual({ containment: "failed", lifted: undefined });
    it.must(it.contain("gus", "cap-router"));
    expect(said(it)).toEqual({ containment: "failed", lifted: undefined });
    it.observe({ ...refused, containment: "cap-router" }).must(it.contain("caro"));
    expect(said(it)).toEqual({ containment: "submitted", lifted: undefined });
  });

  test("is told nothing of a containment that answers another breach, and that it is over once the ceremony goes on", () => {
    const it = breached();
    it.must(it.contain("caro", "cap-router")).containmentMined();
    expect(said(it)).toEqual({ containment: undefined, lifted: undefined });
    it.observe({ what: "cleared", metric: "solvency", block: it.block(mainnet) });
    it.must(it.resimulate()).must(it.resume("ben")).must(it.resume("dev"));
    expect(said(it)).toEqual({ containment: undefined, lifted: true });
  });
});
