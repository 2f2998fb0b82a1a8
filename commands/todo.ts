import type { Call, Command } from "../src/command.ts";
import { momentInWords } from "../src/domain/alerts/moment.ts";
import { silencesToConfirm } from "../src/domain/alerts/silencing.ts";
import type { CeremonyState } from "../src/domain/ceremony.ts";
import { namesOf } from "../src/domain/policy.ts";
import { leftToSettle } from "../src/domain/watch/incidents.ts";
import { type NextStep, nextSteps } from "../src/domain/why.ts";
import { type Action, notice } from "../src/view.ts";

export const todo: Command = {
  name: "todo",
  summary: "What waits for you, with a button for each",
  example: "/upgrade todo",
  effect: "read",
  roles: [],
  options: [],
  async run(call) {
    const { services, person } = call;
    const steps = await Promise.all((await services.list()).map((one) => stepsOf(call, one)));
    const open = [...silences(call), ...incidents(call), ...steps.flat()];
    if (open.length === 0) return notice("good", `Nothing waits for you, ${person.name}.`);
    return notice("progress", open.length === 1 ? "One thing waits for you." : `${open.length} things wait for you.`, {
      sections: [{ title: "Waiting for you", style: "list", lines: open.map(({ line }) => line) }],
      actions: open.flatMap(({ actions }) => actions),
    });
  },
};

interface Wanted {
  line: string;
  actions: Action[];
}

async function stepsOf({ services, policy, person }: Call, ceremony: CeremonyState): Promise<Wanted[]> {
  const state = await services.measuredNow(ceremony);
  return nextSteps(state, policy, await services.canaryLacks(state))
    .filter((step) => step.who.includes(person.id))
    .map((step) => {
      const line = `${state.id} · ${state.package.title}: ${step.sentence}`;
      return { line, actions: button(step, state.id, state.revision) };
    });
}

function incidents({ services, policy, person }: Call): Wanted[] {
  return services.incidents
    .incidents()
    .filter((one) => leftToSettle(one, policy).includes(person.id))
    .map(({ incident, targets, sentences, supported }) => {
      const said = supported.length === 0 ? "Two people settle it" : "One more person settles it";
      return {
        line: `${incident} on ${targets.join(", ")}: ${sentences[0]} ${said}.`,
        actions: [{ label: `Settle ${incident}…`, command: "settle", options: { incident }, style: "plain" }],
      };
    });
}

/** Said first: one that nobody agrees to within a quarter of an hour has lapsed. */
function silences({ services, policy, person }: Call): Wanted[] {
  return silencesToConfirm(services.alerts.setting())
    .filter(({ able }) => able.includes(person.id))
    .map(({ silence: { id, by, reason, until }, name }) => {
      const end = momentInWords(until, "UTC");
      const agree = { label: `Agree to ${id}`, command: "silence", options: { confirm: id } };
      return {
        line: `${namesOf(policy, [by])} wants ${name} silent until ${end}, and it takes a second person: ${reason}`,
        actions: [{ ...agree, style: "danger", confirm: `Call nobody for ${name} until ${end}?` }],
      };
    });
}

function button({ command }: NextStep, id: string, revision: number): Action[] {
  if (command === undefined) return [];
  const label = `${command.charAt(0).toUpperCase()}${command.slice(1)} ${id}`;
  const options = { ceremony: id };
  // What can be taken back only by others is looked at first.
  if (command === "propose") return [{ label: `Revise ${id}`, command, options: { revises: id }, style: "plain" }];
  if (command === "canary") return [{ label: `Canary of ${id}`, command, options, style: "plain" }];
  if (command === "contain")
    return [{ label, command, options, revision, style: "danger", confirm: `Contain ${id} now?` }];
  if (command === "execute")
    return [{ label, command, options, revision, style: "primary", confirm: `Execute ${id} with your wallet?` }];
  if (command === "schedule")
    return [{ label, command, options, revision, style: "primary", confirm: `Send ${id} to the timelock?` }];
  return [{ label, command, options, revision, style: "primary" }];
}
