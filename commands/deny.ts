import { actor, answer, type Command, ceremonyOption, reasonForm } from "../src/command.ts";

export const deny: Command = {
  name: "deny",
  summary: "Deny a package; it stays blocked until you withdraw",
  example: '/upgrade deny UP-1 reason="the fee is wrong"',
  effect: "mutate",
  roles: ["approver", "guardian"],
  options: [
    ceremonyOption,
    { name: "reason", description: "Why; everyone sees it", type: "paragraph", required: false, maxLength: 2000 },
  ],
  asks: ({ reason }) => reason === undefined,
  async run(call) {
    const state = await call.services.find(call.options.ceremony);
    const { reason } = call.options;
    if (reason === undefined) return reasonForm(call, state, "deny", `Deny ${state.id}`, "Everyone sees this");
    const outcome = await call.services.vote({ kind: "deny", by: actor(call), reason }, state.id);
    return answer(outcome, call.policy, `You denied ${state.id}.`);
  },
};
