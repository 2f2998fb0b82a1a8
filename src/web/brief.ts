/** What a person's page is given, by `schema`. It believes none of it: everything shown is computed from it and from the chain. */

import { z } from "zod";
import { address, bytes32, slug } from "../domain/primitives.ts";
import { safeTx } from "../domain/safe-tx.ts";

/** A Safe that owns another one, on the same chain. */
const nestedSafe = z.strictObject({
  address,
  version: z.string().max(40),
  threshold: z.number().int().min(1),
  owners: z.array(address).max(200),
});

const safes = z.array(
  z.strictObject({
    chain: z.string(),
    address,
    version: z.string(),
    nonce: z.string().regex(/^\d{1,77}$/),
    nested: z.array(nestedSafe).max(20).default([]),
  }),
);

/** As JSON: amounts are decimal strings. The page also takes a brief pasted or dropped in, without any server. */
const common = {
  /** No hash binds it, so no other text may stand there. */
  ceremony: z.string().regex(/^UP-\d{1,9}$/, "a ceremony is called UP and a number, such as UP-1"),
  revision: z.number().int().min(1),
  /** The release package as JSON; its hash is computed, never taken over. */
  package: z.unknown(),
  person: z.strictObject({ id: slug, name: z.string().max(60), wallets: z.array(address) }),
};

const statedFinding = z.strictObject({
  code: z.string().max(120),
  severity: z.enum(["refuse", "flag"]),
  message: z.string().max(2000),
});
const statedOverride = z.strictObject({
  code: z.string().max(120),
  person: z.string().max(60),
  reason: z.string().max(4000),
  /** Wall time, seconds. */
  expiresAt: z.string().regex(/^\d{1,12}$/),
});

/** What an approval digest is made of besides the package. */
const reviewed = {
  /** Head of the log at the revision's check: part of every operation's salt. */
  auditHead: bytes32,
  evidenceHash: bytes32,
  authorityPolicyHash: bytes32,
  /** Nonce of each Safe from which the transactions count, as approved. */
  safes,
  /** Refusals and flags of the check, and who overrode what: stated by the server, and computed by nobody here. */
  stated: z
    .strictObject({
      findings: z.array(statedFinding).max(100),
      overrides: z.array(statedOverride).max(50),
    })
    .default({ findings: [], overrides: [] }),
  /** What the message in chat shows; compared with what the page computes. */
  digest: bytes32,
};

/** A release to be signed; the nonces are compared with the chain. */
export const signingBrief = z.strictObject({
  schema: z.literal("quorate/signing/1"),
  ...common,
  ...reviewed,
  /** Transactions asked of this person, by id: `pilot/upgrade`, `containment/pause-vault`. */
  asked: z.array(z.string().max(120)),
  /** A guardian gave the word: nothing but a containment's last signature is asked for, and the release runs already. */
  word: z.literal(true).optional(),
});
export type SigningBrief = z.output<typeof signingBrief>;

const namedTx = z.strictObject({ id: z.string().max(120), tx: safeTx });

/** What makes an ended ceremony unusable: cancellations of operations, and rejections of nonces. */
export const endingBrief = z.strictObject({
  schema: z.literal("quorate/ending/1"),
  ...common,
  /** "cancelled", "expired" … */
  status: z.string().max(20),
  /** Of the last review; null where a newer revision was never reviewed, and so has no operations. */
  auditHead: bytes32.nullable(),
  /** Every transaction of the ending, as the log has it; the page computes each again. `cancel/pilot/rollback`, `reject/…`. */
  transactions: z.array(namedTx).max(100),
  /** What was signed and never used: anyone who has the signatures can still send it. */
  loose: z.array(namedTx).max(200),
  asked: z.array(z.string().max(120)),
});
export type EndingBrief = z.output<typeof endingBrief>;
/** On its way: amounts as text. */
export type EndingBriefJson = z.input<typeof endingBrief>;

/** What the executor's wallet is to send now. */
export const executionBrief = z.strictObject({
  schema: z.literal("quorate/execution/1"),
  ...common,
  ...reviewed,
  purpose: z.enum(["upgrade", "rollback"]),
  /** Legs whose batch is due, in the order in which they are sent. */
  legs: z.array(slug).max(50),
});
export type ExecutionBrief = z.output<typeof executionBrief>;

export type Brief = SigningBrief | EndingBriefJson | ExecutionBrief;
