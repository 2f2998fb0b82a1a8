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
    const isDown = (kind: string) => found.some((one) => one.kind === kind && one.health.state === "down");
    const down = chat.filter((one) => one.health.state !== "up");
    const text =
      down.length > 0
        ? `Not connected: ${down.map((one) => one.name).join(", ")}. The others go on, and what is missed there is posted later.`
        : isDown("watchdog")
          ? "The watchdog is down: no ceremony goes on until a heartbeat arrives."
          : isDown("chain")
            ? "A node does not push its blocks: they are measured all the same, once they are seen."
            : chat.length === 0
              ? "Neither Slack nor Discord is configured here."
              : "Every chat platform is connected.";
    const isWell = down.length === 0 && !isDown("watchdog");
    const tone = !isWell ? "bad" : isDown("chain") ? "warning" : chat.length === 0 ? "neutral" : "good";
    return notice(tone, text, {
      facts: found.map(({ name, kind, health: { state, reason } }) => ({
        label: name,
        // Blocks that are asked for come too: the sentence says how.
        value: state === "up" ? "up" : kind === "chain" ? reason : `${state}. ${reason}`,
      })),
    });
  },
};
