/** The port of private links: what is kept of a link that was handed out. The folder store implements it. */

import type { Hex } from "./domain/primitives.ts";

/** What a link lets its person do: sign what is asked of them, or send what is theirs to execute. */
export type LinkPurpose = "sign" | "execute";

/** A private link to the signing page, bound to one person, one revision and its digest, and one purpose. */
export interface PrivateLink {
  /** keccak256 of the token's 32 bytes: the token itself is kept nowhere. */
  hash: Hex;
  purpose: LinkPurpose;
  person: string;
  account: string;
  ceremony: string;
  revision: number;
  /** The approval digest that stood when it was made; empty where there was none. */
  digest: Hex | "";
  /** Wall time in seconds until which it takes signatures, or lets a wallet be asked to send. */
  until: bigint;
  /** Everything that was asked for by it is done. */
  used: boolean;
}

export interface Links {
  keepLink(link: Omit<PrivateLink, "used">): Promise<void>;
  link(hash: Hex): Promise<PrivateLink | undefined>;
  useLink(hash: Hex, now: bigint): Promise<void>;
}
