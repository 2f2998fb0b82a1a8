import type { Command } from "../src/command.ts";
import { notice } from "../src/view.ts";

export const health: Command = {
  name: "health",
  summary: "What is connected, and why something is not",
  example: "/upgrade health",
  effect: "read",
  roles: [],
  options: [],
  async run({ services }) {
    const found = services.health();
    const chat = found.filter((one) => one.kind === "chat");
    if (found.length === 0) return notice("neutral", "Neither Slack nor Discord is configured here.");
    const down = chat.filter((one) => one.health.state !== "up");
    const text =
      down.length > 0
        ? `Not connected: ${down.map((one) => one.name).join(", ")}. The others go on, and what is missed there is posted later.`
        : chat.length === 0
          ? "Neither Slack nor Discord is configured here."
          : "Every chat platform is connected.";
    return notice(down.length === 0 ? "good" : "bad", text, {
      facts: found.map(({ name, health: { state, reason } }) => ({
        label: name,
        value: state === "up" ? "up" : `${state}. ${reason}`,
      })),
    });
  },
};
