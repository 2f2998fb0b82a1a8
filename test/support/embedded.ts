/** One embedded Quorate for a test file, and people who act in it: what they type, press and sign, and what they read. */

import { join } from "node:path";
import { commands } from "../../commands/index.ts";
import { parseTextCommand } from "../../src/chat/text-command.ts";
import { answer, type Outcome } from "../../src/command.ts";
import type { CeremonyState } from "../../src/domain/ceremony.ts";
import type { LoggedEvent } from "../../src/domain/events.ts";
import { type EmbeddedOptions, type EmbeddedQuorate, startEmbedded } from "../../src/embedded-mode.ts";
import type { Chains, Store } from "../../src/ports.ts";
import type { Card, Notice, View } from "../../src/view.ts";
import { notice } from "../../src/view.ts";
import { sharedBuilds } from "./sample-policy.ts";

export type Somebody = "ada" | "ben" | "caro" | "dev" | "eve" | "finn" | "gus";

export interface Fault {
  where: string;
  fault: unknown;
}

/** Where a test may put another store or chain behind the running program, and put the real one back. */
export interface Switches {
  /** Undefined: the real ones. */
  chains: Chains | undefined;
  store: Store | undefined;
}

export interface TestCouncil extends EmbeddedQuorate {
  /** Cards as the channel shows them now, by key; an older revision never replaces a newer one. */
  cards: Map<string, Card>;
  /** Every card that was shown, in order. */
  shown: Card[];
  faults: Fault[];
  switches: Switches;
  /** Runs a command and follows it into the wallet: what is to be signed is signed, and the wallet's answer comes back. */
  as(person: Somebody, command: string, options?: Record<string, string>): Promise<View>;
  /** Runs a command, without a wallet. */
  ask(person: Somebody, command: string, options?: Record<string, string>): Promise<View>;
  /** Types a line as in the console: the text parser, then dispatch. */
  type(person: Somebody, line: string): Promise<View>;
  state(id?: string): Promise<CeremonyState>;
  history(id?: string): Promise<LoggedEvent[]>;
  /** The ceremony's card in the channel, after everything is worked off. */
  card(id?: string): Promise<Card>;
  /** Texts of the thread below a ceremony's card, oldest first. */
  thread(id?: string): Promise<string[]>;
}

let deliveries = 0;

export interface CouncilOptions {
  policies?: string;
  store?: Store;
  rules?: EmbeddedOptions["rules"];
  signingPage?: string;
}

/** Blocks come only with transactions and with `advance`, so that nothing happens unless the test makes it happen. */
export function startCouncil(options: CouncilOptions = {}): Promise<TestCouncil> {
  return councilIn(startEmbedded, options);
}

/** A council in an embedded Quorate that `start` starts. */
export async function councilIn(
  start: (options: EmbeddedOptions) => Promise<EmbeddedQuorate>,
  options: CouncilOptions,
): Promise<TestCouncil> {
  const cards = new Map<string, Card>();
  const shown: Card[] = [];
  const faults: Fault[] = [];
  const switches: Switches = { chains: undefined, store: options.store };
  const show = async (card: Card) => {
    shown.push(card);
    if ((cards.get(card.key)?.revision ?? 0) <= card.revision) cards.set(card.key, card);
  };
  const policies = options.policies ?? join(import.meta.dirname, "../../policies");
  const embedded = await start({
    policies,
    builds: sharedBuilds(join(policies, "builds")),
    blockMs: 3_600_000,
    platforms: [{ name: "test", show }],
    ...(options.rules === undefined ? {} : { rules: options.rules }),
    signingPage: options.signingPage,
    wrap: (parts) => ({
      chains: {
        ids: parts.chains.ids,
        get: (id) => (switches.chains ?? parts.chains).get(id),
      },
      store: switchable(parts.store, () => switches.store),
    }),
    onFault: (where, fault) => void faults.push({ where, fault }),
  });
  const ask = (person: Somebody, command: string, given: Record<string, string> = {}) =>
    embedded.quorate.dispatch(
      { command, options: given, account: `console:${person}`, deliveryId: `test-${++deliveries}` },
      () => undefined,
    );
  const council: TestCouncil = {
    ...embedded,
    cards,
    shown,
    faults,
    switches,
    ask,
    as: async (person, command, given) => follow(embedded, person, await ask(person, command, given)),
    async type(person, line) {
      const read = parseTextCommand(line, commands);
      if (read.kind === "unclear") return notice("warning", read.sentence);
      return read.kind === "empty" ? ask(person, "help") : ask(person, read.command, read.options);
    },
    state: (id = "UP-1") => embedded.quorate.services.find(id),
    history: (id = "UP-1") => embedded.quorate.services.history(id),
    async card(id = "UP-1") {
      await embedded.quorate.settle();
      const card = cards.get(id);
      if (card === undefined) throw new Error(`No card of ${id} was shown.`);
      return card;
    },
    async thread(id = "UP-1") {
      await embedded.quorate.settle();
      return shown
        .filter((card) => card.audience.kind === "thread" && card.audience.of === id)
        .map((card) => card.title);
    },
  };
  return council;
}

