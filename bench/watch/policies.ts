/** The sample policy in a folder of its own, changed. */

import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";

interface Metric {
  id: string;
  [key: string]: unknown;
}

export async function ownPolicies(
  change: (metric: Metric) => Metric,
): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "quorate-policies-"));
  await cp(join(import.meta.dirname, "../../policies"), folder, { recursive: true });
  await changeYaml(folder, "invariants/harbour.yaml", ({ metrics }: { metrics: Metric[] }) => ({
    metrics: metrics.map(change),
  }));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** JSON is YAML. */
export async function changeYaml<T>(folder: string, name: string, change: (content: T) => unknown): Promise<void> {
  const file = join(folder, name);
  await writeFile(file, JSON.stringify(change(parse(await readFile(file, "utf8")) as T)));
}
