/** given(…).when(…).then(…): tests of decisions that read as sentences. */

import { expect } from "vitest";
import { allRules, type Decision, type Rules } from "../../src/domain/decision.ts";
import type { EventType } from "../../src/domain/events.ts";
import type { Intent } from "../../src/domain/intent.ts";
import { Ceremony, type CeremonyOptions } from "./ceremony-driver.ts";
import { DELAY, mainnet } from "./sample-council.ts";

/** States on the straight way, and a few beside it. Ada proposes; Ben, Caro and Dev approve and sign; Eve executes. */
export type Stage =
  | "nothing"
  | "drafted"
  | "checked"
  | "in review"
  | "approved"
  | "signing"
  | "sending"
  | "scheduled"
  | "ready"
  | "executing"
  | "canary"
  | "held"
  | "contained"
  | "rolled back"
  | "expired"
  | "cancelled"
  | "closing"
  | "closed";

const approvers = ["ben", "caro", "dev"];

const steps: Record<Stage, { after?: Stage; step(it: Ceremony): void }> = {
  nothing: { step: () => undefined },
  drafted: { after: "nothing", step: (it) => it.must(it.propose("ada")) },
  checked: { after: "drafted", step: (it) => it.must(it.check()) },
  "in review": { after: "checked", step: (it) => it.must(it.openReview()) },
  approved: { after: "in review", step: (it) => approvers.forEach((who) => void it.must(it.approve(who))) },
  signing: { after: "approved", step: (it) => approvers.forEach((who) => void it.signAll(who)) },
  sending: { after: "signing", step: (it) => it.must(it.schedule("ada")) },
  scheduled: { after: "sending", step: (it) => it.mineSchedules() },
  ready: { after: "scheduled", step: (it) => it.passTime(DELAY).becomeReady() },
  executing: { after: "ready", step: (it) => it.must(it.execute("eve")) },
  canary: { after: "executing", step: sendAndMine },
  held: { after: "canary", step: (it) => it.must(it.hold("caro")) },
  contained: { after: "canary", step: (it) => it.must(it.contain("caro")).containmentMined().must(it.resimulate()) },
  "rolled back": {
    after: "contained",
    step: (it) => {
      it.must(it.rollback("gus"));
      for (const leg of it.state.rollbackBy?.legs ?? []) it.must(it.send("gus", leg, "rollback"));
      it.mineSent();
    },
  },
  expired: {
    after: "signing",
    step: (it) => it.passTime(DELAY * 20n).observe({ what: "time", block: it.block(mainnet) }),
  },
  cancelled: { after: "scheduled", step: (it) => it.must(it.cancel("ada")) },
  closing: {
    after: "canary",
    step: (it) => {
      while (!it.state.closing) {
        it.must(it.advance("ben"));
        if (it.state.closing) return;
        it.becomeReady().must(it.execute("eve"));
        sendAndMine(it);
      }
    },
  },
  closed: {
    after: "closing",
    step: (it) => {
      it.must(it.windDown());
      for (const { id, tx } of it.state.windDown?.transactions ?? [])
        it.observe({ what: "operationCancelled", tx: id, block: it.block(tx.chain) });
    },
  },
};

function sendAndMine(it: Ceremony): void {
  const due = it.package.phases[it.state.currentPhase]?.legs ?? [];
  for (const leg of due) it.must(it.send("eve", leg)).mineSent();
}

const played = new Map<Stage, Ceremony>();

/** A ceremony at a stage, played from its start by the sample council. */
export function ceremonyAt(stage: Stage, options?: CeremonyOptions): Ceremony {
  const known = options === undefined ? played.get(stage) : undefined;
  if (known !== undefined) return known.copy();
  const { after, step } = steps[stage];
  const it = after === undefined ? new Ceremony(options) : ceremonyAt(after, options);
  step(it);
  if (options === undefined) played.set(stage, it.copy());
  return it;
}

export const stages = Object.keys(steps) as Stage[];

/** All rules but one. */
export function rulesWithout(id: string): Rules {
  const rest = {
    separation: allRules.separation.filter((one) => one.id !== id),
    integrity: allRules.integrity.filter((one) => one.id !== id),
  };
  const left = rest.separation.length + rest.integrity.length;
  expect(left, `there is no rule ${id}`).toBe(allRules.separation.length + allRules.integrity.length - 1);
  return rest;
}

type Want = (it: Ceremony) => Intent;

export interface Given {
  /** Something that happens first, and must work. */
  and(step: (it: Ceremony) => unknown): Given;
  when(want: Want): When;
}

export interface When {
  decision: Decision;
  ceremony: Ceremony;
  /** The events it led to, by type and in order. */
  then(...types: EventType[]): When;
  /** The code it was refused with; `sentence` is what the person reads. */
  refused(code: string, sentence?: RegExp): When;
  isNow(status: string): When;
}

export function given(from: Stage | Ceremony, options?: CeremonyOptions): Given {
  const ceremony = typeof from === "string" ? ceremonyAt(from, options) : from;
  return {
    and(step) {
      step(ceremony);
      return given(ceremony);
    },
    when(want) {
      return when(ceremony, ceremony.ask(want(ceremony)));
    },
  };
}

function when(ceremony: Ceremony, decision: Decision): When {
  const self: When = {
    decision,
    ceremony,
    // biome-ignore lint/suspicious/noThenProperty: given, when, then; nobody awaits it
    then(...types) {
      expect(decision.ok ? decision.events.map((one) => one.type) : decision.refusal).toEqual(types);
      return self;
    },
    refused(code, sentence) {
      expect(decision.ok ? decision.events.map((one) => one.type) : decision.refusal.code).toBe(code);
      if (!decision.ok && sentence !== undefined) expect(decision.refusal.sentence).toMatch(sentence);
      return self;
    },
    isNow(status) {
      expect(ceremony.state.status).toBe(status);
      return self;
    },
  };
  return self;
}
