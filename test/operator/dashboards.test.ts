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
});