/** Every call goes to the store that is switched on at the time. */
function switchable(real: Store, other: () => Store | undefined): Store {
  return new Proxy(real, {
    get(_target, name) {
      const store = (other() ?? real) as unknown as Record<string | symbol, unknown>;
      const value = store[name];
      return typeof value === "function" ? value.bind(store) : value;
    },
  });
}

/** Signs every item that a wallet is asked for; the first that is not taken is the answer. */
async function follow(embedded: EmbeddedQuorate, person: Somebody, view: View): Promise<View> {
  if (view.kind !== "wallet") return view;
  let last: Notice = notice("neutral", view.title);
  for (const item of view.items) {
    const outcome: Outcome = await embedded.sign(`console:${person}`, view.ceremony, item);
    last = answer(outcome, embedded.policy, `${item.kind === "signature" ? "Signed" : "Sent"}: ${item.purpose}.`);
    if (!outcome.ok) return last;
  }
  await embedded.quorate.settle();
  return last;
}

/** What a person reads first of an answer. */
export function sentence(view: View): string {
  switch (view.kind) {
    case "notice":
      return view.text;
    case "card":
      return `${view.title}: ${view.status}. ${view.summary}`;
    case "form":
      return view.title;
    case "wallet":
      return `${view.title}. ${view.summary}`;
  }
}

/** All of an answer, line by line. */
export function wholeText(view: View): string {
  if (view.kind === "form")
    return [view.title, ...view.fields.map((field) => `${field.label}: ${field.hint}`)].join("\n");
  if (view.kind === "wallet")
    return [sentence(view), ...view.items.flatMap((item) => [item.purpose, ...item.sentences])].join("\n");
  const facts = view.facts.map((fact) => `${fact.label}: ${fact.value}`);
  return [sentence(view), ...facts, ...view.sections.flatMap((one) => [one.title, ...one.lines])].join("\n");
}

/** The steps of a clean ceremony, each taken by those who may, up to and including `last`. */
const steps = [
  ["drafted", (it: TestCouncil) => it.as("ada", "propose", { target: "harbour", release: "2.0.0" })],
  ["in review", (it: TestCouncil, ceremony: string) => it.as("ada", "check", { ceremony })],
  [
    "approved",
    (it: TestCouncil, ceremony: string) => each(["ben", "caro", "dev"], (who) => it.as(who, "approve", { ceremony })),
  ],
  [
    "signed",
    (it: TestCouncil, ceremony: string) => each(["ben", "caro", "dev"], (who) => it.as(who, "sign", { ceremony })),
  ],
  ["scheduled", (it: TestCouncil, ceremony: string) => it.as("ada", "schedule", { ceremony })],
  ["ready", (it: TestCouncil) => it.advance(172_900n)],
  ["canary", (it: TestCouncil, ceremony: string) => it.as("eve", "execute", { ceremony })],
] as const;
export type Step = (typeof steps)[number][0];

async function each(all: readonly Somebody[], work: (one: Somebody) => Promise<unknown>): Promise<undefined> {
  for (const one of all) await work(one);
}

/** Takes a ceremony from after `from` (nothing by default) to `last`; fails where it does not get there. */
export async function walk(council: TestCouncil, last: Step, from?: Step, ceremony = "UP-1"): Promise<CeremonyState> {
  const names = steps.map(([name]) => name);
  for (const [name, step] of steps.slice(from === undefined ? 0 : names.indexOf(from) + 1, names.indexOf(last) + 1)) {
    const view = await step(council, ceremony);
    await council.quorate.settle();
    const { status } = await council.state(ceremony);
    const wanted = name === "signed" ? "signing" : name;
    if (status !== wanted)
      throw new Error(`${ceremony} is ${status} instead of ${wanted}: ${view === undefined ? "" : sentence(view)}`);
  }
  return council.state(ceremony);
}
