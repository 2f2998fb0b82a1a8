/** What is sent to the bot, and what came back. */

import type { Json } from "./model.ts";

/** `slash_commands` and `interactive` wait for their answer; `events_api` is sent again until acknowledged. */
export type DeliveryKind = "slash_commands" | "interactive" | "events_api";

/** A delivery as the person's Slack client experiences it. */
export interface Delivered {
  /** Acknowledged with success within the deadline. */
  acked: boolean;
  /** HTTP status; undefined over Socket Mode, or where no answer came. */
  status: number | undefined;
  /** The acknowledgement's body: an object, a text, or undefined where it was empty. */
  body: Json | string | undefined;
  /** Time to the acknowledgement. */
  milliseconds: number;
  /** What Slack tells the person where it went wrong: "operation_timeout", "dispatch_failed". */
  failure: string | undefined;
  /** What was sent. */
  payload: Json;
}

/** Said with an event that is sent again. */
export interface Retry {
  /** 1 for the first repetition. */
  attempt: number;
  reason: "http_timeout" | "http_error" | "timeout";
}

/** Sends one payload to the bot. */
export type Deliver = (kind: DeliveryKind, payload: Json, retry?: Retry) => Promise<Delivered>;
