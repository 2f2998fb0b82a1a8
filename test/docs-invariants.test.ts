/** docs/invariants.md: what it shows can be copied into a policy, and is judged where it says. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { chainPolicy } from "../src/domain/chain-policy.ts";
import { metric } from "../src/domain/metrics.ts";
import { compile } from "../src/domain/watch/catalogue.ts";
import { source } from "../src/domain/watch/sources.ts";
import { invariantsFile } from "../src/policy-folder/file-shapes.ts";

const text = readFileSync(new URL("../docs/invariants.md", import.meta.url), "utf8");
const blocks = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml = ""]) => parse(yaml));
const examples = blocks.flatMap((one) => one.metrics ?? []);
/** What the first one has, the others leave out. */
const { chain, severity, containment, owner } = examples[0];
const { metrics } = invariantsFile.parse({
  metrics: examples.map((one) => ({ chain, severity, containment, owner, ...one })),
});

test("every example is a metric, and every kind of source has one", () => {
  const kinds = source.def.options.map((one) => ("shape" in one ? [...one.shape.kind.values][0] : undefined));
  expect(kinds).toHaveLength(10);
  expect([...new Set(metrics.map((one) => one.read.kind))].sort()).toEqual(kinds.sort());
});

test("those that a call can judge are judged in one, and events and servers beside it", () => {
  const { entries } = compile(metrics, new Map());
  const outside = metrics.filter(({ read }) => read.kind === "event" || read.kind === "http").map((one) => one.id);
  expect(entries.filter((one) => one.judged === "outside").map((one) => one.metric)).toEqual(outside);
});

describe("the table", () => {
  const rows = [...text.matchAll(/^\| (`.+?) +\| .* \| (.*?) +\|$/gm)].map(([, names = "", left = ""]) => ({
    names: [...names.matchAll(/`(\w+)`/g)].map(([, name = ""]) => name),
    left,
  }));
  const { invariant, failN, ofM, ...least } = metric.parse({
    ...{ id: "x", title: "x", class: "asset", chain: "eip155:1", unit: "wei", owner: "dev", containment: "pause" },
    ...{ read: { kind: "balance", of: "0xe14633ed5c76A55a57389Ee3A00E1a383Db09775" }, severity: 2 },
    ...{ pass: { is: ">", value: 0 }, fail: { is: "=", value: 0 } },
  });

  test("names settings that there are, with what they are where they are left out", () => {
    expect(rows.flatMap((one) => one.names).length).toBeGreaterThan(12);
    for (const { names } of rows)
      for (const name of names) expect({ ...least, invariant, failN, ofM }).toHaveProperty(name);
    const said = (name: string) => rows.find((one) => one.names.includes(name))?.left;
    expect(said("maxBlockAge")).toBe(`${least.maxBlockAge}, ${least.errorLimit}`);
    expect(said("minSamples")).toBe(`${least.minSamples}`);
    expect(said("warmup")).toBe(`${least.warmup}`);
    expect(said("finality")).toBe(least.finality);
    expect(said("mode")).toBe(least.mode);
    expect(said("stage")).toBe(`\`[${least.stage}]\``);
    expect(said("failN")).toContain(`${failN} of ${ofM}`);
  });
});

test("the hosts that it lets in are ones that chains.yaml takes", () => {
  const [chain] = blocks.find((one) => one.chains !== undefined).chains;
  const address = "0xe14633ed5c76A55a57389Ee3A00E1a383Db09775";
  const whole = {
    name: "One",
    environment: "production",
    council: address,
    guardian: address,
    timelock: address,
    preconditions: address,
  };
  expect(chainPolicy.parse({ ...whole, ...chain }).privateHosts).toEqual(chain.privateHosts);
});
