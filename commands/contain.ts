import { actor, answer, type Command, ceremonyOption, reasonForm } from "../src/command.ts";
import { breachesInWords } from "../src/domain/ceremony.ts";
import { awaitedContainment } from "../src/domain/held-back.ts";
import { signable } from "../src/domain/signing.ts";
import { walletRequest } from "./sign.ts";

export const contain: Command = {
  name: "contain",
  summary: "Give the word for the containment that was signed before; one guardian suffices",
  example: '/upgrade contain UP-1 reason="solvency is falling"',
  effect: "mutate",
  roles: ["guardian"],
  options: [
    ceremonyOption,
    {
      name: "containment",
      description: "Which prepared action; the breached metric's by default",
      type: "text",
      required: false,
      maxLength: 40,
    },
    {
      name: "reason",
      description: "Why; a failing sample is quoted by itself",
      type: "paragraph",
      required: false,
      maxLength: 2000,
    },
  ],
  asks: ({ reason }) => reason === undefined,
  async run(call) {
    const state = await call.services.find(call.options.ceremony);
    const breach = state.breaches.find((one) => one.open);
    const reason = call.options.reason ?? (breach && breachesInWords([breach]));
    if (reason === undefined)
      return reasonForm(call, state, "contain", `Contain ${state.id}`, "No invariant is breached: say why");
    const outcome = await call.services.contain(actor(call), state.id, call.options.containment, reason);
    if (!outcome.ok || awaitedContainment(outcome.state) === undefined)
      return answer(outcome, call.policy, `You gave the word to contain ${state.id}.`);
    // What was held back lacks one signature: whoever gives the word is asked for it at once, where their wallet can give it.
    return signable(outcome.state, call.person, call.policy).length > 0
      ? walletRequest(call, outcome.state)
      : answer(outcome, call.policy, `You gave the word to contain ${state.id}.`);
  },
};
