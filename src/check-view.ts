/** A check and its overrides as people read them, in chat and on the ceremony's page alike. */

import type { CeremonyState } from "./domain/ceremony.ts";
import { findingLine } from "./domain/check-words.ts";
import type { Finding } from "./domain/events.ts";
import { type Override, overrideOf } from "./domain/overrides.ts";
import { namesOf, type Policy } from "./domain/policy.ts";
import type { Section } from "./view.ts";

/** "overridden by Gus until 2026-11-23 20:48 UTC: the slots were never used". */
export function overrideInWords({ person, reason, expiresAt }: Override, policy: Policy): string {
  const until = new Date(Number(expiresAt) * 1000).toISOString().slice(0, 16).replace("T", " ");
  return `overridden by ${namesOf(policy, [person])} until ${until} UTC: ${reason}`;
}

/** The check of a ceremony for chat, refusals first; who took which upon themself stands before it. */
export function checkInWords(
  state: CeremonyState,
  policy: Policy,
  severities: readonly Finding["severity"][],
): Section[] {
  const titles = { refuse: "Refused", flag: "To be weighed", info: "For information" } as const;
  return severities.flatMap((severity) => {
    const found = state.check?.findings.filter((one) => one.severity === severity) ?? [];
    const lines = found.map((one) => {
      const taken = overrideOf(state, one);
      return taken === undefined
        ? findingLine(one)
        : `${capital(overrideInWords(taken, policy))} — ${findingLine(one)}`;
    });
    return lines.length === 0
      ? []
      : [{ title: `${titles[severity]} (${lines.length})`, style: "list" as const, lines }];
  });
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
