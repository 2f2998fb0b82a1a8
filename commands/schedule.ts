import { actor, answer, type Command, ceremonyOption } from "../src/command.ts";

export const schedule: Command = {
  name: "schedule",
  summary: "Send the approved and signed package to the timelock; the bot's gas account pays",
  example: "/upgrade schedule UP-1",
  effect: "mutate",
  roles: ["proposer", "approver", "executor"],
  options: [ceremonyOption],
  async run(call) {
    const state = await call.services.find(call.options.ceremony);
    call.progress("Checking package, signatures, owners, nonces and code once more…");
    const outcome = await call.services.schedule(actor(call), state.id);
    return answer(outcome, call.policy, `${state.id} is being sent to the timelock.`);
  },
};
