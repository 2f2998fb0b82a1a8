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
    const watchdog = found.filter((one) => one.kind === "watchdog");
    if (found.length === 0) return notice("neutral", "Neither Slack nor Discord is configured here.");
    const down = chat.filter((one) => one.health.state !== "up");
    const text =
      down.length > 0
        ? `Not connected: ${down.map((one) => one.name).join(", ")}. The others go on, and what is missed there is posted later.`
        : watchdog.some((one) => one.health.state === "down")
          ? "The watchdog is down: no ceremony goes on until a heartbeat arrives."
          : chat.length === 0
            ? "Neither Slack nor Discord is configured here."
            : "Every chat platform is connected.";
    const isWell = down.length === 0 && !watchdog.some((one) => one.health.state === "down");
    return notice(isWell ? "good" : "bad", text, {
      facts: found.map(({ name, health: { state, reason } }) => ({
        label: name,
        value: state === "up" ? "up" : `${state}. ${reason}`,
      })),
    });
  },
};
