/** A ceremony's card while the watchdog is down: what goes on waits, and the card says for what. */

import type { CeremonyState } from "../../domain/ceremony.ts";
import { endings } from "../../domain/lifecycle.ts";
import type { Card } from "../../view.ts";

/** `unwatched`: the sentence why nothing goes on; undefined where a heartbeat arrives, or none is waited for. */
export function whileUnwatched(card: Card, state: CeremonyState, unwatched: string | undefined): Card {
  if (unwatched === undefined || endings.includes(state.status)) return card;
  const tone = card.tone === "bad" ? "bad" : "warning";
  return {
    ...card,
    tone,
    sections: [{ title: "Waits for the watchdog", style: "plain", lines: [unwatched] }, ...card.sections],
  };
}
