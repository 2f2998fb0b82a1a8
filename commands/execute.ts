import { actor, answer, type Command, ceremonyOption } from "../src/command.ts";

export const execute: Command = {
  name: "execute",
  summary: "Execute the phase that is ready, from your own wallet",
  example: "/upgrade execute UP-1",
  effect: "mutate",
  roles: ["executor"],
  options: [ceremonyOption],
  async run(call) {
    const state = await call.services.find(call.options.ceremony);
    call.progress("Checking operation, window, code and implementations once more…");
    const outcome = await call.services.execute(actor(call), state.id);
    if (!outcome.ok && outcome.refusal.code !== "execute/again") return answer(outcome, call.policy, "");
    const now = outcome.state ?? state;
    const link = await call.services.link(call.person, call.account, now, "execute");
    return {
      kind: "wallet",
      ceremony: now.id,
      ...(link === undefined ? {} : { link }),
      title: `Execute ${now.id}: phase ${now.package.phases[now.currentPhase]?.id ?? ""}`,
      summary:
        "Your wallet sends exactly the approved batch to the timelock. It reverts as a whole if the window is over or any code has changed.",
      items: call.services.executorItems(now, call.person),
    };
  },
};
