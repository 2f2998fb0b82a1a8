/** A policy whose words would do something wherever they are shown, if they were let. */

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { foul } from "./alive.ts";

/** Foul wherever the policy has words that people read. */
export async function foulPolicy(folder: string): Promise<void> {
  const change = async (file: string, from: string, to: string) => {
    const path = join(folder, file);
    const text = await readFile(path, "utf8");
    if (!text.includes(from)) throw new Error(`${file} has no ${from}.`);
    await writeFile(path, text.replace(from, to));
  };
  const named = (key: string, words: string) => `${key}: ${JSON.stringify(words)}`;
  await change("council.yaml", "name: Ben", named("name", "Ben <@U0EVE> @here <!channel> :boom:"));
  await change("council.yaml", "name: Caro", named("name", "Caro @everyone <@900000000000000014>\u202e"));
  await change("council.yaml", "name: Dev", named("name", "Dev https://evil.example *bold* ||dark||"));
  await change(
    "invariants/harbour.yaml",
    "title: Pilot pool solvency",
    named("title", `Pilot <!here> ${foul.marks}\u200b`),
  );
  await change("targets/harbour.yaml", "title: Pilot pool", named("title", `Pool ${foul.links}`));
  await change(
    "targets/harbour.yaml",
    "action: Pause the pilot pool",
    named("action", "Pause <!channel> @everyone *all* of it"),
  );
  await change("chains.yaml", "name: Embedded", named("name", "Embedded <!here> :boom: \u2066"));
}
