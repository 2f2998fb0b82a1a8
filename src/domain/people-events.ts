/** Past-tense facts about the council's people, beside the policy files: wallets linked and unlinked, people frozen. */

import { z } from "zod";
import { toWellFormedJson } from "./canonical.ts";
import { actorShape } from "./events.ts";
import { account } from "./policy.ts";
import { address, bytes32, chainId, type Hex, slug, uint } from "./primitives.ts";

const by = actorShape;
const reason = z.string().max(2000);

const shapes = {
  /** Asked for in chat by the person themself. Of the token and the nonce only the hashes are kept. Times: wall, seconds. */
  linkRequested: z.strictObject({
    link: slug,
    person: slug,
    account,
    tokenHash: bytes32,
    nonceHash: bytes32,
    domain: z.string().max(300),
    uri: z.string().max(2000),
    chain: chainId,
    issuedAt: uint,
    expiresAt: uint,
    by,
  }),
  /** keccak256 of the text and of the signature; both are kept beside the log, so that anybody can verify them again. */
  linkProved: z.strictObject({
    link: slug,
    wallet: address,
    message: bytes32,
    signature: bytes32,
    expiresAt: uint,
    by,
  }),
  linkConfirmed: z.strictObject({ link: slug, by }),
  linked: z.strictObject({ link: slug, person: slug, account, wallet: address, people: z.array(slug) }),
  linkDenied: z.strictObject({ link: slug, by, reason }),
  linkExpired: z.strictObject({ link: slug }),
  unlinkRequested: z.strictObject({ unlink: slug, person: slug, wallet: address, reason, expiresAt: uint, by }),
  unlinkConfirmed: z.strictObject({ unlink: slug, by }),
  unlinked: z.strictObject({ unlink: slug, person: slug, wallet: address, people: z.array(slug) }),
  unlinkDenied: z.strictObject({ unlink: slug, by, reason }),
  unlinkExpired: z.strictObject({ unlink: slug }),
  frozen: z.strictObject({ freeze: slug, person: slug, by, reason }),
  unfreezeSupported: z.strictObject({ freeze: slug, person: slug, by }),
  unfrozen: z.strictObject({ freeze: slug, person: slug, people: z.array(slug) }),
  refused: z.strictObject({ intent: z.string(), by, code: z.string(), sentence: z.string().max(4000) }),
} as const;

type PeopleEventType = keyof typeof shapes;
type PeopleEventData<T extends PeopleEventType> = z.output<(typeof shapes)[T]>;
export type PeopleEvent = { [T in PeopleEventType]: { type: T; data: PeopleEventData<T> } }[PeopleEventType];
/** With its place in the log. `at`: wall time, seconds. */
export type LoggedPeopleEvent = PeopleEvent & { seq: number; at: bigint; hash: Hex };

export function peopleEvent<T extends PeopleEventType>(type: T, data: PeopleEventData<T>): PeopleEvent {
  return { type, data } as PeopleEvent;
}

/** The JSON form for the store. */
export function storedPeopleEvent(one: PeopleEvent): { type: string; data: Record<string, unknown> } {
  return { type: one.type, data: toWellFormedJson(one.data) as Record<string, unknown> };
}

/** Reads a stored event back. Throws a sentence for a type or shape that this version does not know. */
export function parsePeopleEvent(stored: {
  type: string;
  data: unknown;
  seq: number;
  at: bigint;
  hash: Hex;
}): LoggedPeopleEvent {
  const { type, seq, at, hash } = stored;
  const shape = (shapes as Record<string, z.ZodType>)[type];
  if (shape === undefined)
    throw new Error(`Event ${seq} about people is of the kind "${type}", which this version of Quorate does not know.`);
  const parsed = shape.safeParse(stored.data);
  if (!parsed.success) throw new Error(`Event ${seq} about people (${type}) does not have the shape of one.`);
  return { type, data: parsed.data, seq, at, hash } as LoggedPeopleEvent;
}
