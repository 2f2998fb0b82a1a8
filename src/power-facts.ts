/** What a chain says of power over contracts: who holds roles there, and whose calls they would let through. */

import type { Address, Hex } from "./domain/primitives.ts";

export interface RoleHolder {
  contract: Address;
  /** AccessControl's 32 bytes; of an AccessManager its number, as 32 bytes. */
  role: Hex;
  account: Address;
}

export interface TriedCall {
  from: Address;
  to: Address;
  data: Hex;
}

/** A part of {@link import("./ports.ts").Chain}. */
export interface PowerReads {
  /**
   * Who holds a role of OpenZeppelin's AccessControl or AccessManager now, or will without anybody's doing (a grant that
   * waits its delay). Events say whom to ask about, the contract says who holds it.
   */
  roleHolders(contracts: readonly Address[]): Promise<RoleHolder[]>;
  /** Whether each call would go through now; nothing of it stays. */
  wouldPass(calls: readonly TriedCall[]): Promise<boolean[]>;
}
