import { actor, answer, type Command, ceremonyOption } from "../src/command.ts";
import { bytes32 } from "../src/domain/primitives.ts";

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
    const digest = call.options.digest === undefined ? undefined : bytes32.safeParse(call.options.digest).data;
    const shown =
      call.options.digest === undefined ? state.review?.digest : (digest ?? (`0x${"0".repeat(64)}` as const));
    const outcome = await call.services.vote({ kind: "approve", by: actor(call), digest: shown }, state.id);
    return answer(outcome, call.policy, `You approved ${state.id}.`);
  },
};
