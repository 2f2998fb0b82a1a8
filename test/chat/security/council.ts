/** The sample council in Slack and Discord, with people around it who are none of it. */

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { privateKeyToAccount } from "viem/accounts";
import { createSiweMessage } from "viem/siwe";
import { type Policy, personById } from "../../../src/domain/policy.ts";
import { embeddedPeople } from "../../../src/embedded/people.ts";
import { linkStatement } from "../../../src/link-message.ts";
import { type ChatPolicies, chatPolicies, people, type Somebody } from "../../scenarios/chat-policies.ts";
import type { DiscordPlatform } from "../../support/discord/discord.ts";
import type { SlackPlatform } from "../../support/slack/slack.ts";

/** Beside the seven: what each is, stands in the cases that need them. */
export const outsiders = ["twin", "nobody", "linked", "unlinked", "stranger"] as const;
export type Anybody = Somebody | (typeof outsiders)[number];

export const partner = "T0PARTNER";
export const elsewhere = "T0STRANGE";
/** The council's own, but the app may not be installed there. */
export const second = "T0SECOND";

export interface Places {
  slack: { team: string; channel: string; breaches: string; group: string; user(person: Anybody): string };
  discord: { guild: string; channel: string; breaches: string; role: string; user(person: Anybody): string };
  /** Gives Dev an account of the partner's that no wallet has signed for; a policy folder with it would not be read. */
  alsoOwns(policy: Policy): void;
}

/** Puts everybody where they are on both platforms. */
export function settle(slack: SlackPlatform, discord: DiscordPlatform): Places {
  const everybody: Anybody[] = [...people, ...outsiders];
  const ids = new Map(everybody.map((one, index) => [one, `9000000000000000${10 + index}`]));
  const user = (person: Anybody) => ids.get(person) ?? "";
  const slackUser = (person: Anybody) => `U0${person.toUpperCase()}`;
  slack.addTeam({ id: partner });
  slack.addTeam({ id: elsewhere });
  const from: Partial<Record<Anybody, string>> = { linked: partner, unlinked: partner, stranger: elsewhere };
  for (const one of everybody) {
    const team = from[one];
    const foreign = team === undefined ? {} : { team, stranger: true };
    slack.addUser({ id: slackUser(one), name: one === "twin" ? "ben" : one, ...foreign });
    discord.addUser(one === "twin" ? "ben" : one, { id: user(one) });
    discord.addMember(discord.guildId, user(one), []);
  }
  const members = everybody.map(slackUser);
  slack.addChannel({ id: "C0UPGRADES", name: "upgrades", members });
  slack.addChannel({ id: "C0BREACHES", name: "breaches", members });
  const breaches = discord.addChannel(discord.guildId, "breaches").id;
  const role = discord.addRole(discord.guildId, "on-call", { mentionable: true }).id;
  return {
    slack: { team: slack.team.id, channel: "C0UPGRADES", breaches: "C0BREACHES", group: "S0ONCALL", user: slackUser },
    discord: { guild: discord.guildId, channel: discord.channelId, breaches, role, user },
    alsoOwns: (policy) => personById(policy, "dev")?.accounts.push(`slack:${partner}:${slackUser("unlinked")}`),
  };
}

/** The policy folder of this council. */
export async function council(places: Places, files?: (folder: string) => Promise<void>): Promise<ChatPolicies> {
  const policies = await chatPolicies(places);
  const { slack, discord } = places;
  const change = async (name: string, edit: (text: string) => string) => {
    const path = join(policies.folder, name);
    const before = await readFile(path, "utf8");
    const after = edit(before);
    if (after === before) throw new Error(`${name} is not as the case expects it.`);
    await writeFile(path, after);
  };
  const more = `  - { name: Partner, team: ${partner}, external: true }\n  - { name: Second, team: ${second} }\n`;
  await change("workspaces.yaml", (text) => text.replace("discord:", `${more}discord:`));
  const also = `breaches: ["slack:${slack.breaches}", "discord:${discord.breaches}"]\n`;
  await change("channels.yaml", (text) => `${text}${also}`);
  await change("on-call.yaml", (text) => `${text}groups: { slack: ${slack.group}, discord: "${discord.role}" }\n`);
  const account = `slack:${partner}:${slack.user("linked")}`;
  const link = await proof(account);
  await change("council.yaml", (text) =>
    text
      .replace('"cli:dev"', `"cli:dev", "${account}"`)
      .replace(`wallets: ["${embeddedPeople.dev.address}"]`, (wallets) => `${wallets}\n    ${link}`),
  );
  await files?.(policies.folder);
  return policies;
}

/** Dev's wallet says that the account is Dev's (EIP-4361), as council.yaml wants it. */
async function proof(account: string): Promise<string> {
  const wallet = privateKeyToAccount(embeddedPeople.dev.privateKey);
  const message = createSiweMessage({
    address: wallet.address,
    statement: linkStatement(account, "dev", "Harbour security council"),
    chainId: 31337,
    domain: "quorate.example.org",
    uri: "https://quorate.example.org/link",
    version: "1",
    nonce: "abcdefgh12345678",
    issuedAt: new Date(1_700_000_000_000),
  });
  const signature = await wallet.signMessage({ message });
  const lines = message.split("\n").map((one) => `          ${one}`);
  return [
    "links:",
    `      - account: ${account}`,
    "        message: |",
    ...lines,
    `        signature: "${signature}"`,
  ].join("\n");
}
