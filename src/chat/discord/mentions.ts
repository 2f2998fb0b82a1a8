/** Who is called by a message: exactly the people it names who have an account in this guild, and the role on call. */

import type { APIAllowedMentions } from "discord-api-types/v10";
import { accountsOn, type Policy } from "../../domain/policy.ts";
import type { Card } from "../../view.ts";

export interface Mentions {
  users: string[];
  roles: string[];
}

export const nobody: Mentions = { users: [], roles: [] };

/** So many ids leave room for a sentence in a message of 2000 characters. */
const mostUsers = 50;

export function mentionsOf(card: Card, policy: Policy, guild: string): Mentions {
  const prefix = `discord:${guild}:`;
  const users = card.mentions
    .flatMap((person) => accountsOn(policy, person, "discord"))
    .filter((account) => account.startsWith(prefix))
    .map((account) => account.slice(prefix.length))
    .filter((id) => /^[0-9]{15,21}$/.test(id));
  const role = card.urgent ? policy.onCall.groups.discord : undefined;
  return { users: [...new Set(users)].slice(0, mostUsers), roles: role === undefined ? [] : [role] };
}

/** As Discord spells them: `<@1> <@&2>`. */
export function mentionText({ users, roles }: Mentions): string {
  return [...users.map((id) => `<@${id}>`), ...roles.map((id) => `<@&${id}>`)].join(" ");
}

/** Nothing in the text calls anybody by itself; only these ids do. */
export function allowedMentions({ users, roles }: Mentions): APIAllowedMentions {
  return { parse: [], users, roles };
}
