import { actor, answer, type Command, ceremonyOption, reasonForm } from "../src/command.ts";

export const cancel: Command = {
  name: "cancel",
  summary: "Cancel a ceremony before it is executed; what was signed is then made unusable",
  example: '/upgrade cancel UP-1 reason="superseded"',
  effect: "mutate",
  roles: ["proposer", "approver", "guardian"],
  options: [
    ceremonyOption,
    { name: "reason", description: "Why; everyone sees it", type: "paragraph", required: false, maxLength: 2000 },
  ],
  asks: ({ reason }) => reason === undefined,
  async run(call) {
    const state = await call.services.find(call.options.ceremony);
    const { reason } = call.options;
    if (reason === undefined) return reasonForm(call, state, "cancel", `Cancel ${state.id}`, "Everyone sees this");
    const outcome = await call.services.vote({ kind: "cancel", by: actor(call), reason }, state.id);
    return answer(outcome, call.policy, `${state.id} is cancelled.`);
  },
};
