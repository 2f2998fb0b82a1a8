/** What travels between the console and its page, as JSON. */

import type { Card, Form, View } from "../../view.ts";

/** The JSON form of a type: a bigint is a decimal string. */
export type Wire<T> = T extends bigint
  ? string
  : T extends string | number | boolean | null | undefined
    ? T
    : { [Key in keyof T]: Wire<T[Key]> };

/** A value with every bigint as a decimal string, ready for JSON. */
export function toWire<T>(value: T): Wire<T> {
  return JSON.parse(JSON.stringify(value, (_, each) => (typeof each === "bigint" ? each.toString() : each)));
}

export interface ShownPerson {
  id: string;
  name: string;
  account: string;
  title: string;
}

/** A card as the channel shows it. Times are milliseconds since 1970 in the channel's time. */
export interface CardEntry {
  card: Wire<Card>;
  postedAt: number;
  changedAt: number;
  /** Counts the edits that changed something. */
  edits: number;
  /** Path of the ceremony's page; null where it has none. */
  page: string | null;
}

/** How far one item of a wallet request has come. */
export interface Signing {
  state: "open" | "working" | "done" | "failed";
  progress: string[];
  answer: Wire<View> | null;
}

/** A private answer to one person, from the moment they asked. */
export interface ReplyEntry {
  id: string;
  /** What the person typed or pressed. */
  said: string;
  askedAt: number;
  answeredAt: number | null;
  /** Milliseconds that it took by the machine's clock: the channel's may have been moved meanwhile. */
  took: number;
  progress: string[];
  /** Null while it is being worked on, and where the answer is a card in the channel. */
  view: Wire<View> | null;
  /** Path of the page of the ceremony that the answer tells everything of. */
  page: string | null;
  /** The form as it was sent, to be sent again where the answer is a "no". */
  again: Wire<Form> | null;
  /** One for each item, where the view is a wallet request. */
  signing: Signing[];
}

/** Chain time in seconds and block number as decimal strings, or why they could not be read. */
export type ChainClock = { chainTime: string; block: string } | { fault: string };

/** What does not change while the console runs. */
export interface Setup {
  council: string;
  chain: string;
  people: ShownPerson[];
  commands: { name: string; summary: string; example: string; roles: readonly string[] }[];
}

/** One server-sent event. `state` is everything, and the first on every connection. */
export type Update =
  | { type: "state"; cards: CardEntry[]; replies: ReplyEntry[]; clock: ChainClock }
  | { type: "card"; entry: CardEntry }
  | { type: "reply"; entry: ReplyEntry }
  | { type: "dismissed"; id: string }
  | { type: "clock"; clock: ChainClock };
