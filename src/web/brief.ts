/** What a signer's page is given. It believes none of it: everything shown is computed from it and from the chain. */

import { z } from "zod";
import { address, bytes32, slug } from "../domain/primitives.ts";

/** As JSON: amounts are decimal strings. The page also takes it pasted or dropped in, without any server. */
export const signingBrief = z.strictObject({
  schema: z.literal("quorate/signing/1"),
  ceremony: z.string().max(20),
  revision: z.number().int().min(1),
  /** The release package as JSON; its hash is computed, never taken over. */
  package: z.unknown(),
  /** Head of the log at the revision's check: part of every operation's salt. */
  auditHead: bytes32,
  evidenceHash: bytes32,
  authorityPolicyHash: bytes32,
  /** Nonce of each Safe from which the transactions count, as approved; compared with the chain. */
  safes: z.array(z.strictObject({ chain: z.string(), address, version: z.string(), nonce: z.string().regex(/^\d+$/) })),
  /** What the message in chat shows; compared with what the page computes. */
  digest: bytes32,
  /** Transactions asked of this person, by id: `pilot/upgrade`, `containment/pause-vault`. */
  asked: z.array(z.string().max(120)),
  person: z.strictObject({ id: slug, name: z.string().max(60), wallets: z.array(address) }),
});
export type SigningBrief = z.output<typeof signingBrief>;
