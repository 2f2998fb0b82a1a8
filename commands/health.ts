import type { Command } from "../src/command.ts";
import { notice } from "../src/view.ts";

export const health: Command = {
  name: "health",
  summary: "Which chat platforms are connected, and why one is not",
  example: "/upgrade health",
  effect: "read",
  roles: [],
  options: [],
  async run({ services }) {
    const found = services.health();
    if (found.length === 0) return notice("neutral", "Neither Slack nor Discord is configured here.");
    const down = found.filter((one) => one.health.state !== "up");
    const text =
      down.length === 0
        ? "Every chat platform is connected."
        : `Not connected: ${down.map((one) => one.name).join(", ")}. The others go on, and what is missed there is posted later.`;
    return notice(down.length === 0 ? "good" : "bad", text, {
      facts: found.map(({ name, health: { state, reason } }) => ({
        label: name,
        value: state === "up" ? "up" : `${state}. ${reason}`,
      })),
    });
  },
};
