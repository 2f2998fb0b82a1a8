import { type Command, usage } from "../src/command.ts";
import { notice } from "../src/view.ts";
import { commands } from "./index.ts";

export const help: Command = {
  name: "help",
  summary: "What you can do here",
  example: "/upgrade help approve",
  effect: "read",
  roles: [],
  options: [{ name: "command", description: "One command in full", type: "text", required: false, maxLength: 40 }],
  async run({ options, person }) {
    const one = commands.find((command) => command.name === options.command);
    if (options.command !== undefined && one === undefined)
      return notice(
        "bad",
        `There is no command "${options.command}". There are ${commands.map((command) => command.name).join(", ")}.`,
      );
    if (one !== undefined)
      return notice("neutral", `/upgrade ${one.name}: ${one.summary}.`, {
        sections: [
          { title: "Usage", style: "code", lines: [usage(one)] },
          { title: "Example", style: "code", lines: [one.example] },
          {
            title: "Options",
            style: "list",
            lines: one.options.map(
              (option) => `${option.name}${option.required ? "" : " (may be left out)"}: ${option.description}`,
            ),
          },
        ],
      });
    const mine = commands.filter(
      (command) => command.roles.length === 0 || command.roles.some((role) => person.roles.includes(role)),
    );
    const others = commands.filter((command) => !mine.includes(command));
    const line = (command: Command) => `${command.name}: ${command.summary}`;
    return notice("neutral", `${person.name}, this is what you can do. /upgrade help COMMAND tells more.`, {
      sections: [
        { title: "Your commands", style: "list", lines: mine.map(line) },
        ...(others.length > 0 ? [{ title: "For other roles", style: "list" as const, lines: others.map(line) }] : []),
      ],
    });
  },
};
