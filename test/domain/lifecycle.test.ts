/** The lifecycle as a whole: what is heard where, where it leads, and that something always does. */

import { describe, expect, it } from "vitest";
import { decide } from "../../src/domain/decide.ts";
import { eventTypes, system } from "../../src/domain/events.ts";
import type { Intent, Observation } from "../../src/domain/intent.ts";
import {
  endings,
  heardIn,
  lifecycleDiagram,
  nextStatus,
  type Status,
  statuses,
  transitions,
} from "../../src/domain/lifecycle.ts";
import { by, type Ceremony } from "../support/ceremony-driver.ts";
import { ceremonyAt, type Stage, stages } from "../support/given.ts";
import {
  addressOf,
  hashOf,
  mainnet,
  names,
  samplePackage,
  samplePolicy,
  WINDOW,
  walletOf,
} from "../support/sample-council.ts";

const other = samplePackage(samplePolicy(), "Another title");
const played = stages.filter((one) => one !== "nothing");

/** Every intent, as each person of the council could have it. */
const wishes: Record<keyof typeof heardIn, (it: Ceremony, who: string) => Intent> = {
  revise: (_it, who) => ({ kind: "revise", by: by(who), package: other }),
  recordCheck: (it) => it.check(),
  recordResimulation: (it) => it.resimulate(),
  override: (it, who) => it.override(who, "layout/shifted"),
  openReview: (it) => it.openReview(),
  approve: (it, who) => it.approve(who),
  deny: (_it, who) => ({ kind: "deny", by: by(who), reason: "no" }),
  withdraw: (_it, who) => ({ kind: "withdraw", by: by(who) }),
  sign: (it, who) => {
    const [tx] = [...(it.state.windDown?.transactions ?? []), ...(it.state.review?.transactions ?? [])];
    const safe = it.safe(mainnet, addressOf(`council on ${mainnet}`));
    return tx === undefined
      ? {
          kind: "sign",
          by: by(who),
          tx: "vault/upgrade",
          safeTxHash: hashOf("x"),
          signature: hashOf("x"),
          recovered: walletOf(who),
          safe,
        }
      : it.sign(who, tx.id);
  },
  schedule: (it, who) => (it.state.review ? it.schedule(who) : { kind: "schedule", by: by(who), safes: [], legs: [] }),
  execute: (it, who) => (it.state.review ? it.execute(who) : { kind: "execute", by: by(who), legs: [] }),
  send: (it, who) => it.send(who, "vault", it.state.rollbackBy ? "rollback" : "upgrade"),
  advance: (it, who) => it.advance(who),
  hold: (it, who) => it.hold(who),
  resume: (it, who) => it.resume(who),
  contain: (it, who) => it.contain(who),
  rollback: (it, who) =>
    it.state.review
      ? it.rollback(who)
      : { kind: "rollback", gate: [], by: by(who), reason: "odd", legs: [], safes: [] },
  cancel: (it, who) => it.cancel(who),
  windDown: (it) => it.windDown(),
};

function observations(it: Ceremony): Observation[] {
  const block = it.block(mainnet);
  const [sent] = it.state.sent;
  const purposes = ["upgrade", "rollback"] as const;
  return [
    { what: "mined", tx: "vault/upgrade", hash: hashOf("x"), block },
    { what: "operations", readyAt: [] },
    { what: "ready", phase: it.state.currentPhase, block },
    ...["vault", "router"].flatMap((leg) =>
      purposes.map(
        (purpose): Observation => ({ what: "executed", leg, purpose, hash: hashOf("x"), block, from: walletOf("gus") }),
      ),
    ),
    { what: "reverted", leg: "vault", purpose: "upgrade", hash: sent?.hash ?? hashOf("x"), reason: "out of gas" },
    { what: "contained", containment: "pause-vault", block },
    { what: "operationCancelled", tx: "cancel/vault/rollback", block },
    { what: "nonceUsed", tx: it.state.windDown?.transactions[0]?.id ?? "containment/pause-vault", block },
    { what: "nonceTaken", safe: addressOf("council"), nonce: 8n, expected: 7n },
    { what: "breach", metric: "solvency", block, value: "1", sentence: "Solvency fell." },
    { what: "cleared", metric: "solvency", block },
    { what: "time", block },
  ];
}

/** Ceremonies in all sorts of places: each stage, each of them held and contained, with something sent, and late. */
function places(): Ceremony[] {
  const twists: ((it: Ceremony) => unknown)[] = [
    () => undefined,
    (it) => it.ask(it.hold("caro")),
    (it) => (it.state.status === "executing" ? it.ask(it.send("eve", "vault")) : it.ask(it.rollback("gus"))),
    (it) => it.passTime(WINDOW * 4n),
    (it) => it.state.review && it.ask(it.contain("caro")).ok && it.containmentMined(),
    (it) => it.ask(it.hold("caro")).ok && it.state.review && it.ask(it.contain("dev")).ok && it.containmentMined(),
    (it) => it.ask(it.windDown()),
  ];
  return played.flatMap((stage) =>
    twists.map((twist) => {
      const it = ceremonyAt(stage);
      twist(it);
      return it;
    }),
  );
}

