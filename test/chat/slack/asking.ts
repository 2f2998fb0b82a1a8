/** What Slack's people are shown in private, and the form that a reason is asked with. */

import type { Form } from "../../../src/view.ts";
import { type Setting, wordsOf } from "./council.ts";

/** The newest private message of a user, once there are so many. */
export async function answerTo({ slack }: Setting, user: string, count = 1): Promise<{ ts: string; words: string }> {
  const found = await slack.until(() => slack.ephemerals(user)[count - 1], `${user} has ${count} private answers`);
  return { ts: found.ts, words: wordsOf(found.blocks) };
}

export const reason: Form = {
  kind: "form",
  title: "Deny UP-1",
  command: "deny",
  options: { ceremony: "UP-1" },
  revision: 3,
  fields: [
    {
      name: "reason",
      label: "Reason",
      hint: "Everyone sees this",
      required: true,
      type: "paragraph",
      choices: [],
      value: "",
      maxLength: 2000,
    },
  ],
  submit: "Deny",
};
