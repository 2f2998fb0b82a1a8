import { type Command, ceremonyOption } from "../src/command.ts";
import { packageDifference } from "../src/domain/package-difference.ts";
import { notice } from "../src/view.ts";

export const diff: Command = {
  name: "diff",
  summary: "What the present revision changes against the one before",
  example: "/upgrade diff UP-1",
  effect: "read",
  roles: [],
  options: [ceremonyOption],
  async run({ options, services }) {
    const state = await services.find(options.ceremony);
    const before = state.superseded.at(-1);
    if (before === undefined)
      return notice("neutral", `${state.id} is at its first revision: there is nothing to compare it with.`);
    const lines = packageDifference(before.package, state.package);
    return notice(
      "neutral",
      `${state.id}: revision ${state.revision} against ${before.revision}, ${lines.length} differences.`,
      {
        facts: [
          { label: `Revision ${before.revision}`, value: before.packageHash, code: true },
          { label: `Revision ${state.revision}`, value: state.packageHash, code: true },
        ],
        sections: [{ title: "Differences", style: "code", lines }],
      },
    );
  },
};
