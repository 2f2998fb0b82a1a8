/** Pagers besides chat, as the program needs them: told of an alert, of who took it, and of its end. */

import type { Severity } from "./domain/alerts/alert.ts";

/** What a pager is told; everything a person reads there. */
export interface PagerMessage {
  action: "trigger" | "acknowledge" | "resolve";
  /** The same for everything about one incident: at most 255 characters. */
  dedupKey: string;
  /** `alert-3`. */
  alert: string;
  severity: Severity;
  /** What a locked phone shows: what, how bad, where. */
  summary: string;
  /** The chain and the contract or target it is about. */
  source: string;
  component: string;
  /** Wall time in seconds. */
  at: bigint;
  details: Record<string, string>;
  test: boolean;
}

export interface Pager {
  readonly name: string;
  /**
   * Rejects with a {@link PagerFault} where it was not taken; the outbox tries again. `delivery` is the same at each
   * attempt, so that the other side can tell one from another.
   */
  send(message: PagerMessage, delivery: string): Promise<Record<string, unknown>>;
}

/** Why a pager did not take a message. `message` is a sentence for people and carries no key. */
export class PagerFault extends Error {
  override readonly name = "PagerFault";
  /** It will not take this message, now or later; anything else is tried again. */
  readonly isFinal: boolean;
  /** Seconds after which it wants to be asked again. */
  readonly retryAfter: bigint | undefined;
  constructor(message: string, options: { isFinal?: boolean; retryAfter?: bigint | undefined; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.isFinal = options.isFinal ?? false;
    this.retryAfter = options.retryAfter;
  }
}
