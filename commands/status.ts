import { type Command, ceremonyOption } from "../src/command.ts";
import { stillExecutable } from "../src/domain/still-executable.ts";
import { notice } from "../src/view.ts";

export const status: Command = {
  name: "status",
  summary: "Where a ceremony stands, in short",
  example: "/upgrade status UP-1",
  effect: "read",
  roles: [],
  options: [ceremonyOption],
  async run({ options, services }) {
    const state = await services.find(options.ceremony);
    const card = await services.card(state);
    const left = stillExecutable(state);
    return notice(card.tone, `${card.title}: ${card.status}. ${card.summary}`, {
      facts: card.facts,
      sections: left.length > 0 ? [{ title: "Still executable by anyone", style: "list", lines: left }] : [],
      pictures: card.pictures,
      actions: card.actions,
    });
  },
};
