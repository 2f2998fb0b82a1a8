import { actor, answer, type Call, type Command, ceremonyOption, type Outcome } from "../src/command.ts";
import type { CeremonyState } from "../src/domain/ceremony.ts";
import { countedFindings, verdictOf, verdictWords } from "../src/domain/check-words.ts";
import type { View } from "../src/view.ts";

const tones = { refuse: "bad", flag: "warning", pass: "good" } as const;

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
    if (resumes.includes(now.status)) return goesOn(call, outcome, now);
    const findings = now.check?.findings ?? [];
    const verdict = verdictOf(findings);
    const view = answer({ ...outcome, state: now }, call.policy, `${state.id}: ${verdictWords[verdict]}`);
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

const resumes = ["held", "contained"];

/** What was tried since it was stopped, in place of what the package's own check found. */
function goesOn({ policy }: Call, outcome: Extract<Outcome, { ok: true }>, state: CeremonyState): View {
  const [seen] = outcome.events.flatMap((one) => (one.type === "resimulated" ? [one.data] : []));
  const findings = seen?.findings ?? [];
  const verdict = verdictOf(findings);
  const view = answer({ ...outcome, state }, policy, `How ${state.id} goes on: ${verdictWords[verdict]}`);
  return {
    ...view,
    about: state.id,
    tone: tones[verdict],
    facts: [{ label: "Evidence", value: seen?.evidenceHash ?? "", code: true }],
    sections: [{ title: "Found", style: "list", lines: findings.map((one) => one.message) }],
  };
}
