import { actor, answer, type Command, ceremonyOption, reasonForm } from "../src/command.ts";

export const rollback: Command = {
  name: "rollback",
  summary: "Execute the prescheduled rollback of what has run, from your own wallet",
  example: '/upgrade rollback UP-1 reason="the leak is in the new code"',
  effect: "mutate",
  roles: ["executor"],
  options: [
    ceremonyOption,
    { name: "reason", description: "Why; everyone sees it", type: "paragraph", required: false, maxLength: 2000 },
  ],
  asks: ({ reason }) => reason === undefined,
  async run(call) {
    const state = await call.services.find(call.options.ceremony);
    const reason = call.options.reason ?? state.rollbackBy?.reason;
    if (reason === undefined) return reasonForm(call, state, "rollback", `Roll ${state.id} back`, "Everyone sees this");
    call.progress("Checking the rollback's operation and the old code once more…");
    const outcome = await call.services.rollback(actor(call), state.id, reason);
    if (!outcome.ok && outcome.refusal.code !== "rollback/again") return answer(outcome, call.policy, "");
    const now = outcome.state ?? state;
    const link = await call.services.link(call.person, call.account, now, "execute");
    return {
      kind: "wallet",
      ceremony: now.id,
      ...(link === undefined ? {} : { link }),
      title: `Roll ${now.id} back`,
      summary:
        "Your wallet sends the prescheduled rollback. It restores the old code; it does not undo what the new code did to balances.",
      items: call.services.executorItems(now, call.person),
    };
  },
};
