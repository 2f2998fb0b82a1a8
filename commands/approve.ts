import { actor, answer, type Command, ceremonyOption } from "../src/command.ts";
import { bytes32 } from "../src/domain/primitives.ts";
import { notice } from "../src/view.ts";

export const approve: Command = {
  name: "approve",
  summary: "Approve a package: a vote, counted once a person",
  example: "/upgrade approve UP-1",
  effect: "mutate",
  roles: ["approver"],
  options: [
    ceremonyOption,
    {
      name: "digest",
      description: "The digest you looked at; buttons send it along",
      type: "text",
      required: false,
      maxLength: 66,
    },
  ],
  async run(call) {
    const state = await call.services.find(call.options.ceremony);
    const given = bytes32.optional().safeParse(call.options.digest);
    if (!given.success)
      return notice("bad", "digest is no approval digest: it is 0x and 64 hexadecimal digits, as the card shows it.");
    const digest = given.data ?? state.review?.digest;
    const outcome = await call.services.vote({ kind: "approve", by: actor(call), digest }, state.id);
    return answer(outcome, call.policy, `You approved ${state.id}.`);
  },
};
