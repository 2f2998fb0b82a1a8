import { actor, type Command, personOption, settled } from "../src/command.ts";
import { freezeOf } from "../src/domain/people.ts";
import { namesOf } from "../src/domain/policy.ts";

export const unfreeze: Command = {
  name: "unfreeze",
  summary: "Let a frozen person act again: two admins, neither of them who froze them",
  example: "/upgrade unfreeze ben",
  effect: "mutate",
  roles: ["admin"],
  group: "people",
  options: [personOption],
  async run(call) {
    const { person = "" } = call.options;
    const name = namesOf(call.policy, [person]);
    const outcome = await call.services.people.act({ kind: "unfreeze", by: actor(call), person });
    return settled(outcome, (all) =>
      freezeOf(all, person) === undefined
        ? `${name} may act again, and their approvals count again.`
        : `You want ${name} to act again. One more admin has to.`,
    );
  },
};
