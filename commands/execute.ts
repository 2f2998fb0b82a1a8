import {
  actor,
  answer,
  type Command,
  ceremonyOption,
  leavesSenderOpen,
  senderOf,
  senderOption,
  senderQuestion,
} from "../src/command.ts";
import { legsForGas } from "../src/domain/gas-execution.ts";
import { legsToExecute } from "../src/domain/release.ts";

export const execute: Command = {
  name: "execute",
  summary: "Execute the phase that is ready, from your own wallet, or by the gas key where policy lets it",
  example: "/upgrade execute UP-1",
  effect: "mutate",
  roles: ["executor"],
  options: [ceremonyOption, senderOption],
  async run(call) {
    const state = await call.services.find(call.options.ceremony);
    call.progress("Checking operation, window, code and implementations once more…");
    const sender = senderOf(call);
    const outcome = await call.services.execute(actor(call), state.id, sender);
    if (!outcome.ok && outcome.refusal.code !== "execute/again") return answer(outcome, call.policy, "");
    const now = outcome.state ?? state;
    const due = legsToExecute(now);
    if (leavesSenderOpen(call, now, due))
      return senderQuestion("execute", now, `The approved batch of ${due.join(", ")} is ready to be run`);
    const forGas = sender === "gas-key" ? legsForGas(now, call.policy, due) : [];
    if (due.length > 0 && forGas.length === due.length)
      return answer(outcome, call.policy, `Quorate looks at everything once more and sends ${due.join(", ")} for you.`);
    const link = await call.services.link(call.person, call.account, now, "execute");
    return {
      kind: "wallet",
      ceremony: now.id,
      ...(link === undefined ? {} : { link, again: "execute" }),
      title: `Execute ${now.id}: phase ${now.package.phases[now.currentPhase]?.id ?? ""}`,
      summary:
        "Your wallet sends exactly the approved batch to the timelock. It reverts as a whole if the window is over or any code has changed.",
      items: call.services.executorItems(now, call.person),
    };
  },
};
