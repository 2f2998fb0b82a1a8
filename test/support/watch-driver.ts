/** The pure rules about alerts, driven by the sample council and a clock that only the test moves. */

import { expect } from "vitest";
import type { Alert, Label, Severity } from "../../src/domain/alerts/alert.ts";
import { labelOf } from "../../src/domain/alerts/alert.ts";
import {
  type AlertEvent,
  type AlertEventData,
  parseAlertEvent,
  storedAlertEvent,
} from "../../src/domain/alerts/alert-events.ts";
import { silenceOf } from "../../src/domain/alerts/escalation.ts";
import { type OnCall, onCall } from "../../src/domain/alerts/on-call-shape.ts";
import { decideWatch } from "../../src/domain/alerts/watch-decide.ts";
import type { AlertSignal, WatchDecision, WatchIntent } from "../../src/domain/alerts/watch-intent.ts";
import { evolveWatch, nothingWatched, type WatchState } from "../../src/domain/alerts/watch-state.ts";
import { type Actor, system } from "../../src/domain/events.ts";
import type { Policy } from "../../src/domain/policy.ts";
import { zeroHash } from "../../src/domain/primitives.ts";
import { rolesWithAdmins } from "./people-driver.ts";
import { hashOf, mainnet, START, samplePolicy } from "./sample-council.ts";

export const MINUTE = 60n;

/** An intent without who wants it. */
type Wanted = WatchIntent extends infer One ? (One extends { by: Actor } ? Omit<One, "by"> : never) : never;

/** Primary is Caro, secondary Dev; guardians are Caro, Dev, Finn and Gus; admins Ada, Dev and Gus. */
const turns = { sev1: ["caro"], sev2: ["caro"], sev3: ["finn"], primary: ["caro"], secondary: ["dev"] };

export class WatchDriver {
  policy: Policy;
  state: WatchState = nothingWatched;
  now = START;
  /** Every page so far, with the minutes since the start. */
  pages: { minute: number; alert: string; level: number; people: string; cause: string; empty: number[] }[] = [];
  readonly log: AlertEvent[] = [];

  constructor(given: Partial<Record<keyof OnCall, unknown>> = turns) {
    const lists = { sev1: ["caro"], sev2: ["caro"], sev3: ["finn"] };
    this.policy = { ...samplePolicy({ roles: rolesWithAdmins }), onCall: onCall.parse({ ...lists, ...given }) };
  }

  ask(who: string, wanted: Wanted): WatchDecision {
    const by = who === "quorate" ? system : { person: who, account: `console:${who}` };
    return decideWatch(this.state, { ...wanted, by } as WatchIntent, this.policy, this.now);
  }

  /** Decides, and takes what happened; the types of the events, or the refusal's code. */
  does(who: string, wanted: Wanted): string[] | string {
    const decision = this.ask(who, wanted);
    if (!decision.ok) return decision.refusal.code;
    for (const one of decision.events) this.#take(one);
    return decision.events.map((one) => one.type);
  }

  /** Through the log's own form, so that what is decided can also be read back. */
  #take(one: AlertEvent): void {
    const stored = { ...storedAlertEvent(one), seq: this.state.seq + 1, at: this.now, hash: zeroHash };
    const logged = parseAlertEvent(
      JSON.parse(JSON.stringify(stored, (_, value) => (typeof value === "bigint" ? `${value}` : value))),
    );
    this.log.push(one);
    this.state = evolveWatch(this.state, { ...logged, seq: stored.seq, at: this.now });
    if (one.type === "paged") this.#paged(one.data);
  }

  #paged({ alert, level, people, cause, empty }: AlertEventData<"paged">): void {
    const minute = Number(this.now - START) / 60;
    this.pages.push({ minute, alert, level, people: people.join(), cause, empty });
  }

  refused(who: string, wanted: Wanted, code: string, sentence: RegExp): void {
    const decision = this.ask(who, wanted);
    expect(decision.ok ? decision.events.map((one) => one.type) : decision.refusal.code).toBe(code);
    if (!decision.ok) {
      expect(decision.refusal.sentence).toMatch(sentence);
      expect(decision.refusal.sentence).toMatch(/^[A-Z0-9a-z].*\.$/);
    }
  }

  /** Says something of a subject, as the watch does. */
  measures(
    condition: AlertSignal["condition"],
    severity: Severity = 1,
    more: Partial<AlertSignal> = {},
  ): string[] | string {
    return this.does("quorate", { kind: "signal", signal: signalOf(condition, severity, more) });
  }

  /** So many minutes pass, and the clock is looked at every second of them. */
  waits(minutes: number, every = 1n): this {
    const until = this.now + BigInt(Math.round(minutes * 60));
    while (this.now < until) {
      this.now += every;
      this.does("quorate", { kind: "tick", calendar: false });
    }
    return this;
  }

  /** The program is not there, and then looks once. */
  sleeps(minutes: number): this {
    this.now += BigInt(minutes) * MINUTE;
    this.does("quorate", { kind: "tick", calendar: false });
    return this;
  }

  alert(id = "alert-1"): Alert {
    const found = this.state.alerts.find((one) => one.id === id);
    if (found === undefined) throw new Error(`There is no ${id}.`);
    return found;
  }

  label(id = "alert-1"): Label {
    const alert = this.alert(id);
    return labelOf(alert, silenceOf(this.state, alert, this.now) !== undefined);
  }

  /** `minute: people`, for each page. */
  called(from = 0): string[] {
    return this.pages.slice(from).map((one) => `${one.minute}: ${one.people}`);
  }
}

export function signalOf(
  condition: AlertSignal["condition"],
  severity: Severity = 1,
  more: Partial<AlertSignal> = {},
): AlertSignal {
  return {
    ...{ ceremony: "UP-1", chain: mainnet, metric: "solvency", target: "protocol", severity, condition },
    facts: {
      what: "Vault solvency 9,871 bps (< 10,000)",
      block: { number: 19_000_000n, hash: hashOf("a block") },
      sources: { agree: 2, of: 3 },
      digest: hashOf("a digest"),
      exposure: "at most 1,000 wei",
      runbook: "Pause the vault.",
      containment: { id: "pause-vault", action: "Pause the vault" },
    },
    ...more,
  };
}
