/**
 * Incidents: power over a target moved outside of any package, or an execution did something else than was approved. Until two
 * people have settled it, nothing goes on at that target but taking back, containing, and a package that names the incident.
 */

import { z } from "zod";
import { toWellFormedJson } from "../canonical.ts";
import { type Actor, actorShape, system } from "../events.ts";
import { namesOf, type Policy, personById, personOfWallet, type Role, withRole } from "../policy.ts";
import { address, bytes32, chainId, slug, uint } from "../primitives.ts";
import { type Refusal, refusal } from "../refusal.ts";
import type { ReleasePackage } from "../release-package.ts";

const id = z.string().regex(/^INC-[0-9a-f]{8}$/);
const block = z.strictObject({ chain: chainId, number: uint, hash: bytes32, timestamp: uint });
const note = z.string().max(2000);

/** How much of what was seen is kept: whoever caused it decides how much there is. */
const most = { sentences: 50, letters: 4000, sender: 500 } as const;

const shapes = {
  /** `sentences`: what it changed; `sender`: who sent it, as a sentence. */
  seen: z.strictObject({
    incident: id,
    block,
    targets: z.array(slug),
    sentences: z.array(z.string().max(most.letters)).min(1).max(most.sentences),
    sender: z.string().max(most.sender),
    transaction: bytes32.optional(),
    /** Who sent the transaction. */
    from: address.optional(),
  }),
  settleSupported: z.strictObject({ incident: id, by: actorShape, note }),
  settled: z.strictObject({ incident: id, people: z.array(slug) }),
  /** `incident`: where there is the one that was meant. */
  refused: z.strictObject({
    ...{ intent: z.string(), by: actorShape, code: z.string(), sentence: z.string().max(4000) },
    incident: id.optional(),
  }),
} as const;

type IncidentEventType = keyof typeof shapes;
export type IncidentData<T extends IncidentEventType> = z.output<(typeof shapes)[T]>;
export type IncidentEvent = { [T in IncidentEventType]: { type: T; data: IncidentData<T> } }[IncidentEventType];

export function incidentEvent<T extends IncidentEventType>(type: T, data: IncidentData<T>): IncidentEvent {
  return { type, data } as IncidentEvent;
}

/** The JSON form for the store. Throws a sentence for what could not be read back. */
export function storedIncidentEvent(one: IncidentEvent): { type: string; data: Record<string, unknown> } {
  const data = toWellFormedJson(one.data) as Record<string, unknown>;
  const [issue] = shapes[one.type].safeParse(data).error?.issues ?? [];
  if (issue !== undefined)
    throw new Error(`The event ${one.type} cannot be written: ${issue.path.join(".")}: ${issue.message}.`);
  return { type: one.type, data };
}

/** What the log takes of it; how much more there was is said. */
function kept(found: IncidentData<"seen">): IncidentData<"seen"> {
  const cut = (text: string, length: number) => (text.length <= length ? text : `${text.slice(0, length - 1)}…`);
  const sentences = found.sentences.map((one) => cut(one, most.letters));
  const more = sentences.length - most.sentences + 1;
  const shown =
    more > 1 ? [...sentences.slice(0, most.sentences - 1), `It did ${more} more things of the kind.`] : sentences;
  return { ...found, sentences: shown, sender: cut(found.sender, most.sender) };
}

/** Throws a sentence for a type or shape that this version does not know. */
export function parseIncidentEvent({ type, data, seq }: { type: string; data: unknown; seq: number }): IncidentEvent {
  const shape = (shapes as Record<string, z.ZodType>)[type];
  const parsed = shape?.safeParse(data);
  if (!parsed?.success) throw new Error(`Event ${seq} about incidents (${type}) is not one that this version knows.`);
  return { type, data: parsed.data } as IncidentEvent;
}

export interface Incident extends IncidentData<"seen"> {
  /** Wall time, seconds. */
  seenAt: bigint;
  /** People who say that it is settled, and what they say. */
  supported: { person: string; note: string }[];
  settled: boolean;
}

export interface IncidentState {
  seq: number;
  incidents: readonly Incident[];
}
export const noIncidents: IncidentState = { seq: 0, incidents: [] };

export function evolveIncidents(state: IncidentState, one: IncidentEvent & { seq: number; at: bigint }): IncidentState {
  const { seq } = one;
  const change = (incident: string, by: (before: Incident) => Incident): IncidentState => ({
    seq,
    incidents: state.incidents.map((before) => (before.incident === incident ? by(before) : before)),
  });
  switch (one.type) {
    case "seen":
      return { seq, incidents: [...state.incidents, { ...one.data, seenAt: one.at, supported: [], settled: false }] };
    case "settleSupported": {
      const said = { person: one.data.by.person, note: one.data.note };
      return change(one.data.incident, (before) => ({ ...before, supported: [...before.supported, said] }));
    }
    case "settled":
      return change(one.data.incident, (before) => ({ ...before, settled: true }));
    case "refused":
      return { ...state, seq };
  }
}

export type IncidentIntent =
  | { kind: "see"; found: IncidentData<"seen"> }
  | { kind: "settle"; by: Actor; incident: string; note: string };
