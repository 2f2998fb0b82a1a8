import { type Command, ceremonyOption } from "../src/command.ts";
import { notice } from "../src/view.ts";

export const status: Command = {
  name: "status",
  summary: "Where a ceremony stands, in short",
  example: "/upgrade status UP-1",
  effect: "read",
  roles: [],
  options: [ceremonyOption],
  async run({ options, services }) {
    const card = await services.card(await services.find(options.ceremony));
    return notice(card.tone, `${card.title}: ${card.status}. ${card.summary}`, {
      facts: card.facts,
      pictures: card.pictures,
      actions: card.actions,
    });
  },
};
