import type { Command } from "../src/command.ts";
import { type NextStep, nextSteps } from "../src/domain/why.ts";
import { type Action, notice } from "../src/view.ts";

export const todo: Command = {
  name: "todo",
  summary: "What waits for you, with a button for each",
  example: "/upgrade todo",
  effect: "read",
  roles: [],
  options: [],
  async run({ services, policy, person }) {
    const states = await Promise.all((await services.list()).map((one) => services.measuredNow(one)));
    const open = states.flatMap((state) =>
      nextSteps(state, policy)
        .filter((step) => step.who.includes(person.id))
        .map((step) => ({ step, state })),
    );
    if (open.length === 0) return notice("good", `Nothing waits for you, ${person.name}.`);
    return notice("progress", open.length === 1 ? "One thing waits for you." : `${open.length} things wait for you.`, {
      sections: [
        {
          title: "Waiting for you",
          style: "list",
          lines: open.map(({ step, state }) => `${state.id} · ${state.package.title}: ${step.sentence}`),
        },
      ],
      actions: open.flatMap(({ step, state }) => button(step, state.id, state.revision)),
    });
  },
};

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
