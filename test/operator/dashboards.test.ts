/** The dashboard and the alert rules ask for what is there, by names that the program has. */

import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { createInstruments } from "../../src/operator/instruments.ts";

const folder = new URL("../../docs/monitoring/", import.meta.url);
const read = (name: string) => readFile(new URL(name, folder), "utf8");

async function given(): Promise<Set<string>> {
  const { text } = await createInstruments().exposition();
  const names = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = "", type]) =>
    type === "histogram" ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
  );
  return new Set(names);
}
/** Labels by metric, of instruments that have seen one of everything. */
async function labels(): Promise<Map<string, Set<string>>> {
  const it = createInstruments();
  const chain = "eip155:1";
  it.head(chain, 1n, 1n);
  it.judged(chain, 1, { pass: 1 });
  it.requests(chain, 1);
  it.reorganised(chain, 1);
  it.paged("slack", "delivered", 1);
  it.fault("outbox");
  it.now(async () => ({
    ...{ headAge: { [chain]: 1n }, alerts: {}, ceremonies: { canary: 1 }, exits: { ready: 1, broken: 0 } },
    ...{ platforms: { slack: true }, outboxOpen: 0, watchdogAge: 1n },
  }));
  const { text } = await it.exposition();
  const found = new Map<string, Set<string>>();
  for (const [, name = "", inner = ""] of text.matchAll(/^(quorate_[a-z0-9_]+)\{([^}]*)\}/gm)) {
    const names = [...inner.matchAll(/([a-z_]+)="/g)].map(([, label = ""]) => label);
    found.set(name, new Set([...(found.get(name) ?? []), ...names]));
  }
  return found;
}
/** Each metric with the labels that an expression selects it by. */
const selected = (expression: string) =>
  [...expression.matchAll(/(quorate_[a-z0-9_]+)\{([^}]*)\}/g)].flatMap(([, name = "", inner = ""]) =>
    [...inner.matchAll(/([a-z_]+)\s*[=!]~?/g)].map(([, label = ""]) => ({ name, label })),
  );
const asked = (expression: string) => expression.match(/quorate_[a-z0-9_]+/g) ?? [];

describe("docs/monitoring", () => {
  test("each panel of the dashboard asks for metrics that there are, and says what it shows", async () => {
    const { panels } = JSON.parse(await read("dashboard.json")) as {
      panels: { title: string; targets: { expr: string }[] }[];
    };
    const names = await given();
    expect(panels.length).toBeGreaterThan(10);
    for (const { title, targets } of panels) {
      expect(title).toMatch(/^[A-Z]/);
      const used = targets.flatMap(({ expr }) => asked(expr));
      expect(used.length, title).toBeGreaterThan(0);
      expect(
        used.filter((one) => !names.has(one)),
        title,
      ).toEqual([]);
    }
  });

  test("each alert asks for metrics that there are, and says what to do", async () => {
    const { groups } = parse(await read("alerts.yaml")) as {
      groups: { rules: { alert: string; expr: string; annotations: { summary: string; description: string } }[] }[];
    };
    const names = await given();
    const rules = groups.flatMap((one) => one.rules);
    expect(rules.length).toBeGreaterThan(5);
    for (const { alert, expr, annotations } of rules) {
      expect(
        asked(expr).filter((one) => !names.has(one)),
        alert,
      ).toEqual([]);
      for (const text of [annotations.summary, annotations.description]) expect(text, alert).toMatch(/^.{20,}\.$/s);
    }
  });

  test("both select by labels that the metric has", async () => {
    const known = await labels();
    const { panels } = JSON.parse(await read("dashboard.json")) as { panels: { targets: { expr: string }[] }[] };
    const { groups } = parse(await read("alerts.yaml")) as { groups: { rules: { expr: string }[] }[] };
    const expressions = [
      ...panels.flatMap((one) => one.targets.map(({ expr }) => expr)),
      ...groups.flatMap((one) => one.rules.map(({ expr }) => expr)),
    ];
    const wanted = expressions.flatMap(selected);
    expect(wanted.length).toBeGreaterThan(2);
    expect(wanted.filter(({ name, label }) => known.get(name)?.has(label) !== true)).toEqual([]);
  });
});
