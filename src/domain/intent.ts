/** What someone wants of a ceremony, with the facts that were read for it. Facts are read at the edge and judged here. */

import type { WatchdogNow } from "./alerts/watchdog.ts";
import type { CanaryReport } from "./canary.ts";
import type { BlockRef } from "./ceremony.ts";
import type { Actor, BoundSafe, Finding } from "./events.ts";
import type { ExitObservation } from "./exits/exit-log.ts";
import type { Address, ChainId, Hex } from "./primitives.ts";
import type { ReleasePackage } from "./release-package.ts";
import type { Sibling } from "./siblings.ts";
import type { DoubtObservation } from "./watch/doubts.ts";
import type { OpenIncident } from "./watch/incidents.ts";
import type { StageReading } from "./watch/stage.ts";

/** What the chain says about a leg right before its upgrade or rollback is let through. */
export interface LegFacts {
  leg: string;
  operation: { id: Hex; state: "Unset" | "Waiting" | "Ready" | "Done"; readyAt: bigint };
  /** Per contract the package changes: the implementation now. */
  implementations: { contract: Address; implementation: Address }[];
  /** Code hash now of every account that a precondition pins, and of the Preconditions contract. */
  codeHashes: { account: Address; codeHash: Hex }[];
}

/** A Safe as the chain has it now. */
export type SafeNow = BoundSafe;

/** A signature as the edge recognised it, or as a Safe itself accepted it. */
export interface SignatureGiven {
  safeTxHash: Hex;
  /** keccak256 of the bytes. */
  signature: Hex;
  recovered: Address;
  /** Child Safes down to the one whose owner signed; a direct owner where left out. */
  via?: readonly Address[];
  /** Judged by the owner's own contract (EIP-1271). */
  contract?: boolean;
}

export type Intent =
  | { kind: "propose"; by: Actor; package: ReleasePackage }
  | { kind: "revise"; by: Actor; package: ReleasePackage }
  | { kind: "recordCheck"; by: Actor; revision: number; findings: Finding[]; evidenceHash: Hex; block: BlockRef }
  | { kind: "recordResimulation"; by: Actor; findings: Finding[]; evidenceHash: Hex; block: BlockRef }
  | {
      kind: "override";
      by: Actor;
      /** Of a finding, such as `layout/moved`. */
      code: string;
      reason: string;
      /** Seconds. */
      lasts: bigint;
      /** Of the check that the person was shown; the one that stands now where left out. */
      evidenceHash?: Hex | undefined;
    }
  | { kind: "openReview"; by: Actor; safes: SafeNow[]; rivals: string[] }
  | { kind: "approve"; by: Actor; digest?: Hex | undefined }
  | { kind: "deny"; by: Actor; reason: string }
  | { kind: "withdraw"; by: Actor }
  | ({ kind: "sign"; by: Actor; tx: string; safe: SafeNow } & SignatureGiven)
  | { kind: "schedule"; by: Actor; safes: SafeNow[]; legs: LegFacts[] }
  | { kind: "execute"; by: Actor; legs: LegFacts[]; sender?: Sender | undefined }
  | {
      kind: "send";
      by: Actor;
      sent: ExecutorTransaction;
      legs: LegFacts[];
      executors: Address[];
      /** The gas key's account, where it was the gas key that signed. */
      gasAccount?: Address;
    }
  /** `gate`: what has to hold before. */
  | { kind: "advance"; by: Actor; report: CanaryReport; gate: readonly StageReading[] }
  | { kind: "hold"; by: Actor; reason: string }
  | { kind: "resume"; by: Actor; cause: string; stillContained: boolean; report: CanaryReport | undefined }
  | { kind: "contain"; by: Actor; containment: string; reason: string; safe: SafeNow }
  | {
      kind: "rollback";
      by: Actor;
      reason: string;
      /** What has to hold before. */
      gate: readonly StageReading[];
      legs: LegFacts[];
      /** Safes out of which presigned rollbacks are still to be sent. */
      safes: SafeNow[];
      sender?: Sender | undefined;
    }
  | { kind: "cancel"; by: Actor; reason: string }
  | { kind: "windDown"; by: Actor; safes: SafeNow[] }
  | { kind: "observe"; by: Actor; seen: Observation };

/** Who sends the batch: the person's own wallet where nothing is said. */
export type Sender = "wallet" | "gas-key";

/** A transaction signed by the executor's wallet, decoded; `raw` is kept before it is broadcast. */
export interface ExecutorTransaction {
  leg: string;
  purpose: "upgrade" | "rollback";
  hash: Hex;
  /** keccak256 of the raw bytes. */
  raw: Hex;
  from: Address;
  chain: ChainId;
  to: Address;
  value: bigint;
  data: Hex;
}

/** What the watch read from a chain; nobody asked for it, and nobody can forge it in chat. */
export type Observation =
  | { what: "mined"; tx: string; hash: Hex; block: BlockRef; readyAt?: bigint }
  | { what: "operations"; readyAt: { tx: string; readyAt: bigint }[] }
  | { what: "ready"; phase: number; block: BlockRef }
  | { what: "executed"; leg: string; purpose: "upgrade" | "rollback"; hash: Hex; block: BlockRef; from: Address }
  | { what: "reverted"; leg: string; purpose: "upgrade" | "rollback"; hash: Hex; reason: string }
  | { what: "notSent"; leg: string; purpose: "upgrade" | "rollback"; reason: string; replacedBy?: Hex }
  | { what: "rollbackReady"; block: BlockRef }
  | { what: "contained"; containment: string; block: BlockRef }
  | { what: "containmentFailed"; containment: string; reason: string }
  | { what: "operationCancelled"; tx: string; block: BlockRef }
  | { what: "operationRemoved"; tx: string; block: BlockRef }
  | { what: "nonceUsed"; tx: string; block: BlockRef }
  | { what: "superseded"; safeTxHash: Hex; block: BlockRef }
  | ({ what: "sibling" } & Sibling)
  | { what: "nonceTaken"; safe: Address; nonce: bigint; expected: bigint }
  | {
      what: "breach";
      metric: string;
      block: BlockRef;
      value: string;
      sentence: string;
      /** Enough sources agree that it fails (domain/watch/agreement.ts). Left out, nothing is contained without a person. */
      mayContain?: boolean | undefined;
      /** How many of the sources that were asked said so. */
      sources?: { agree: number; of: number } | undefined;
    }
  | { what: "cleared"; metric: string; block: BlockRef }
  | DoubtObservation
  | { what: "budget"; phase: number; left: number; reason: string; block: BlockRef }
  | ExitObservation
  | { what: "policyChanged" }
  | { what: "time"; block: BlockRef };

export type IntentKind = Intent["kind"];

/** Wall time, and the head of every chain the ceremony has a leg on. */
export interface Now {
  /** Seconds. */
  wall: bigint;
  chains: readonly BlockRef[];
  /** Left out where nobody asks for it, as in tests of the rest. */
  watchdog?: WatchdogNow | undefined;
  /** Those that are open, on whichever target. Left out where nobody watches. */
  incidents?: readonly OpenIncident[] | undefined;
}

/** Block time of a chain. Throws where its head was not read: a window is never judged without one. */
export function chainTime(now: Now, chain: ChainId): bigint {
  const head = now.chains.find((one) => one.chain === chain);
  if (head === undefined) throw new RangeError(`The head of ${chain} was not read.`);
  return head.timestamp;
}
