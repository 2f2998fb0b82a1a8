/** Invariants: what policy has hold before an upgrade holds now. What is broken already is not upgraded over (MISSION 3). */

import type { Finding } from "../domain/events.ts";
import { metric } from "../domain/metrics.ts";
import { preMetrics, readingInWords, type StageReading } from "../domain/watch/stage.ts";
import { judgedNow } from "../stage-judgement.ts";
import { findings, type Gate } from "./gate.ts";

const { refuse, flag, info } = findings("invariants");

export const invariantsGate: Gate = {
  name: "invariants",
  proof: () => judge([knownBad()]),
  async run({ subject, policy, chains }) {
    const asked = subject.kind === "package" ? preMetrics(subject.package, policy) : [];
    return { findings: asked.length === 0 ? [] : judge(await judgedNow(chains, asked, undefined)) };
  },
};

function judge(read: readonly StageReading[]): Finding[] {
  const bad = read.flatMap((one) => {
    const evidence = `${one.metric.id}: ${one.value ?? "no value"} at block ${one.block.number} of ${one.block.chain}`;
    const sentence = `${readingInWords(one)}.`;
    switch (one.verdict) {
      case "pass":
        return [];
      case "fail":
        return [
          refuse("broken", `Before anything is upgraded, an invariant is broken: ${sentence}`, {
            evidence,
            fix: "Find out why, and mend that first; if the bound is wrong, correct it in policies/invariants.",
          }),
        ];
      case "inconclusive":
        return [
          flag("between", `An invariant neither passes nor fails before the upgrade: ${sentence}`, {
            evidence,
            fix: "Wait until it passes, or know why it does not.",
          }),
        ];
      default:
        return [
          refuse("unread", `An invariant is not known before the upgrade: ${sentence}`, {
            evidence,
            fix: "Compare its source with the contract, and the sources with each other: /upgrade status.",
          }),
        ];
    }
  });
  const [first] = read;
  if (bad.length > 0 || first === undefined) return bad;
  const names = read.map((one) => one.metric.title).join("; ");
  return [info("held", `Before the upgrade these hold at block ${first.block.number}: ${names}.`)];
}

function knownBad(): StageReading {
  const read = { kind: "balance", of: "0x0000000000000000000000000000000000000001" };
  const rule = { pass: { is: ">=", value: 1 }, fail: { is: "<", value: 1 } };
  const words = { id: "proof", title: "Proof", containment: "proof", owner: "proof" };
  const parsed = metric.parse({
    ...words,
    ...rule,
    ...{ read, class: "asset", chain: "eip155:1", unit: "wei", severity: 1 },
  });
  const block = { chain: parsed.chain, number: 1n, hash: `0x${"00".repeat(32)}` as const, timestamp: 1n };
  return { metric: parsed, verdict: "fail", value: 0n, reason: "", block };
}
