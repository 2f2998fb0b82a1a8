/** The ways in which people reach the bot, and what its own process and the platform's say to each other. */

import { type PersonName, personNames } from "../../src/embedded/people.ts";

export const ways = ["slackSocket", "slackHttp", "discord"] as const;
export type Way = (typeof ways)[number];
export type Platform = "slack" | "discord";

export const platformOf = (way: Way): Platform => (way === "discord" ? "discord" : "slack");

/** Everybody has an account on both platforms. */
export const userOn: Record<Platform, (person: PersonName) => string> = {
  slack: (person) => `U0${person.toUpperCase()}`,
  discord: (person) => `9000000000000000${10 + personNames.indexOf(person)}`,
};

/** What the bot is installed with, and where. */
export interface Installed {
  /** Environment variables of the bot. */
  environment: Record<string, string>;
  /** Slack's team or Discord's guild. */
  home: string;
  /** Channel ids: of cards, and of what wakes people. */
  upgrades: string;
  breaches: string;
}

/** Commands and clicks as they left the platform, and their acknowledgements as they arrived there. */
export interface Load {
  sent: number;
  /** From the first to the last one leaving. */
  seconds: number;
  /** Milliseconds of each that was acknowledged, in no order. */
  acknowledged: number[];
  /** Not acknowledged within the platform's three seconds, or not with success. */
  unacknowledged: number;
  kinds: Record<string, number>;
  /** How late the generator's own event loop was, in milliseconds: what it adds to the figures. */
  loop: LoopDelay;
  /** Payloads that the platform would have refused. */
  violations: string[];
}

export interface LoopDelay {
  p99: number;
  max: number;
}

/** What the platform's process is asked to do, and what it answers. */
export interface Asked {
  install: { with: { platform: Platform }; gives: Installed };
  deliverTo: { with: { url: string }; gives: null };
  /** Resolves once the card that everybody presses buttons on is there. */
  card: { with: Record<string, never>; gives: null };
  /** Milliseconds of the slowest acknowledgement in one round of everything, right after the start. */
  warmUp: { with: Record<string, never>; gives: number };
  load: { with: { rate: number; count: number }; gives: Load };
  /** The channel of cards answers 429 with Retry-After so many seconds, whatever is sent. */
  limit: { with: { retryAfter: number }; gives: null };
  /** How many requests have met the limit. */
  limited: { with: Record<string, never>; gives: number };
  /** When the nth message (from 1) reached the channel for breaches, in milliseconds since 1970. */
  arrival: { with: { nth: number }; gives: number };
  /** When people were first called about something, in milliseconds of the clock that all processes of a machine share. */
  paged: { with: { about: string }; gives: number };
}
