/** What a slash command is, and what reaches it, whichever platform it came from. */

import type { AlertDesk } from "./alert-desk.ts";
import type { BlockWatch } from "./block-watch.ts";
import type { CanaryView } from "./canary-view.ts";
import type { CanaryReport } from "./domain/canary.ts";
import type { CeremonyState } from "./domain/ceremony.ts";
import type { Actor, CeremonyEvent, Finding, LoggedEvent } from "./domain/events.ts";
import type { ExitReading } from "./domain/exits/judge.ts";
import { legsForGas } from "./domain/gas-execution.ts";
import type { Intent, Sender } from "./domain/intent.ts";
import type { PeopleState } from "./domain/people.ts";
import type { Person, Policy, Role } from "./domain/policy.ts";
import type { Hex } from "./domain/primitives.ts";
import type { Refusal } from "./domain/refusal.ts";
import type { CeremonyTx } from "./domain/transactions.ts";
import { type NextStep, nextSteps } from "./domain/why.ts";
import type { LinkPurpose } from "./links.ts";
import type { PeopleOutcome } from "./people/people-log.ts";
import type { PeopleDesk } from "./people-desk.ts";
import type { ChatHealth } from "./ports.ts";
import {
  type Action,
  type Card,
  type Form,
  type Notice,
  notice,
  type Picture,
  type Section,
  type TransactionItem,
  type View,
} from "./view.ts";

/** A value a command takes. Every platform's own form of it is made from this. */
export interface Option {
  name: string;
  description: string;
  type: "text" | "paragraph" | "integer" | "choice" | "ceremony" | "target" | "address" | "flag";
  required: boolean;
  choices?: readonly { value: string; label: string }[];
  maxLength?: number;
}

/** What an adapter hands over once it has verified the sender. */
export interface Invocation {
  command: string;
  /** As typed or chosen; dispatch parses them by the command's options. */
  options: Record<string, string>;
  /** Platform account, such as `console:ada` or `slack:T1:U7`; dispatch finds the person. */
  account: string;
  /** Unique per delivery; the same one again is answered, not run again. Made of the platform's raw ids: it is evidence. */
  deliveryId: string;
  /** From a button: the revision of the release package it was offered for. */
  revision?: number;
}

export type CommandGroup = "people" | "alerts";

/** One slash command: `/upgrade NAME`. Stated, not coded: help, autocompletion and docs come from it. */
export interface Command {
  name: string;
  /** One line for help. */
  summary: string;
  /** A line as typed, for help. */
  example: string;
  effect: "read" | "mutate";
  /** Who finds it in their help; the domain decides who may. Empty: everybody. */
  roles: readonly Role[];
  options: readonly Option[];
  /** Where a platform lists only so many commands, those of a group are below its name: `/upgrade people link`. */
  group?: CommandGroup;
  /**
   * Whether these options may be answered by a Form. Where a form must be the first answer, the adapter waits for it
   * only then; every other command is acknowledged at once.
   */
  asks?(options: Record<string, string>): boolean;
  run(call: Call): Promise<View>;
}

/** A command being run by a known person. */
export interface Call {
  person: Person;
  account: string;
  deliveryId: string;
  options: Record<string, string>;
  policy: Policy;
  services: Services;
  /** Says what is going on while the person waits. */
  progress(text: string): void;
}

/** What happened to an intent. */
export type Outcome =
  | { ok: true; state: CeremonyState; head: Hex; events: CeremonyEvent[] }
  | { ok: false; refusal: Refusal; state: CeremonyState | undefined };

/** What a proposal is made from: a policy target with new implementations, or a package as a file has it. */
export type ProposalSource =
  | {
      kind: "target";
      target: string;
      /** A named release of the target, or `contract=address` pairs. */
      release: string | undefined;
      implementations: Record<string, string>;
      title: string;
      rationale: string;
      lane: "routine" | "emergency";
    }
  | { kind: "file"; text: string };

/**
 * What commands can have done. Each reads the chain facts an intent needs, lets the domain decide, and appends. A fault
 * (chain down, disk full) is thrown as an error whose message is a sentence; nothing is half-written then.
 */
