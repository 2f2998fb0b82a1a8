/** The past-tense facts of a ceremony, as they stand in the log. A log is read through these schemas, never around them. */

import { z } from "zod";
import { toWellFormedJson } from "./canonical.ts";
import { address, bytes32, chainId, type Hex, slug, uint } from "./primitives.ts";
import { releasePackage } from "./release-package.ts";
import { safeTx } from "./safe-tx.ts";
import { doubtShapes } from "./watch/doubts.ts";

/** Who did it, and the platform's raw ids of the delivery that asked for it. The program itself is the person `quorate`. */
export const actorShape = z.strictObject({
  person: slug,
  account: z.string(),
  delivery: z.string().max(300).optional(),
});
const by = actorShape;
export type Actor = z.output<typeof actorShape>;
export const system: Actor = { person: "quorate", account: "quorate" };

const revision = z.number().int().min(1);
const sentence = z.string().max(4000);
const txId = z.string().max(120);
const block = z.strictObject({ chain: chainId, number: uint, hash: bytes32, timestamp: uint });

const finding = z.strictObject({
  code: z.string(),
  severity: z.enum(["refuse", "flag", "info"]),
  gate: z.string(),
  message: z.string(),
  /** What was seen: values, hashes, the call's place. Empty in logs from before there was any. */
  evidence: z.string().default(""),
  /** How to mend it; empty where nothing is to be mended. */
  fix: z.string().default(""),
});
export type Finding = z.output<typeof finding>;

/** A Safe that is, directly or through another one, an owner of a Safe; on the same chain as that. */
const nestedSafe = z.strictObject({
  address,
  version: z.string(),
  threshold: z.number().int().min(1),
  owners: z.array(address),
});
export type NestedSafe = z.output<typeof nestedSafe>;

const safe = z.strictObject({
  address,
  chain: chainId,
  version: z.string(),
  nonce: uint,
  threshold: z.number().int().min(1),
  owners: z.array(address),
  /** Logs from before nesting was read have none. */
  nested: z.array(nestedSafe).default([]),
});
export type BoundSafe = z.output<typeof safe>;

const boundTx = z.strictObject({ id: txId, safeTxHash: bytes32 });

