import { actor, answer, type Call, type Command, ceremonyOption, reasonForm } from "../src/command.ts";
import type { CeremonyState } from "../src/domain/ceremony.ts";
import { phaseAt } from "../src/domain/release.ts";
import { isMeasured } from "../src/domain/watch/measured.ts";
import { notice, type View } from "../src/view.ts";

export const canary: Command = {
  name: "canary",
  summary: "The canary: start (or resume) it, advance past it, or hold the ceremony; without an action, show it",
  example: "/upgrade canary advance UP-1",
  effect: "mutate",
  roles: ["approver"],
  options: [
    {
      name: "action",
      description: "start, advance, hold or show; show when it is left out",
      type: "choice",
      required: false,
      choices: [
        { value: "start", label: "Start or resume" },
        { value: "advance", label: "Advance" },
        { value: "hold", label: "Hold" },
        { value: "show", label: "Show" },
      ],
    },
    ceremonyOption,
    {
      name: "reason",
      description: "Why it is held, or what the cause was and why it may go on",
      type: "paragraph",
      required: false,
      maxLength: 2000,
    },
    {
      name: "phase",
      description: "The phase that you looked at; buttons send it along",
      type: "text",
      required: false,
      maxLength: 40,
    },
  ],
  asks: ({ action, reason }) => (action === "hold" || action === "start") && reason === undefined,
  async run(call) {
    const state = await call.services.find(call.options.ceremony);
    switch (call.options.action) {
      case "advance": {
        const { id } = phaseAt(state);
        const { phase = id } = call.options;
        if (phase !== id)
          return notice(
            "bad",
            `${state.id} is past the phase ${phase}: this button was for it. The phase now is ${id}.`,
          );
        const outcome = await call.services.advance(actor(call), state.id);
        return answer(outcome, call.policy, `${state.id} advanced.`);
      }
      case "hold":
        return hold(call, state);
      case "start":
        return start(call, state);
      default:
        return shown(call, state);
    }
  },
};

async function hold(call: Call, state: CeremonyState): Promise<View> {
  const { reason } = call.options;
  if (reason === undefined)
    return reasonForm(call, state, "canary", `Hold ${state.id}`, "Everyone sees this; somebody else has to lift it");
  const outcome = await call.services.vote({ kind: "hold", by: actor(call), reason }, state.id);
  return answer(outcome, call.policy, `${state.id} is on hold.`);
}

/** Measuring starts by itself at execution; what a person can start again is what was held or contained. */
async function start(call: Call, state: CeremonyState): Promise<View> {
  if (state.status === "canary") return shown(call, state);
  const { reason } = call.options;
  if (reason === undefined)
    return reasonForm(call, state, "canary", `Resume ${state.id}`, "What was the cause, and why may it go on?");
  const outcome = await call.services.resume(actor(call), state.id, reason);
  return answer(
    outcome,
    call.policy,
    outcome.ok && outcome.state.status === state.status
      ? `Your wish to resume ${state.id} is recorded; one person alone cannot.`
      : `${state.id} resumes.`,
  );
}

async function shown({ services }: Call, state: CeremonyState): Promise<View> {
  const view = await services.canary(state);
  if (view === undefined)
    return notice(
      "neutral",
      `Nothing of ${state.id} is executed yet, so there is no canary. Measuring starts by itself at execution.`,
    );
  const { report, facts, sections, pictures } = view;
  return notice(report.fails > 0 ? "bad" : "progress", `Canary ${report.phase} of ${state.id}${whileIn(state)}.`, {
    ...{ facts, sections, pictures },
  });
}

/** What is over is not measured any more. */
function whileIn(state: CeremonyState): string {
  if (state.status === "held" || state.status === "contained")
    return ` is measured on every block, and ${state.id} is ${state.status}`;
  return isMeasured(state) ? " is measured on every block" : `, as it was measured to the end: it is ${state.status}`;
}
