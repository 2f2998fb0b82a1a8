/** One card an incident, and a note in its thread for each thing that happens to it. Who is called is the alerts' business. */

import { grouped } from "../../domain/amount.ts";
import { namesOf, type Policy } from "../../domain/policy.ts";
import { type Incident, type IncidentEvent, type IncidentState, settlersOf } from "../../domain/watch/incidents.ts";
import type { Card, Tone } from "../../view.ts";

/** The cards that change with these events, as they are in the state after them, and what happened, note by note. */
export function incidentCards(after: IncidentState, events: readonly IncidentEvent[], policy: Policy): Card[] {
  const first = after.seq - events.length + 1;
  const touched = new Set(events.flatMap((one) => aboutOf(one) ?? []));
  return [
    ...after.incidents.filter((one) => touched.has(one.incident)).map((one) => incidentCard(one, policy, after.seq)),
    ...events.flatMap((one, index) => note(one, first + index, policy)),
  ];
}

/** A refusal about one that is not there has none. */
const aboutOf = ({ data }: IncidentEvent) => data.incident;

const keyOf = (incident: string) => `incidents/${incident}`;

/** Whom the incident keeps from going on, and how it ends. */
export function incidentCard(one: Incident, policy: Policy, seq: number): Card {
  const { incident, block, targets, sentences, sender, transaction, supported, settled } = one;
  const [what = "", ...more] = sentences;
  const chain = policy.chains.find((item) => item.id === block.chain)?.name ?? block.chain;
  const said = supported.map(({ person }) => person);
  const left = settlersOf(one, policy).filter((person) => !said.includes(person));
  return {
    kind: "card",
    key: keyOf(incident),
    revision: seq,
    audience: { kind: "channel" },
    tone: settled ? "good" : supported.length > 0 ? "warning" : "bad",
    status: settled ? "incident settled" : "incident",
    title: `${incident} · ${titlesOf(targets, policy)} · ${what.replace(/\.$/, "")}`,
    summary: settled
      ? `${sender} ${bothOf(said, policy)} say that it is settled. What it held stays held until people let it go on.`
      : `${sender} Until two people have settled it, only rolling back, containing and a package whose rationale names ${incident} go on there. ${supported.length === 0 ? "Two" : "One more"} of ${namesOf(policy, left)} can.`,
    facts: [
      { label: "Seen at", value: `block ${grouped(block.number)} of ${chain}` },
      ...(transaction === undefined ? [] : [{ label: "Transaction", value: transaction, code: true }]),
    ],
    sections: [
      ...(more.length === 0 ? [] : [{ title: "It also changed", style: "list" as const, lines: more }]),
      ...(supported.length === 0
        ? []
        : [
            {
              title: "What it was",
              style: "list" as const,
              lines: supported.map((item) => `${namesOf(policy, [item.person])}: ${item.note}`),
            },
          ]),
    ],
    pictures: [],
    actions: settled ? [] : [{ label: "Settle…", command: "settle", options: { incident }, style: "primary" }],
    footer: `log of incidents #${seq}`,
    mentions: [],
  };
}

/** Below the incident's card. */
function note(one: IncidentEvent, seq: number, policy: Policy): Card[] {
  const of = aboutOf(one);
  if (of === undefined) return [];
  const { tone, text } = sentenceOf(one, policy);
  return [
    {
      ...{ kind: "card", key: `${keyOf(of)}/${seq}`, revision: 1, audience: { kind: "thread", of: keyOf(of) }, tone },
      ...{ status: one.type === "refused" ? "refused" : of, title: text, summary: "", facts: [], sections: [] },
      ...{ pictures: [], actions: [], footer: `log of incidents #${seq}`, mentions: [] },
    },
  ];
}

function sentenceOf(one: IncidentEvent, policy: Policy): { tone: Tone; text: string } {
  const name = (id: string) => namesOf(policy, [id]);
  switch (one.type) {
    case "seen":
      return { tone: "bad", text: `Seen in block ${grouped(one.data.block.number)}: ${one.data.sentences.join(" ")}` };
    case "settleSupported":
      return { tone: "warning", text: `${name(one.data.by.person)} says that it is settled: ${one.data.note}` };
    case "settled":
      return { tone: "good", text: `Settled by ${bothOf(one.data.people, policy)}.` };
    case "refused":
      return { tone: "neutral", text: `Refused to ${name(one.data.by.person)}: ${one.data.sentence}` };
  }
}

function titlesOf(targets: readonly string[], policy: Policy): string {
  return targets.map((id) => policy.targets.find((one) => one.id === id)?.title ?? id).join(", ");
}

function bothOf(people: readonly string[], policy: Policy): string {
  return people.map((id) => namesOf(policy, [id])).join(" and ");
}
