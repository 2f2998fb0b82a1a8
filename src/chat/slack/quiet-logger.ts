/** The SDK's own log: silent. What goes wrong reaches the adapter as a rejection or an event, and is told there. */

import { type Logger, LogLevel } from "@slack/bolt";

const nothing = () => undefined;

export const quietLogger: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  setLevel: nothing,
  setName: nothing,
  getLevel: () => LogLevel.ERROR,
};
