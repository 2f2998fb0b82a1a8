/** Wakes those on call when the log of a ceremony does not verify: somebody was at the database. */

import type { Card } from "../../view.ts";

/** `at`: wall time in seconds; what was said before an earlier start is said again. */
export function brokenLogCard(id: string, sentence: string, onCall: readonly string[], at: bigint): Card {
  return {
    kind: "card",
    key: `${id}/log`,
    revision: Number(at),
    audience: { kind: "channel" },
    tone: "bad",
    status: "SEV1 log broken",
    title: `The log of ${id} cannot be trusted`,
    summary: sentence,
    facts: [],
    sections: [],
    pictures: [],
    actions: [],
    footer: "Nothing of this ceremony runs through the bot until it is mended; other ceremonies go on.",
    mentions: [...onCall],
    urgent: true,
  };
}
