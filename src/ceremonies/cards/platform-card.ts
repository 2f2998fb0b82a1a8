/** Says on the other platforms that one is out of reach: half of a council may be reading nothing. */

import type { ChatHealth } from "../../ports.ts";
import type { Card } from "../../view.ts";
import { utc } from "./sentences.ts";

/** `at`: wall time in seconds. */
export function platformCard(name: string, { state, since, reason }: ChatHealth, at: bigint): Card {
  const up = state === "up";
  const platform = name.charAt(0).toUpperCase() + name.slice(1);
  return {
    kind: "card",
    key: `platform/${name}`,
    revision: Number(at),
    audience: { kind: "channel" },
    tone: up ? "good" : "warning",
    status: up ? `${name} is back` : `${name} down`,
    title: up ? `${platform} is connected again` : `${platform} is not connected`,
    summary: up
      ? `Since ${utc(since)}. What was missed there is posted now.`
      : `Since ${utc(since)}: ${reason} Whoever is only there sees nothing; call them another way.`,
    facts: [],
    sections: [],
    pictures: [],
    actions: [{ label: "Health", command: "health", options: {}, style: "plain" }],
    footer: "The ceremonies and the watch go on.",
    mentions: [],
  };
}
