/** Says early that the gas account runs low: schedules and containments are sent from it. */

import type { ChainId } from "../../domain/primitives.ts";
import type { Card } from "../../view.ts";

/** `at`: wall time in seconds; a later low is a newer card. */
export function gasCard(sentence: string, chain: ChainId, at: bigint): Card {
  return {
    kind: "card",
    key: `gas/${chain}`,
    revision: Number(at),
    audience: { kind: "channel" },
    tone: "warning",
    status: "gas low",
    title: `The gas account on ${chain} runs low`,
    summary: sentence,
    facts: [],
    sections: [],
    pictures: [],
    actions: [],
    footer: "Anyone may top it up; it holds no authority.",
    mentions: [],
  };
}