export interface Services {
  list(): Promise<CeremonyState[]>;
  /** Throws {@link Refused} where there is none; without an id, the one that is active. */
  find(id: string | undefined): Promise<CeremonyState>;
  /** The ceremony with its open breaches as they were measured last, for whoever reads of them. */
  measuredNow(state: CeremonyState): Promise<CeremonyState>;
  /** Events of a ceremony, refusals included, oldest first. */
  history(id: string): Promise<LoggedEvent[]>;
  propose(by: Actor, source: ProposalSource, revises?: string): Promise<Outcome>;
  /** Runs the gates and records what they found; then opens the review. */
  check(by: Actor, id: string, progress: (text: string) => void): Promise<Outcome>;
  /** An intent that needs no facts but the log. */
  vote(
    intent: Extract<Intent, { kind: "override" | "approve" | "deny" | "withdraw" | "hold" | "cancel" }>,
    id: string,
  ): Promise<Outcome>;
  schedule(by: Actor, id: string): Promise<Outcome>;
  /** `sender`: the person's own wallet unless it is to be the gas key, where policy lets it. */
  execute(by: Actor, id: string, sender?: Sender): Promise<Outcome>;
  rollback(by: Actor, id: string, reason: string, sender?: Sender): Promise<Outcome>;
  /** What the executor's wallet has to send now; nothing of what the gas key was asked for. */
  executorItems(state: CeremonyState, person: Person): TransactionItem[];
  advance(by: Actor, id: string): Promise<Outcome>;
  resume(by: Actor, id: string, cause: string): Promise<Outcome>;
  contain(by: Actor, id: string, containment: string | undefined, reason: string): Promise<Outcome>;
  canary(state: CeremonyState): Promise<CanaryView | undefined>;
  /** As {@link canary}, without drawing anything. */
  canaryReport(state: CeremonyState): Promise<CanaryReport | undefined>;
  /** Why it cannot be advanced, in clauses; undefined where no canary is under way, or nobody knows. */
  canaryLacks(state: CeremonyState): Promise<string[] | undefined>;
  /** Whether each pause and rollback would work now, as the newest block shows it. */
  exits(state: CeremonyState): Promise<readonly ExitReading[]>;
  /** What a transaction does, decoded from its bytes, call by call. */
  sentences(tx: CeremonyTx): string[];
  /** Who can upgrade, own, schedule, execute, cancel and pause what, before and after: of the check; none where it tells nothing. */
  authority(state: CeremonyState): Promise<Picture[]>;
  /** What the check found, as far as it is of these severities, with who took which refusal upon themself. */
  findings(state: CeremonyState, severities: readonly Finding["severity"][]): Section[];
  /** "layout/moved, overridden by Gus until …: …", one a refusal. */
  overrides(state: CeremonyState): string[];
  /** The main card of a ceremony, as the channel shows it. */
  card(state: CeremonyState): Promise<Card>;
  /** A private link to the signing page for this person, revision and purpose; undefined where there is no such page. */
  link(person: Person, account: string, state: CeremonyState, purpose: LinkPurpose): Promise<string | undefined>;
  /** Whose wallet is whose, and who is frozen. */
  people: PeopleServices;
  /** Alerts, silences, and who is on call. */
  alerts: AlertServices;
  /** Incidents that are open, and how they end. */
  incidents: Pick<BlockWatch, "incidents" | "settle">;
  /** What can fail by itself, and how it is: chat platforms, how blocks come in, the mirror to Safe's Transaction Service. */
  health(): { name: string; kind: "chat" | "chain" | "mirror" | "watchdog"; health: ChatHealth }[];
}

/** What is done about alerts. A fault is thrown, as by {@link Services}. */
export type AlertServices = Pick<AlertDesk, "setting" | "act">;

/** What is done about people. A fault is thrown, as by {@link Services}. */
export type PeopleServices = Pick<PeopleDesk, "state" | "requestLink" | "act" | "needsWallet">;

/** Where wallets hand in what they signed, whichever way they were asked. */
export interface Intake {
  signature(account: string, ceremony: string, safeTxHash: Hex, signature: Hex): Promise<Outcome>;
  /** A raw signed transaction of the executor's wallet. */
  transaction(account: string, ceremony: string, raw: Hex): Promise<Outcome>;
}

