/** When what was begun has reached the network. */

import { setImmediate as turn } from "node:timers/promises";

/**
 * Resolves once requests that were begun now have been handed to the system: what else there is to do does not keep an alarm
 * back. Over a connection that was idle, fetch sends a turn of the event loop later, because it first looks whether the
 * other side has closed it.
 */
export async function handedOver(): Promise<void> {
  await turn();
  await turn();
}
