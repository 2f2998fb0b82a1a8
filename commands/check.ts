import { actor, answer, type Command, ceremonyOption } from "../src/command.ts";

export const check: Command = {
  name: "check",
  summary: "Run the gates over the package: preflight, authority, simulation, rollback and containment rehearsed",
  example: "/upgrade check UP-1",
  effect: "mutate",
  roles: [],
  options: [ceremonyOption],
  async run(call) {
    const state = await call.services.find(call.options.ceremony);
    const outcome = await call.services.check(actor(call), state.id, call.progress);
    if (!outcome.ok) return answer(outcome, call.policy, "");
    const now = await call.services.find(state.id);
    const findings = now.check?.findings ?? [];
    const passed = now.check?.passed === true;
    const lines = findings.map((one) => `${one.severity.toUpperCase()} · ${one.gate} · ${one.message}`);
    const view = answer(
      { ...outcome, state: now },
      call.policy,
      passed ? `The check of ${state.id} passed.` : `The check refuses ${state.id}.`,
    );
    return { ...view, tone: passed ? "good" : "bad", sections: [{ title: "Findings", style: "list", lines }] };
  },
};
