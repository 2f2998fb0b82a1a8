/** Says in chat that what should ring elsewhere does not: whoever relies on it has to know. */

import type { Card } from "../../view.ts";

/** `at`: wall time in seconds; a later one is a newer card. */
export function pagerCard(pager: string, sentence: string, at: bigint): Card {
  return {
    kind: "card",
    key: `pager/${pager}`,
    revision: Number(at),
    audience: { kind: "channel" },
    tone: "warning",
    status: "pager refuses",
    title: `${pager} does not take what it is told`,
    summary: `${sentence} It will not ring for this alert: call those on call another way, and have the operator look at its key.`,
    facts: [],
    sections: [],
    pictures: [],
    actions: [{ label: "Who is on call?", command: "oncall", options: {}, style: "plain" }],
    footer: "Chat is told of every alert all the same.",
    mentions: [],
  };
}