/** How it is typed: `/upgrade deny [ceremony=…] [reason=…]`; what may be left out stands in brackets. */
export function usage({ name, options }: Pick<Command, "name" | "options">): string {
  const words = options.map((option) => {
    const value = option.choices === undefined ? "…" : option.choices.map((one) => one.value).join("|");
    return option.required ? `${option.name}=${value}` : `[${option.name}=${value}]`;
  });
  return ["/upgrade", name, ...words].join(" ");
}

/** The private answer to an outcome: what was done and what comes next, or the refusal and who could. */
export function answer(outcome: Outcome, policy: Policy, done: string): Notice {
  if (!outcome.ok) return notice("bad", outcome.refusal.sentence);
  const [next] = nextSteps(outcome.state, policy);
  return notice("good", next === undefined ? done : `${done} ${next.sentence}`);
}

/** The line that takes a step, as somebody types it; empty where only time or the chain can. */
export function typed({ command }: NextStep, { id, status }: CeremonyState): string {
  switch (command) {
    case undefined:
      return "";
    case "propose":
      return `/upgrade propose revises=${id}`;
    case "canary":
      return `/upgrade canary ${status === "canary" ? "advance" : "start"} ${id}`;
    default:
      return `/upgrade ${command} ${id}`;
  }
}

/** The private answer to an outcome about people: what was done, or the refusal. */
export function settled(outcome: PeopleOutcome, done: (after: PeopleState) => string): Notice {
  return outcome.ok ? notice("good", done(outcome.state)) : notice("bad", outcome.refusal.sentence);
}

/** Asks for a reason where the command was given none; a button cannot carry one. */
export function reasonForm(call: Call, state: CeremonyState, command: string, title: string, hint: string): Form {
  const form = askReason(command, { ...call.options, ceremony: state.id }, title, hint);
  return { ...form, revision: state.revision };
}

/** As {@link reasonForm}, for what is about no ceremony. */
export function askReason(command: string, options: Record<string, string>, title: string, hint: string): Form {
  return {
    kind: "form",
    title,
    command,
    options,
    fields: [
      {
        name: "reason",
        label: "Reason",
        hint,
        required: true,
        type: "paragraph",
        choices: [],
        value: "",
        maxLength: 2000,
      },
    ],
    submit: title,
  };
}

/** Who sends what an executor runs; asked where policy lets the gas key do it. */
export const senderOption: Option = {
  name: "by",
  description: "Who sends it: your wallet, or Quorate's gas key where policy lets it; asked where both may",
  type: "choice",
  required: false,
  choices: [
    { value: "wallet", label: "My own wallet" },
    { value: "gas-key", label: "Quorate's gas key" },
  ],
};

export function senderOf({ options }: Pick<Call, "options">): Sender | undefined {
  return options.by === "wallet" || options.by === "gas-key" ? options.by : undefined;
}

/** Whether somebody still has to say who sends these legs. */
export function leavesSenderOpen(call: Call, state: CeremonyState, legs: readonly string[]): boolean {
  return senderOf(call) === undefined && legsForGas(state, call.policy, legs).length > 0;
}

/** The question, with a button for each answer. */
export function senderQuestion(command: string, { id, revision }: CeremonyState, what: string): Notice {
  const button = (label: string, by: Sender, style: Action["style"], confirm?: string): Action => ({
    ...{ label, command, options: { ceremony: id, by }, style, revision },
    ...(confirm === undefined ? {} : { confirm }),
  });
  return notice("progress", `${what}. Who sends it? Either way it is you who executes ${id}.`, {
    actions: [
      button("Let Quorate send it", "gas-key", "primary", `Let Quorate's gas key send it now? ${what}.`),
      button("Send it from my wallet", "wallet", "plain"),
    ],
  });
}

/** Who acts in this call, for the log. */
export function actor({ person, account, deliveryId }: Call): Actor {
  return { person: person.id, account, delivery: deliveryId };
}

export const personOption: Option = {
  name: "person",
  description: "Who, by the id that policy gives them, such as ben",
  type: "text",
  required: true,
  maxLength: 40,
};

export const ceremonyOption: Option = {
  name: "ceremony",
  description: "Which ceremony, such as UP-1; may be left out while there is only one",
  type: "ceremony",
  required: false,
};
