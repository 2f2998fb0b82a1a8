/** What a slash command is, and what reaches it, whichever platform it came from. */

import type { CeremonyState } from "./domain/ceremony.ts";
import type { Intent } from "./domain/intent.ts";
import type { Person, Policy, Role } from "./domain/policy.ts";
import type { Hex } from "./domain/primitives.ts";
import type { Refusal } from "./domain/refusal.ts";
import type { View } from "./view.ts";

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
  /** Unique per delivery; the same one again is answered, not run again. */
  deliveryId: string;
}

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
  run(call: Call): Promise<View>;
}

/** A command being run by a known person. */
export interface Call {
  person: Person;
  account: string;
  options: Record<string, string>;
  policy: Policy;
  services: Services;
  /** Says what is going on while the person waits. */
  progress(text: string): void;
}

/** What happened to an intent. */
export type Outcome =
  | { ok: true; state: CeremonyState; head: Hex }
  | { ok: false; refusal: Refusal; state: CeremonyState | undefined };