export type IncidentDecision = { ok: true; events: IncidentEvent[] } | { ok: false; refusal: Refusal };

/** People it takes to settle an incident. */
const SETTLERS = 2;
const settlers: readonly Role[] = ["approver", "guardian"];

export function decideIncident(state: IncidentState, intent: IncidentIntent, policy: Policy): IncidentDecision {
  if (intent.kind === "see") {
    const isKnown = state.incidents.some((one) => one.incident === intent.found.incident);
    return { ok: true, events: isKnown ? [] : [incidentEvent("seen", kept(intent.found))] };
  }
  const { by, incident, note: text } = intent;
  const known = state.incidents.find((one) => one.incident === incident);
  if (known === undefined || known.settled)
    return no("incident/unknown", `There is no open incident ${incident}. ${openInWords(openIncidents(state))}`);
  const person = personById(policy, by.person);
  const able = settlersOf(known, policy);
  const others = leftToSettle(known, policy).filter((one) => one !== by.person);
  if (person === undefined || person.frozen || !person.roles.some((one) => settlers.includes(one)))
    return no(
      "role",
      `You cannot settle ${incident}: that takes an approver or a guardian. Ask ${namesOf(policy, able)}.`,
      able,
    );
  if (!able.includes(by.person))
    return no(
      "incident/cause",
      `You sent what ${incident} is about, so others settle it. Ask ${namesOf(policy, able)}.`,
      able,
    );
  if (text.trim().length < 10)
    return no("incident/note", `Say what ${incident} was and what was done about it, in ten letters at least.`);
  if (known.supported.some((said) => said.person === by.person))
    return no(
      "incident/alone",
      `You said already that ${incident} is settled; it takes ${SETTLERS} people. Ask ${namesOf(policy, others)}.`,
      others,
    );
  const said = known.supported.map((one) => one.person).filter((one) => able.includes(one));
  const people = [...new Set([...said, by.person])];
  const support = incidentEvent("settleSupported", { incident, by, note: text });
  return {
    ok: true,
    events: people.length < SETTLERS ? [support] : [support, incidentEvent("settled", { incident, people })],
  };
}

/** Who may say that it is settled: not whoever sent what it is about. */
export function settlersOf({ from }: Pick<Incident, "from">, policy: Policy): string[] {
  const cause = from && personOfWallet(policy, from)?.id;
  return [...new Set(settlers.flatMap((one) => withRole(policy, one)))].filter((one) => one !== cause);
}

/** Whose word that it is settled would count, and who has not given it. */
export function leftToSettle(incident: Incident, policy: Policy): string[] {
  return settlersOf(incident, policy).filter((one) => !incident.supported.some((said) => said.person === one));
}

const no = (code: string, sentence: string, who: string[] = []): IncidentDecision => ({
  ok: false,
  refusal: refusal(code, sentence, who),
});

function openInWords(open: readonly Incident[]): string {
  return open.length === 0 ? "None is open." : `Open are ${open.map((one) => one.incident).join(", ")}.`;
}

export const openIncidents = (state: IncidentState): Incident[] => state.incidents.filter((one) => !one.settled);

/** What decisions about ceremonies need to know of one. */
export type OpenIncident = Pick<Incident, "incident" | "targets" | "sentences">;

const UNREADABLE = "INC-unreadable";

/** Where the log of incidents cannot be trusted: one may stand in it, of any target. */
export function unreadableIncidents(policy: Policy): OpenIncident {
  const sentence = "The log of incidents is not to be trusted: run quorate audit verify.";
  return { incident: UNREADABLE, targets: policy.targets.map((one) => one.id), sentences: [sentence] };
}

/** The open incident that a package has to wait for. One that it names, in its title or rationale, is its reason to be. */
export function barringIncident<T extends OpenIncident>(
  open: readonly T[] | undefined,
  pkg: ReleasePackage,
): T | undefined {
  const text = `${pkg.title} ${pkg.rationale}`.replaceAll(UNREADABLE, "");
  return open?.find((one) => one.targets.includes(pkg.target) && !text.includes(one.incident));
}

/** Why nothing goes on at a package's target; undefined where it may. */
export function incidentRefusal(open: readonly OpenIncident[] | undefined, pkg: ReleasePackage): Refusal | undefined {
  const found = barringIncident(open, pkg);
  if (found === undefined) return undefined;
  const { incident, sentences } = found;
  return refusal(
    "incident/open",
    `${incident} is open on ${pkg.target}: ${sentences[0]} Until two people have settled it, only rolling back, containing and a package whose rationale names ${incident} go on there.${incident === UNREADABLE ? "" : ` Settle it: /upgrade settle ${incident}`}`,
  );
}

/** Why the program holds a ceremony, for the log; `incident` only where people can settle it. */
export function heldFor({ incident, sentences }: OpenIncident): { by: Actor; reason: string; incident?: string } {
  const reason = `${incident}: ${sentences.join(" ")}`.slice(0, 4000).replace(/\.$/, "");
  return { by: system, reason, ...(incident === UNREADABLE ? {} : { incident }) };
}
