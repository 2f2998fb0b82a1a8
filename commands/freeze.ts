import { actor, askReason, type Command, personOption, settled } from "../src/command.ts";
import { namesOf } from "../src/domain/policy.ts";

export const freeze: Command = {
  name: "freeze",
  summary: "Stop a person at once: they can do nothing and count for nothing. Everybody can freeze themself",
  example: '/upgrade freeze ben reason="his laptop was stolen"',
  effect: "mutate",
  roles: [],
  group: "people",
  options: [
    personOption,
    { name: "reason", description: "Why; everyone sees it", type: "paragraph", required: false, maxLength: 2000 },
  ],
  asks: ({ reason }) => reason === undefined,
  async run(call) {
    const { person = "", reason } = call.options;
    const name = namesOf(call.policy, [person]);
    if (reason === undefined) return askReason("freeze", { person }, `Freeze ${name}`, "Everyone sees this");
    const outcome = await call.services.people.act({ kind: "freeze", by: actor(call), person, reason });
    return settled(
      outcome,
      () =>
        `${name} is frozen: they can look and do nothing, and their approvals do not count. On the chain their wallet is what it was: if it is lost, have the Safe replace it. Two admins can lift this with /upgrade unfreeze ${person}.`,
    );
  },
};
