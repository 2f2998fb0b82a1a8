import type { Hex } from "./domain/primitives.ts";

/** Content kept beside the log, such as signatures and reports. */
export interface KeptContent {
  /** keccak256 of the bytes: what the log says. */
  hash: Hex;
  bytes: Uint8Array;
  /** Encrypted where it is kept, because whoever has all of its kind could use it; the log still has the hash of the bytes. */
  sealed?: boolean | undefined;
}