const shapes = {
  drafted: z.strictObject({ package: releasePackage, packageHash: bytes32, by }),
  revised: z.strictObject({ revision, package: releasePackage, packageHash: bytes32, by }),
  checked: z.strictObject({ revision, findings: z.array(finding), evidenceHash: bytes32, block, by }),
  checkFailed: z.strictObject({ revision, findings: z.array(finding), evidenceHash: bytes32, by }),
  /** Somebody takes a refusal of this check upon themself, until a moment of wall time, seconds. */
  overridden: z.strictObject({ code: z.string(), by, reason: sentence, expiresAt: uint, revision }),
  /** With this override nothing is left of what the check refused: the review may open. */
  refusalsOverridden: z.strictObject({ revision, codes: z.array(z.string()).min(1) }),
  reviewOpened: z.strictObject({
    revision,
    digest: bytes32,
    auditHead: bytes32,
    policyHash: bytes32,
    quorum: z.number().int(),
    safes: z.array(safe),
    transactions: z.array(boundTx),
    expiresAt: uint,
  }),
  approved: z.strictObject({ digest: bytes32, by }),
  denied: z.strictObject({ digest: bytes32, by, reason: sentence }),
  withdrawn: z.strictObject({ by, what: z.enum(["approval", "denial"]) }),
  quorumReached: z.strictObject({ people: z.array(slug) }),
  quorumLost: z.strictObject({ people: z.array(slug) }),
  /** `policyHash`: under which authority policy it was voided, where the policy is the reason. */
  digestVoided: z.strictObject({ reason: sentence, policyHash: bytes32.optional() }),
  /** `signature` is the keccak256 of the bytes; they are kept beside the log, because a full set is a bearer token. */
  signed: z.strictObject({
    tx: txId,
    safeTxHash: bytes32,
    owner: address,
    signature: bytes32,
    /** Child Safes from the transaction's Safe's owner down to the one whose owner signed; absent for a direct owner. */
    via: z.array(address).max(3).optional(),
    /** The owner is a contract that judges the bytes itself (EIP-1271); absent for a key's own signature. */
    contract: z.literal(true).optional(),
    by,
  }),
  scheduleRequested: z.strictObject({ by }),
  /** `readyAt`: when a presigned rollback may run, which is scheduled after all others. */
  transactionMined: z.strictObject({ tx: txId, hash: bytes32, block, readyAt: uint.optional() }),
  scheduled: z.strictObject({ readyAt: z.array(z.strictObject({ tx: txId, readyAt: uint })) }),
  readied: z.strictObject({ phase: z.number().int() }),
  executionStarted: z.strictObject({ phase: z.number().int(), by }),
  /** A person has asked the gas key to run these legs, on a chain where policy lets it. */
  executionRequested: z.strictObject({ purpose: z.enum(["upgrade", "rollback"]), legs: z.array(slug).min(1), by }),
  executorSent: z.strictObject({
    leg: slug,
    purpose: z.enum(["upgrade", "rollback"]),
    hash: bytes32,
    raw: bytes32,
    from: address,
    /** Absent where it was the executor's own wallet that signed. */
    sender: z.literal("gas-key").optional(),
    by,
  }),
  /**
   * `sent` is false where the gas key's checks failed; `hash` is zero where nothing was signed. `replacedBy`: what was sent
   * before they failed never runs, because this transaction, which does nothing, was mined at its nonce.
   */
  executionFailed: z.strictObject({
    leg: slug,
    purpose: z.enum(["upgrade", "rollback"]),
    hash: bytes32,
    reason: sentence,
    sent: z.literal(false).optional(),
    replacedBy: bytes32.optional(),
  }),
  legExecuted: z.strictObject({ leg: slug, purpose: z.enum(["upgrade", "rollback"]), hash: bytes32, block, by }),
  executed: z.strictObject({ phase: z.number().int(), block }),
  held: z.strictObject({ by, reason: sentence, incident: z.string().max(40).optional() }),
  released: z.strictObject({ by }),
  breached: z.strictObject({
    metric: slug,
    severity: z.number().int(),
    containment: slug,
    block,
    value: z.string(),
    sentence,
    /** How many of the sources that were asked said so; older logs do not tell. */
    sources: z.strictObject({ agree: z.number().int(), of: z.number().int() }).optional(),
  }),
  breachCleared: z.strictObject({ metric: slug, block }),
  /** The watch itself is not sure: nothing could be measured for too long, or one source of several says that it fails. */
  ...doubtShapes,
  /** The phase's budget has fallen to `left` points of 100; recorded every ten points, and at zero. */
  budgetSpent: z.strictObject({
    phase: z.number().int(),
    left: z.number().int().min(0).max(100),
    reason: sentence,
    block,
  }),
  /** A fresh quorum lets the phase go on with all of its points. */
  budgetExtended: z.strictObject({ phase: z.number().int(), people: z.array(slug), cause: sentence, block }),
  /** From this block on a prepared way out would not have worked: its transaction's id, and why. */
  exitLost: z.strictObject({ exit: txId, reasons: z.array(slug).max(20), sentence, block }),
  exitMended: z.strictObject({ exit: txId, block }),
  advanced: z.strictObject({ phase: z.number().int(), samples: z.number().int(), by }),
  /** The last phase's canary is through; what is left in timelock and Safe is now to be cancelled. */
  canaryPassed: z.strictObject({ phase: z.number().int(), samples: z.number().int(), by }),
  containmentRequested: z.strictObject({ containment: slug, by, reason: sentence }),
  contained: z.strictObject({ containment: slug, block }),
  /** The chain refused it: what was signed is dead, or was bound to code that is another by now. */
  containmentFailed: z.strictObject({ containment: slug, reason: sentence }),
  /** What would happen from a containment on was tried anew on a copy of the chain. */
  resimulated: z.strictObject({ findings: z.array(finding), evidenceHash: bytes32, block, by }),
  rollbackStarted: z.strictObject({ legs: z.array(slug), by, reason: sentence }),
  /** Presigned rollbacks that were asked for have waited their delay. */
  rollbackReadied: z.strictObject({ legs: z.array(slug), block }),
  rolledBack: z.strictObject({ block }),
  resumeSupported: z.strictObject({ by, cause: sentence }),
  resumed: z.strictObject({ people: z.array(slug), cause: sentence }),
  windDownOpened: z.strictObject({
    safes: z.array(safe),
    transactions: z.array(
      boundTx.extend({
        purpose: z.enum(["cancel", "reject"]),
        subject: z.string().max(120),
        tx: safeTx,
        operationId: bytes32.optional(),
      }),
    ),
  }),
  operationCancelled: z.strictObject({ tx: txId, block }),
  /** A canceller took an operation out of the timelock, and no wind-down had asked for it. */
  operationRemoved: z.strictObject({ tx: txId, block }),
  nonceUsed: z.strictObject({ tx: txId, block }),
  /** Something signed in an earlier revision or digest was sent: it stands in the timelock (trust rule 5). */
  supersededSeen: z.strictObject({ tx: txId, safeTxHash: bytes32, operationId: bytes32, timelock: address, block }),
  /** Another Safe transaction at a nonce that the ceremony holds, found in Safe's Transaction Service. */
  siblingSeen: z.strictObject({
    chain: chainId,
    safe: address,
    nonce: uint,
    safeTxHash: bytes32,
    tx: txId,
    differs: z.array(z.string().max(400)).max(10),
    signatures: z.number().int().min(0),
  }),
  expired: z.strictObject({ reason: sentence }),
  cancelled: z.strictObject({ by, reason: sentence }),
  closed: z.strictObject({ block }),
  refused: z.strictObject({ intent: z.string(), by, code: z.string(), sentence }),
} as const;

export type EventType = keyof typeof shapes;
export type EventData<T extends EventType> = z.output<(typeof shapes)[T]>;
export type CeremonyEvent = { [T in EventType]: { type: T; data: EventData<T> } }[EventType];
/** An event with its place in the log. `at`: wall time, seconds. */
export type LoggedEvent = CeremonyEvent & { seq: number; at: bigint; hash: Hex };

export const eventTypes = Object.keys(shapes) as EventType[];

export function event<T extends EventType>(type: T, data: EventData<T>): CeremonyEvent {
  return { type, data } as CeremonyEvent;
}

/** The JSON form for the store. */
export function storedData(one: CeremonyEvent): Record<string, unknown> {
  return toWellFormedJson(one.data) as Record<string, unknown>;
}

/** Reads a stored event back. Throws a sentence for a type or shape that this version does not know. */
export function parseEvent(stored: { type: string; data: unknown; seq: number; at: bigint; hash: Hex }): LoggedEvent {
  const shape = (shapes as Record<string, z.ZodType>)[stored.type];
  if (shape === undefined)
    throw new Error(
      `Event ${stored.seq} is of the kind "${stored.type}", which this version of Quorate does not know.`,
    );
  const parsed = shape.safeParse(stored.data);
  if (!parsed.success)
    throw new Error(`Event ${stored.seq} (${stored.type}) is not as it was written: ${z.prettifyError(parsed.error)}`);
  const { type, seq, at, hash } = stored;
  return { type, seq, at, hash, data: parsed.data } as LoggedEvent;
}
