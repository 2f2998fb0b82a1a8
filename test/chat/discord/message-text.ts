/** What a person reads in a message, as Markdown. */

import type { Message } from "../../support/discord/world.ts";
import { markdownOf } from "./discord-text.ts";

export function readOf(message: Message | undefined): string {
  return message === undefined ? "" : markdownOf(message).join("\n");
}
