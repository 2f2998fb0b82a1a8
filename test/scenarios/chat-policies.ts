/** The sample policy with a council that is in Slack and in Discord, in a folder of its own. */

import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const people = ["ada", "ben", "caro", "dev", "eve", "finn", "gus"] as const;
export type Somebody = (typeof people)[number];

export interface Places {
  slack: { team: string; channel: string; user(person: Somebody): string };
  discord: { guild: string; channel: string; user(person: Somebody): string };
}

export interface ChatPolicies {
  folder: string;
  remove(): Promise<void>;
}

export async function chatPolicies({ slack, discord }: Places): Promise<ChatPolicies> {
  const root = await mkdtemp(join(tmpdir(), "quorate-chat-"));
  const folder = join(root, "policies");
  await cp(join(import.meta.dirname, "../../policies"), folder, { recursive: true });
  const council = await readFile(join(folder, "council.yaml"), "utf8");
  const withAccounts = council.replace(/"cli:([a-z]+)"\]/g, (_, person: Somebody) => {
    const accounts = [`slack:${slack.team}:${slack.user(person)}`, `discord:${discord.guild}:${discord.user(person)}`];
    return `"cli:${person}", ${accounts.map((one) => `"${one}"`).join(", ")}]`;
  });
  const files = {
    "council.yaml": withAccounts,
    "workspaces.yaml": `slack:\n  - { name: Council, team: ${slack.team} }\ndiscord:\n  - { name: Council, guild: "${discord.guild}" }\n`,
    "channels.yaml": `upgrades: ["console:upgrades", "slack:${slack.channel}", "discord:${discord.channel}"]\n`,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return { folder, remove: () => rm(root, { recursive: true, force: true }) };
}
