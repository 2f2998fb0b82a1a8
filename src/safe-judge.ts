/** What the program asks Safes and timelocks themselves: their word decides what would go through, not a copy of their rules. */

import type { NestedSafe } from "./domain/events.ts";
import type { Address, Hex } from "./domain/primitives.ts";
import type { SafeTx } from "./domain/safe-tx.ts";
import type { TryOuts } from "./tryout.ts";
import type { WarmSigning } from "./warm-signing.ts";

/** A smart account's bytes over what a Safe in the tree is to approve; see domain/nested-safes.ts. */
export interface ContractSignature {
  /** The Safe whose owner the smart account is. */
  safe: Address;
  safeVersion: string;
  /** The transaction that it is all for. */
  tx: SafeTx;
  /** What the Safe checks, and what it hands on to owners that are contracts. */
  hash: Hex;
  data: Hex;
  owner: Address;
  signature: Hex;
}

/** A part of the {@link import("./ports.ts").Chain}; fails as that does. */
export interface SafeJudge extends TryOuts, WarmSigning {
  /** Those of the accounts that are Safes able to check a message, and the Safes that own them, three levels deep. */
  nestedSafes(owners: readonly Address[]): Promise<NestedSafe[]>;
  /** Safe's own `checkSignatures` for packed signatures; false where the Safe reverts. */
  checkSignatures(tx: SafeTx, signatures: Hex): Promise<boolean>;
  /** Safe's own `checkNSignatures` for one owner that is a contract (EIP-1271); false where the Safe reverts. */
  checkContractSignature(signature: ContractSignature): Promise<boolean>;
}
