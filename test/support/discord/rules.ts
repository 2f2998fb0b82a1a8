/**
 * What Discord demands of a body beyond its published schema, as one table. Sources: the pages "Message", "Message
 * Components", "Application Commands" and "Receiving and Responding" of Discord's developer documentation.
 */

import type { Problem } from "./errors.ts";
import { choiceRules, commandRules } from "./rules/commands.ts";
import { messageRules } from "./rules/messages.ts";
import { modalRules } from "./rules/modals.ts";

/** What is known besides the body: the names of the files a message will have. */
export interface Surroundings {
  filenames: readonly string[];
}

export interface Rule {
  says: string;
  check(body: Record<string, unknown>, surroundings: Surroundings): Problem[];
}

export const rules = {
  message: messageRules,
  modal: modalRules,
  command: commandRules,
  choices: choiceRules,
} as const satisfies Record<string, readonly Rule[]>;

export function ruleProblems(
  kind: keyof typeof rules,
  body: Record<string, unknown>,
  surroundings: Surroundings = { filenames: [] },
): Problem[] {
  return rules[kind].flatMap((rule: Rule) => rule.check(body, surroundings));
}
