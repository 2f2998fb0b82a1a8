/** What approvals are votes on: one hash over everything that must not change between the vote and the deed. */

import { canonicalHash } from "./canonical.ts";
import type { Hex } from "./primitives.ts";

export interface DigestParts {
  packageHash: Hex;
  revision: number;
  /** Hash of the check's findings and simulation report. */
  evidenceHash: Hex;
  authorityPolicyHash: Hex;
  /** Each Safe's first nonce and every safeTxHash, in the order of the transactions. */
  nonces: readonly bigint[];
  safeTxHashes: readonly Hex[];
}

/** keccak256 of the RFC 8785 JSON of the parts, under a name of its own. */
export function approvalDigest(parts: DigestParts): Hex {
  const { packageHash, revision, evidenceHash, authorityPolicyHash, nonces, safeTxHashes } = parts;
  return canonicalHash({
    schema: "quorate/approval/1",
    packageHash,
    revision,
    evidenceHash,
    authorityPolicyHash,
    nonces,
    safeTxHashes,
  });
}
