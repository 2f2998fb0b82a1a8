import { actor, answer, type Command, ceremonyOption } from "../src/command.ts";

export const withdraw: Command = {
  name: "withdraw",
  summary: "Take your approval or your denial back",
  example: "/upgrade withdraw UP-1",
  effect: "mutate",
  roles: ["approver", "guardian"],
  options: [ceremonyOption],
  async run(call) {
    const state = await call.services.find(call.options.ceremony);
    const outcome = await call.services.vote({ kind: "withdraw", by: actor(call) }, state.id);
    return answer(outcome, call.policy, `Your vote on ${state.id} is withdrawn.`);
  },
};
