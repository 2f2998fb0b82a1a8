import type { Command } from "../src/command.ts";
import { notice } from "../src/view.ts";

export const whoami: Command = {
  name: "whoami",
  summary: "Which person you are here, and what you may do",
  example: "/upgrade whoami",
  effect: "read",
  roles: [],
  options: [],
  async run({ person, account }) {
    return notice("neutral", `You are ${person.name}.`, {
      facts: [
        { label: "Account", value: account, code: true },
        { label: "Roles", value: person.roles.join(", ") || "none: you can look, not act" },
        ...person.wallets.map((wallet, index) => ({
          label: index === 0 ? "Wallet" : `Wallet ${index + 1}`,
          value: wallet,
          code: true,
        })),
      ],
    });
  },
};
