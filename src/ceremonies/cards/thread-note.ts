/** The message in a ceremony's thread for one event, with the head of the audit chain: posted heads anchor the log. */

import type { CeremonyState } from "../../domain/ceremony.ts";
import type { LoggedEvent } from "../../domain/events.ts";
import type { Policy } from "../../domain/policy.ts";
import type { Card } from "../../view.ts";
import { eventSentence } from "./event-sentence.ts";

export function threadNote(state: CeremonyState, one: LoggedEvent, policy: Policy): Card {
  const { tone, text } = eventSentence(state, one, policy);
  return {
    kind: "card",
    key: `${state.id}/${one.seq}`,
    revision: 1,
    audience: { kind: "thread", of: state.id },
    tone,
    status: one.type === "refused" ? "refused" : state.status,
    title: text,
    summary: "",
    facts: [],
    sections: [],
    pictures: [],
    actions: [],
    footer: `log #${one.seq} · head ${one.hash}`,
    mentions: [],
  };
}
