/** What a person is shown, apart from any platform. Adapters turn a View into their own JSON and decide nothing. */

import type { SafeApproval } from "./domain/nested-safes.ts";
import type { Address, ChainId, Hex } from "./domain/primitives.ts";
import type { SafeTx, SafeTxHashes } from "./domain/safe-tx.ts";

/** How a state feels. It always comes with a word; an adapter adds a symbol and never colour alone. */
export type Tone = "neutral" | "progress" | "good" | "warning" | "bad";

/** Text from people and chains is inert: adapters escape every string here, none carries markup. */
export interface Fact {
  label: string;
  value: string;
  /** Hashes and addresses: fixed width, with a way to copy. */
  code?: boolean;
}

export interface Section {
  title: string;
  lines: string[];
  /** `code` keeps the lines as they are, in fixed width. */
  style: "list" | "code" | "plain";
}

export interface Picture {
  title: string;
  /** What the picture says, for those who do not see it. */
  alt: string;
  svg: string;
}

/** A button: pressing it is the same as typing the command with these options. */
export interface Action {
  label: string;
  command: string;
  options: Record<string, string>;
  style: "primary" | "plain" | "danger";
  /** Asked before it runs, where it cannot be undone. */
  confirm?: string;
  /** The revision of the release package it was offered for; pressed after a new one, it does nothing. */
  revision?: number;
}

export type Audience =
  | { kind: "channel" }
  /** Below the card with this key. */
  | { kind: "thread"; of: string }
  | { kind: "private" };

/** A message that stays. The same key again edits it in place, unless the shown revision is newer. */
export interface Card {
  kind: "card";
  key: string;
  revision: number;
  audience: Audience;
  tone: Tone;
  /** The state in one or two words: "in review", "SEV1 BREACH". */
  status: string;
  /** What it is about, in one line. */
  title: string;
  /** One sentence: what is wanted now, and of whom. */
  summary: string;
  facts: Fact[];
  sections: Section[];
  pictures: Picture[];
  actions: Action[];
  /** Small print: audit head, policy version. */
  footer: string;
  /** Person ids to notify. Adapters map them to mentions; nobody else is ever mentioned. */
  mentions: string[];
  /** It wakes people: it goes to the channel for breaches, over a connection that nothing else holds up. */
  urgent?: true;
}

/** Whether the title begins with the state, apart from the rest: then it is the whole first line, and the state is not put before it again. */
export function saysItsState({ status, title }: Pick<Card, "status" | "title">): boolean {
  const begins = status !== "" && title.toUpperCase().startsWith(status.toUpperCase());
  return begins && /^\s*(?:[·:]|$)/.test(title.slice(status.length));
}

/** The first line: the state in capitals, and what it is about. */
export function headlineOf(card: Pick<Card, "status" | "title">, between: string): string {
  return saysItsState(card) ? card.title : `${card.status.toUpperCase()}${between}${card.title}`;
}

/** The title where the state stands beside it. */
export function titleBeside(card: Pick<Card, "status" | "title">): string {
  return saysItsState(card) ? card.title.slice(card.status.length).replace(/^[\s·:]+/, "") || card.title : card.title;
}

/** A private answer. */
export interface Notice {
  kind: "notice";
  /** The ceremony that it tells everything of: adapters that know its page add the link. */
  about?: string;
  tone: Tone;
  text: string;
  facts: Fact[];
  sections: Section[];
  pictures: Picture[];
  actions: Action[];
}

/** Asks for what a command still needs; sending it runs the command with the options and the fields together. */
export interface Form {
  kind: "form";
  title: string;
  command: string;
  options: Record<string, string>;
  /** As an {@link Action}'s: sent after a new revision of the package, it does nothing. */
  revision?: number;
  fields: FormField[];
  submit: string;
}

export interface FormField {
  name: string;
  label: string;
  hint: string;
  required: boolean;
  type: "line" | "paragraph" | "choice";
  choices: { value: string; label: string }[];
  value: string;
  maxLength: number;
}

/** A transaction a person's own wallet sends: the executor's, for example. */
export interface WalletCall {
  chain: ChainId;
  to: Address;
  value: bigint;
  data: Hex;
}

/** Asks the person's own wallet. What comes back goes to the intake, never to a command. */
export interface WalletRequest {
  kind: "wallet";
  ceremony: string;
  title: string;
  /** What these signatures will and will not allow, and how long they stay valid. */
  summary: string;
  items: (SignatureItem | TransactionItem)[];
  /** In place of items: a text that a wallet signs as it stands, to be linked. */
  message?: MessageItem;
  /** Private: opens the signing page for whom it was made. Never shown to anybody else. */
  link?: string;
  /** The command that gives a new link; `sign` where left out. */
  again?: string;
}

export interface SignatureItem {
  kind: "signature";
  /** "Schedule the upgrade (pilot)", "Pause the vault". */
  purpose: string;
  tx: SafeTx;
  hashes: SafeTxHashes;
  /** Where the person can sign for a Safe that is an owner: all their places in the tree, of which they sign one. */
  places?: SafeApproval[];
  /** Decoded calls, one sentence each. */
  sentences: string[];
}

export interface TransactionItem {
  kind: "transaction";
  purpose: string;
  from: Address[];
  call: WalletCall;
  operationId: Hex;
  sentences: string[];
}

/** Whatever a wallet is asked for. */
export type WalletItem = SignatureItem | TransactionItem | MessageItem;

export function walletItems({ items, message }: Pick<WalletRequest, "items" | "message">): WalletItem[] {
  return [...items, ...(message === undefined ? [] : [message])];
}

/** To be signed with personal_sign (EIP-191), every character as it stands. */
export interface MessageItem {
  kind: "message";
  purpose: string;
  wallet: Address;
  text: string;
  sentences: string[];
}

export type View = Card | Notice | Form | WalletRequest;

/** What is said beside a private link, alike wherever it is shown: whose it is, and for how long. */
export function aboutLink({ items, again = "sign" }: WalletRequest): string {
  const sends = items.some((item) => item.kind === "transaction");
  return `It is yours alone: do not pass it on. Read as long as you like; it ${sends ? "lets your wallet send" : "takes signatures"} for 15 minutes, and /upgrade ${again} gives a new one. Nothing is ${sends ? "sent" : "signed"} in chat.`;
}

/** A private answer with nothing but a sentence, unless more is given. */
export function notice(tone: Tone, text: string, more: Partial<Omit<Notice, "kind" | "tone" | "text">> = {}): Notice {
  return { kind: "notice", tone, text, facts: [], sections: [], pictures: [], actions: [], ...more };
}
