/** What could contain a ceremony, or does: who sets it off, until when, and the way back from it with its delay. */

import { notAutomatic } from "../../domain/automatic.ts";
import { type CeremonyState, onChainOf } from "../../domain/ceremony.ts";
import { effectNames, type WayBack } from "../../domain/containment.ts";
import { duration } from "../../domain/duration.ts";
import { endings } from "../../domain/lifecycle.ts";
import type { Policy } from "../../domain/policy.ts";
import type { Containment } from "../../domain/release-package.ts";
import type { Section } from "../../view.ts";
import { utc } from "./sentences.ts";

/** None before a review, when nothing is signed yet, and none after the end. */
export function containmentSection(state: CeremonyState, policy: Policy): Section[] {
  if (state.review === undefined || endings.includes(state.status) || state.closing) return [];
  const { containment } = state;
  const used = state.package.containment.find((one) => one.id === containment?.id);
  if (containment?.confirmed && used !== undefined)
    return [
      { title: `Contained by ${used.id}`, style: "list", lines: [`${used.action}. ${wayBackInWords(used.wayBack)}`] },
    ];
  const open = state.package.containment.filter((one) => onChainOf(state, `containment/${one.id}`) === undefined);
  if (open.length === 0) return [];
  return [{ title: "Prepared containment", style: "list", lines: open.map((one) => line(one, state, policy)) }];
}

function line(one: Containment, state: CeremonyState, policy: Policy): string {
  const { id, action, effect, bound, heldBack } = one;
  const byItself = policy.metrics.filter((each) => each.automatic && each.containment === id);
  const ready = byItself.filter((each) => notAutomatic(state, each) === undefined).map((each) => each.id);
  const waits = byItself.flatMap((each) => {
    const reason = notAutomatic(state, each);
    return reason === undefined ? [] : [`not by itself for ${each.id}, because ${reason}`];
  });
  const parts = [
    `${id}${effect === undefined ? "" : ` ${effectNames[effect]}`}: ${action}`,
    ready.length === 0
      ? "on a guardian's word"
      : `on a guardian's word, and BY ITSELF when ${ready.join(" or ")} fails`,
    ...waits,
    ...(heldBack ? ["one signature stays out until then"] : []),
    bound === undefined ? "bound to no code" : `until ${utc(bound.notAfter)}, and only against the code of today`,
  ];
  return `${parts.join("; ")}. ${wayBackInWords(one.wayBack)}`;
}

function wayBackInWords(way: WayBack | undefined): string {
  if (way === undefined) return "Policy does not say who lifts it.";
  const delay = way.delay === 0n ? "at once" : `${duration(way.delay)} later at the earliest`;
  return `Way back: ${way.call}, by ${way.by}, ${delay}.`;
}
