/** What a chain says of code: whose code is what now, what ran before, and whether destroyed code can come back. */

import type { Address, Hex } from "./domain/primitives.ts";

/** One implementation that a proxy or beacon was set to, as its own events tell it. */
export interface PastImplementation {
  /** The proxy, or the beacon. */
  setBy: Address;
  implementation: Address;
  block: bigint;
}

/** Reads about code, many accounts in one request each. A part of {@link import("./ports.ts").Chain}. */
export interface CodeReads {
  /** Code now, by account in the order given; `0x` where there is none. */
  codes(accounts: readonly Address[]): Promise<Hex[]>;
  /** Storage words now, in the order given. */
  words(places: readonly { account: Address; slot: Hex }[]): Promise<Hex[]>;
  /** ERC-1967 `Upgraded` events of proxies and beacons over their whole life, oldest first. */
  implementationsOf(accounts: readonly Address[]): Promise<PastImplementation[]>;
  /**
   * Whether the chain has the Cancun rules, by which SELFDESTRUCT leaves code in place (EIP-6780): it is asked to run an
   * opcode that came with them.
   */
  keepsDestroyedCode(): Promise<boolean>;
}
