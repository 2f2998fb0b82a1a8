/** What has to be shown because of events about incidents: written in their transaction. */

import { incidentCards } from "./ceremonies/cards/incident-card.ts";
import { showings } from "./ceremonies/consequences.ts";
import type { Policy } from "./domain/policy.ts";
import type { IncidentEvent, IncidentState } from "./domain/watch/incidents.ts";
import type { OutboxEntry } from "./ports.ts";

/** `platforms` by name. */
export function incidentEntries(
  after: IncidentState,
  events: readonly IncidentEvent[],
  policy: Policy,
  platforms: readonly string[],
): OutboxEntry[] {
  return incidentCards(after, events, policy).flatMap((card) =>
    showings(card, `${card.key}:${card.revision}`, `incident:${events[0]?.data.incident}`, platforms),
  );
}
