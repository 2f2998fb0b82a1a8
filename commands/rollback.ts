import {
  actor,
  answer,
  type Command,
  ceremonyOption,
  leavesSenderOpen,
  reasonForm,
  senderOf,
  senderOption,
  senderQuestion,
} from "../src/command.ts";
import { waitsForDelay } from "../src/domain/presigned.ts";
import { nextSteps } from "../src/domain/why.ts";
import { notice } from "../src/view.ts";

export const rollback: Command = {
  name: "rollback",
  summary: "Roll back what has run; a presigned rollback is scheduled first, and waits the timelock's delay",
  example: '/upgrade rollback UP-1 reason="the leak is in the new code"',
  effect: "mutate",
  roles: ["executor"],
  options: [
    ceremonyOption,
    { name: "reason", description: "Why; everyone sees it", type: "paragraph", required: false, maxLength: 2000 },
    senderOption,
  ],
  asks: ({ reason }) => reason === undefined,
  async run(call) {
    const state = await call.services.find(call.options.ceremony);
    const reason = call.options.reason ?? state.rollbackBy?.reason;
    if (reason === undefined) return reasonForm(call, state, "rollback", `Roll ${state.id} back`, "Everyone sees this");
    call.progress("Checking the rollback's operation and the old code once more…");
    const sender = senderOf(call);
    const outcome = await call.services.rollback(actor(call), state.id, reason, sender);
    if (!outcome.ok && outcome.refusal.code !== "rollback/again") return answer(outcome, call.policy, "");
    const now = outcome.state ?? state;
    const legs = now.rollbackBy?.legs ?? [];
    if (waitsForDelay(now)) return notice("progress", nextSteps(now, call.policy)[0]?.sentence ?? "");
    if (leavesSenderOpen(call, now, legs))
      return senderQuestion("rollback", now, `The rollback of ${legs.join(", ")} has waited its delay and may run`);
    if (sender === "gas-key" && outcome.ok)
      return answer(
        outcome,
        call.policy,
        `Quorate looks at everything once more and sends ${legs.join(", ")} for you.`,
      );
    const link = await call.services.link(call.person, call.account, now, "execute");
    return {
      kind: "wallet",
      ceremony: now.id,
      ...(link === undefined ? {} : { link, again: "rollback" }),
      title: `Roll ${now.id} back`,
      summary:
        "Your wallet sends the rollback that was signed with the upgrade. It restores the old code; it does not undo what the new code did to balances.",
      items: call.services.executorItems(now, call.person),
    };
  },
};
