import { type Command, ceremonyOption, typed } from "../src/command.ts";
import type { LoggedEvent } from "../src/domain/events.ts";
import { endings, standing } from "../src/domain/lifecycle.ts";
import { namesOf, type Policy } from "../src/domain/policy.ts";
import { openSiblings, siblingSentence } from "../src/domain/siblings.ts";
import { missingInWords } from "../src/domain/signing.ts";
import { stillExecutable } from "../src/domain/still-executable.ts";
import { barringIncident } from "../src/domain/watch/incidents.ts";
import { nextSteps } from "../src/domain/why.ts";
import { notice } from "../src/view.ts";

export const why: Command = {
  name: "why",
  summary: "What blocks a ceremony, and who can unblock it",
  example: "/upgrade why UP-1",
  effect: "read",
  roles: [],
  options: [ceremonyOption],
  async run({ options, services, policy }) {
    const state = await services.measuredNow(await services.find(options.ceremony));
    const steps = nextSteps(state, policy, await services.canaryLacks(state));
    const refused = refusedLately(await services.history(state.id), policy);
    const missing = missingInWords(state, policy);
    const left = stillExecutable(state);
    const incidents = services.incidents
      .incidents()
      .filter((one) => barringIncident([one], state.package) !== undefined)
      .map((one) => `${one.incident}: ${one.sentences[0]} Two people settle it. /upgrade settle ${one.incident}`);
    const siblings = openSiblings(state).map(siblingSentence);
    return notice("neutral", `${state.id} is ${standing(state)}.`, {
      sections: [
        {
          title: endings.includes(state.status) ? "What is left" : "It waits for",
          style: "list",
          lines: steps.map((step) => `${step.sentence} ${typed(step, state)}`.trim()),
        },
        ...(incidents.length > 0 && !endings.includes(state.status)
          ? [{ title: "Incidents that it waits for", style: "list" as const, lines: incidents }]
          : []),
        ...(siblings.length > 0
          ? [{ title: "Other transactions at our nonces", style: "list" as const, lines: siblings }]
          : []),
        ...(left.length > 0 ? [{ title: "Still executable by anyone", style: "list" as const, lines: left }] : []),
        ...(missing.length > 0 ? [{ title: "Signatures", style: "list" as const, lines: missing }] : []),
        ...(refused.length > 0 ? [{ title: "Refused lately", style: "list" as const, lines: refused }] : []),
      ],
    });
  },
};

/** The last three, each said once however often it was tried. */
function refusedLately(history: readonly LoggedEvent[], policy: Policy): string[] {
  const told = history.flatMap((one) =>
    one.type === "refused" ? [`${namesOf(policy, [one.data.by.person])}: ${one.data.sentence}`] : [],
  );
  return told.filter((line, nth) => told.lastIndexOf(line) === nth).slice(-3);
}
