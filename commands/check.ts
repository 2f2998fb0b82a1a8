import { actor, answer, type Command, ceremonyOption } from "../src/command.ts";
import { countedFindings, verdictOf, verdictWords } from "../src/domain/check-words.ts";

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
    const verdict = verdictOf(findings);
    const view = answer({ ...outcome, state: now }, call.policy, `${state.id}: ${verdictWords[verdict]}`);
    const tones = { refuse: "bad", flag: "warning", pass: "good" } as const;
    return {
      ...view,
      about: state.id,
      tone: tones[verdict],
      facts: [{ label: "Found", value: countedFindings(findings) }],
      sections: call.services.findings(now, ["refuse", "flag", "info"]),
      pictures: await call.services.authority(now),
    };
  },
};
