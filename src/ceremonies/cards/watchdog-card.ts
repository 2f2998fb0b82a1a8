/** The watchdog's own message, edited with every heartbeat, and the page where none arrives. */

import { BEAT, LIMIT } from "../../domain/alerts/watchdog.ts";
import type { Card } from "../../view.ts";
import { utc } from "./sentences.ts";

/** A synthetic breach: that the platform takes it is the proof. `at`: wall time in seconds. */
export function heartbeatCard(at: bigint, platform: string): Card {
  return {
    kind: "card",
    key: `watchdog/${platform}`,
    revision: Number(at),
    audience: { kind: "channel" },
    tone: "neutral",
    status: "watchdog",
    title: `Synthetic breach at ${utc(at)}`,
    summary: `Nothing is wrong: every ${BEAT} s this message shows that a breach would be found, and would arrive here.`,
    facts: [],
    sections: [],
    pictures: [],
    actions: [],
    footer: `Where it is older than ${LIMIT} s, no ceremony goes on.`,
    mentions: [],
  };
}

/** `ceremonies`: those that wait for it. */
export function watchdogCard(
  down: { since: bigint } | undefined,
  { onCall, revision }: { onCall: readonly string[]; revision: number },
): Card {
  return {
    kind: "card",
    key: "watchdog/state",
    revision,
    audience: { kind: "channel" },
    tone: down === undefined ? "good" : "bad",
    status: down === undefined ? "watchdog back" : "SEV1 watchdog down",
    title:
      down === undefined
        ? "Heartbeats arrive again"
        : `No heartbeat has arrived since ${utc(down.since)}: a breach may wake nobody`,
    summary:
      down === undefined
        ? "Ceremonies may go on."
        : "No ceremony goes on until one arrives: nothing is scheduled, executed, advanced or resumed. Denying, holding, containing and rolling back work as before.",
    facts: [],
    sections: [],
    pictures: [],
    actions: [{ label: "Health", command: "health", options: {}, style: "plain" }],
    footer: `log of the watch #${revision}`,
    mentions: down === undefined ? [] : [...onCall],
    ...(down === undefined ? {} : { urgent: true as const }),
  };
}
