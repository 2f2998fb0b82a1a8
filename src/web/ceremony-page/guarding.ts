/** Breaches, holds, containment and rollback: only where there was one. */

import { namesOf } from "../../domain/policy.ts";
import type { PageFacts } from "./facts.ts";
import { type Html, html, pill, said, section, table } from "./markup.ts";

export function guardingSection(it: PageFacts): Html | undefined {
  const { state, policy } = it;
  const { breaches, containment, heldBy, rollbackBy, resumeVotes } = state;
  const held = state.status === "held" ? heldBy : undefined;
  if (breaches.length + resumeVotes.length === 0 && containment === undefined && !held && rollbackBy === undefined)
    return undefined;
  const name = (id: string) => said(namesOf(policy, [id]));
  const rows = breaches.map((one) => [
    html`SEV${one.severity} ${said(one.metric)}`,
    one.open ? pill("bad", "Open") : pill("neutral", "Within its bounds again"),
    said(one.sentence),
    html`${one.block.number} on ${one.block.chain}`,
  ]);
  return section("guarding", "Breaches and containment", [
    breaches.length === 0 ? html`` : table("Breaches", ["What", "State", "Measured", "Block"], rows),
    held === undefined
      ? html``
      : html`<p>${pill("warning", "On hold")} by ${name(held.person)}: ${said(held.reason)}</p>`,
    containment === undefined
      ? html``
      : html`<p>${containment.confirmed ? pill("good", "Contained, read back from the chain") : pill("warning", "Containment on its way, not read back yet")} ${said(containment.id)}, by ${name(containment.by)}: ${said(containment.reason)}</p>`,
    rollbackBy === undefined
      ? html``
      : html`<p>${pill("warning", state.status === "rolled back" ? "Rolled back" : "Rolling back")} ${said(rollbackBy.legs.join(", "))}, by ${name(rollbackBy.person)}: ${said(rollbackBy.reason)}</p>`,
    ...resumeVotes.map((one) => html`<p>${name(one.person)} wants to resume: ${said(one.cause)}</p>`),
  ]);
}
