/** Says early that the gas account runs low: schedules and containments are sent from it. */

import type { ChainId } from "../../domain/primitives.ts";
import type { Card } from "../../view.ts";

export function gasCard(sentence: string, chain: ChainId): Card {
  return {
    kind: "card",
    key: `gas/${chain}`,
    revision: 1,
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