describe("every intent in every state", () => {
  it.each(played.map((stage) => [stage]))(
    "is decided or refused with the state's name when the ceremony is at %s",
    (stage) => {
      for (const [kind, wish] of Object.entries(wishes)) {
        const it = ceremonyAt(stage as Stage);
        const { status } = it.state;
        const heard: readonly Status[] = heardIn[kind as keyof typeof heardIn];
        if (heard.includes(status)) continue;
        const decision = it.ask(heardElsewhere(wish, it));
        expect(decision.ok, `${kind} while ${status}`).toBe(false);
        if (decision.ok) continue;
        expect(decision.refusal.code).toBe(`state/${status.replace(" ", "-")}`);
        expect(decision.refusal.sentence).toMatch(
          new RegExp(
            `^UP-1 is ${stage === "closing" ? stage : status === "canary" ? "under its canary" : status}, and .+ is possible only while a ceremony is `,
          ),
        );
      }
    },
  );

  it("names a ceremony that is not there", () => {
    const it = ceremonyAt("drafted");
    const decision = decide(undefined, it.hold("ben"), it.policy, it.now);
    expect(decision).toMatchObject({ ok: false, refusal: { code: "ceremony/unknown" } });
  });
});

/** The wish as it is; a transaction to send cannot be made up where there is no review. */
function heardElsewhere(wish: (it: Ceremony, who: string) => Intent, it: Ceremony): Intent {
  const reviewed = ceremonyAt("signing");
  return wish(it.state.review === undefined && wish === wishes.send ? reviewed : it, "ben");
}

describe("the table of transitions", () => {
  it("leads only to states and on events that there are", () => {
    for (const { from, on, to } of transitions) {
      expect(eventTypes).toContain(on);
      expect([...statuses, "before"]).toContain(to);
      for (const one of from) expect(statuses).toContain(one);
    }
  });

  it("says one thing for each state and event", () => {
    const pairs = transitions.flatMap(({ from, on }) => from.map((one) => `${one} on ${on}`));
    expect(pairs.filter((one, index) => pairs.indexOf(one) !== index)).toEqual([]);
  });

  it("has a way on out of every state but the endings, and none out of those", () => {
    for (const status of statuses) {
      const ways = transitions.filter((one) => one.from.includes(status) && one.to !== status);
      expect(ways.length > 0, status).toBe(!endings.includes(status));
    }
  });

  it("reaches every state", () => {
    expect(statuses.filter((one) => one !== "drafted" && !transitions.some(({ to }) => to === one))).toEqual([]);
  });

  it("goes nowhere on other events", () => {
    expect(nextStatus("canary", "approved", "drafted")).toBe("canary");
    expect(nextStatus("held", "released", "ready")).toBe("ready");
  });

  it("is what the diagram draws", () => {
    const diagram = lifecycleDiagram();
    expect(diagram).toMatch(/in_review --> approved: .*quorumReached/);
    for (const status of statuses) expect(diagram).toContain(status.replace(" ", "_"));
  });
});

/** Events that lead somewhere from some states, and on purpose nowhere from these. */
const leadsNowhere: Record<string, readonly Status[]> = {
  // Signatures before the quorum, and those after the first; and those of a wind-down.
  signed: ["in review", "signing", "canary", "rolled back", "expired", "cancelled"],
  // Another executor takes over; or it waits, and what the chain does moves `before` on instead.
  executionStarted: ["executing", "held", "contained"],
  readied: ["held", "contained"],
  executionFailed: ["canary", "held", "contained"],
  // What nobody asked for is recorded wherever the ceremony stands: the chain is the arbiter.
  executed: [...statuses],
  rolledBack: ["drafted", "checked", "in review", "approved", "signing", ...endings],
  contained: ["drafted", "checked", "in review", "approved", "signing"],
};

describe("the events of a decision", () => {
  it("lead somewhere, or are meant not to; and wherever a ceremony stands, some step leads on", () => {
    const all = places();
    for (const it of all) {
      const { status } = it.state;
      const wanted = (["ada", "ben", "caro", "eve", "gus"] as const).flatMap((who) =>
        Object.values(wishes).map((wish) => (one: Ceremony) => wish(one, who)),
      );
      const seen = observations(it).map((one) => (): Intent => ({ kind: "observe", by: system, seen: one }));
      let leadsOn = false;
      for (const want of [...wanted, ...seen]) {
        const intent = attempt(() => want(it));
        const decision = intent && decide(it.current, intent, it.policy, it.now);
        if (decision === undefined || !decision.ok) continue;
        for (const one of decision.events)
          expectMeant(
            one.type,
            status,
            decision.events.map((other) => other.type),
          );
        leadsOn ||= decision.events.some((one) => nextStatus(status, one.type, it.state.before) !== status);
      }
      leadsOn ||= goesOnTogether(it);
      expect(leadsOn || endings.includes(status), `${status} after ${it.log.map((one) => one.type).join(" ")}`).toBe(
        true,
      );
    }
    expect(new Set(all.map((one) => one.state.status))).toEqual(new Set(statuses));
  }, 180_000);
});

/** Whether everybody who may resumes it: after a containment that takes two. */
function goesOnTogether(it: Ceremony): boolean {
  const together = it.copy();
  together.ask(together.resimulate());
  for (const who of names) together.ask(together.resume(who));
  return together.state.status !== it.state.status;
}

/** What cannot even be asked for here: there is no review to take a transaction from. */
function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

function expectMeant(type: string, status: Status, all: readonly string[]): void {
  const listed = transitions.filter((one) => one.on === type);
  if (listed.length === 0) return;
  // Earlier events of the same decision may have moved it on before this one.
  let at: readonly Status[] = [status];
  for (const one of all.slice(0, all.indexOf(type))) at = at.map((here) => nextStatus(here, one as never, here));
  const moves = at.some((here) => listed.some((one) => one.from.includes(here)));
  expect(moves || at.some((here) => leadsNowhere[type]?.includes(here)), `${type} while ${at.join()}`).toBe(true);
}
