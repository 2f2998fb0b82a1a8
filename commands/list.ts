import { type Command, typed } from "../src/command.ts";
import { nextSteps } from "../src/domain/why.ts";
import { notice } from "../src/view.ts";

export const list: Command = {
  name: "list",
  summary: "All ceremonies, and what waits for you",
  example: "/upgrade list",
  effect: "read",
  roles: [],
  options: [],
  async run({ services, policy, person }) {
    const all = await services.list();
    if (all.length === 0) return notice("neutral", "There is no ceremony yet. Start one with /upgrade propose.");
    const lines = all.map((state) => `${state.id} · ${state.status} · ${state.package.title}`);
    const yours = all.flatMap((state) =>
      nextSteps(state, policy)
        .filter((step) => step.who.includes(person.id))
        .map((step) => `${state.id}: ${step.sentence} ${typed(step, state)}`.trim()),
    );
    return notice("neutral", `${all.length} ceremon${all.length === 1 ? "y" : "ies"}.`, {
      sections: [
        { title: "Ceremonies", style: "list", lines },
        { title: "Waiting for you", style: "list", lines: yours.length > 0 ? yours : ["Nothing."] },
      ],
    });
  },
};
