/** Says that a chain's blocks are not pushed any more: what is measured comes later, or not at all. */

import type { ChatHealth } from "../../ports.ts";
import type { Card } from "../../view.ts";
import { utc } from "./sentences.ts";

/** `name` as in "blocks of Ethereum"; `at`: wall time in seconds. */
export function blocksCard(name: string, { state, since, reason }: ChatHealth, at: bigint): Card {
  const up = state === "up";
  const what = name.charAt(0).toUpperCase() + name.slice(1);
  return {
    kind: "card",
    key: `chain/${name}`,
    revision: Number(at),
    audience: { kind: "channel" },
    tone: up ? "good" : "warning",
    status: up ? "pushed again" : "not pushed",
    title: up ? `${what} are pushed again` : `${what} are not pushed by the node`,
    summary: up ? `Since ${utc(since)}.` : `Since ${utc(since)}: ${reason}`,
    facts: [],
    sections: [],
    pictures: [],
    actions: [{ label: "Health", command: "health", options: {}, style: "plain" }],
    footer: "Every block is measured all the same, once it is seen.",
    mentions: [],
  };
}
