/** The ceremony's card in every state, the page of a breach, and a sentence for everything that can happen. */

import { describe, expect, test } from "vitest";
import { commands } from "../../commands/index.ts";
import { sign } from "../../commands/sign.ts";
import { ceremonyCard } from "../../src/ceremonies/cards/ceremony-card.ts";
import { eventSentence } from "../../src/ceremonies/cards/event-sentence.ts";
import type { Call } from "../../src/command.ts";
import { type EventType, eventTypes, type LoggedEvent, parseEvent, system } from "../../src/domain/events.ts";
import type { IntentKind } from "../../src/domain/intent.ts";
import { heardIn } from "../../src/domain/lifecycle.ts";
import { namesOf } from "../../src/domain/policy.ts";
import { nextSteps } from "../../src/domain/why.ts";
import type { Ceremony } from "../support/ceremony-driver.ts";
import { ceremonyAt, type Stage, stages } from "../support/given.ts";
import { addressOf, hashOf, mainnet } from "../support/sample-council.ts";

const card = (it: Ceremony) => ceremonyCard(it.state, it.policy);
const live = stages.filter((stage) => stage !== "nothing");

/** Stage, the word on the card, and the buttons, in order. */
const list: readonly (readonly [Stage, string, readonly string[]])[] = [
  ["drafted", "drafted", ["Check", "Show", "Cancel"]],
  ["checked", "checked", ["Check", "Show", "Cancel"]],
  ["in review", "in review", ["Approve", "Deny", "Sign", "Show"]],
  ["approved", "approved", ["Sign", "Approve", "Deny", "Show"]],
  ["signing", "signing", ["Schedule", "Deny", "Cancel"]],
  ["sending", "signing", ["Why wait?", "Cancel"]],
  ["scheduled", "scheduled", ["Why wait?", "Cancel"]],
  ["ready", "ready", ["Execute", "Contain", "Cancel"]],
  ["executing", "executing", ["Execute", "Contain", "Hold"]],
  ["canary", "canary 1 of 2", ["Advance", "Hold", "Contain"]],
  ["held", "held", ["Resume", "Contain", "Roll back"]],
  ["contained", "contained", ["Roll back", "Resume"]],
  ["rolled back", "rolled back", ["Show"]],
  ["expired", "expired", ["Show"]],
  ["cancelled", "cancelled", ["Show"]],
  ["closing", "closing", ["Why?"]],
  ["closed", "closed", ["Show"]],
];

describe("the card", () => {
  test("offers what ends a ceremony for signature once it is there, and until then it is said to be on its way", async () => {
    const { state, policy } = ceremonyAt("closing");
    const asked = async (now: typeof state) => {
      const [person] = policy.people;
      const call = { services: { find: async () => now }, options: { ceremony: now.id }, person, policy };
      const view = await sign.run(call as unknown as Call);
      return view.kind === "notice" ? view.text : "";
    };
    expect(nextSteps(state, policy).map((one) => one.sentence)).toEqual([
      "The transactions that make what is left unusable are being prepared.",
    ]);
    expect(await asked(state)).toMatch(
      /^What makes the rest of UP-\d+ unusable is being prepared for signature\. Its card has a button once it is\.$/,
    );
    // So it is after an end that leaves something, and not after one that leaves nothing.
    const [left] = state.review?.transactions ?? [];
    const ended = { ...state, closing: false, status: "cancelled" as const };
    expect(await asked({ ...ended, abandoned: left === undefined ? [] : [left] })).toMatch(/is being prepared/);
    expect(await asked({ ...ended, abandoned: [], signatures: [], onChain: [] })).toMatch(
      /^There is nothing for you to sign/,
    );
    const there = { ...state, windDown: { safes: [], transactions: [] } };
    expect(ceremonyCard(there, policy).actions.map((one) => one.label)).toEqual(["Sign", "Why?"]);
    expect(await asked(there)).toMatch(/^There is nothing for you to sign in UP-\d+, which is closing\./);
  });

  test.each(list)("of a ceremony that is %s says %s and offers what is possible", (stage, status, labels) => {
    const shown = card(ceremonyAt(stage));
    expect(shown.status).toBe(status);
    expect(shown.actions.map((one) => one.label)).toEqual(labels);
  });

  test("is described for every stage there is", () => {
    expect(list.map(([stage]) => stage).sort()).toEqual([...live].sort());
  });

  test.each(live)("of a ceremony that is %s has one sentence on what is wanted, and of whom", (stage) => {
    const it = ceremonyAt(stage);
    const { summary, title, footer } = card(it);
    expect(summary).toMatch(/^[A-Z0-9].+\.$/);
    expect(summary).not.toMatch(/undefined|null|NaN|\[object/);
    expect(title).toBe(`UP-1 · ${it.state.package.title}`);
    expect(footer).toContain(`log #${it.state.seq} · head ${it.state.head.slice(0, 18)}`);
  });

  test.each([
    ["in review", ["ben", "caro", "dev", "finn"]],
    ["ready", ["eve", "gus"]],
    ["executing", ["eve"]],
    ["held", ["ben", "dev", "finn"]],
  ] as const)("of a ceremony that is %s names those who can act", (stage, people) => {
    const it = ceremonyAt(stage);
    expect(card(it).summary).toContain(`: ${namesOf(it.policy, people)}.`);
  });

  test.each(live)("of a ceremony that is %s has no button that could only be refused for its state", (stage) => {
    const it = ceremonyAt(stage);
    for (const action of card(it).actions) {
      const command = commands.find((one) => one.name === action.command);
      expect(Object.keys(action.options).filter((name) => !command?.options.some((one) => one.name === name))).toEqual(
        [],
      );
      const intent = intentOf(action.command, action.options.action);
      if (intent !== undefined) expect(heardIn[intent], action.label).toContain(it.state.status);
    }
  });

  test("asks before what cannot be undone", () => {
    const confirmed = live.flatMap((stage) =>
      card(ceremonyAt(stage)).actions.flatMap((one) => (one.confirm === undefined ? [] : [one.command])),
    );
    expect([...new Set(confirmed)].sort()).toEqual(["contain", "execute", "schedule"]);
  });

  test("says which old implementation only the bot enforces", () => {
    const it = ceremonyAt("in review");
    const lines = card(it).sections.flatMap((one) => one.lines);
    const bots = it.state.package.legs.filter((leg) => leg.preconditions.some((one) => one.enforcedBy === "bot"));
    expect(bots.length).toBeGreaterThan(0);
    expect(lines.filter((line) => line.startsWith("Old implementation enforced by: bot, for "))).toHaveLength(
      bots.length,
    );
  });
});

function intentOf(command: string, action: string | undefined): Exclude<IntentKind, "propose" | "observe"> | undefined {
  const byCanary = { advance: "advance", hold: "hold", start: "resume" } as const;
  if (command === "canary") return byCanary[action as keyof typeof byCanary];
  if (command === "check") return "recordCheck";
  return command in heardIn ? (command as Exclude<IntentKind, "propose" | "observe">) : undefined;
}

describe("what is still executable by anyone", () => {
  const left = (it: Ceremony) => card(it).sections.find((one) => one.title === "Still executable by anyone")?.lines;

  test("is shown of a cancelled ceremony until it is cancelled on the chain too", () => {
    const it = ceremonyAt("cancelled");
    expect(left(it)).toEqual(
      expect.arrayContaining(it.state.package.legs.map((leg) => `${leg.id}/upgrade (in the timelock)`)),
    );
    it.must(it.windDown());
    for (const { id, tx, purpose } of it.state.windDown?.transactions ?? [])
      it.observe({
        what: purpose === "cancel" ? "operationCancelled" : "nonceUsed",
        tx: id,
        block: it.block(tx.chain),
      });
    expect(left(it)).toBeUndefined();
  });

  test("is shown of a release that was signed and then expired", () => {
    expect(left(ceremonyAt("expired"))?.length).toBeGreaterThan(0);
  });

  test("is shown of a revision that replaces a signed one, while it is drafted and reviewed again", () => {
    const it = ceremonyAt("signing");
    const { nonce } = it.state.review?.transactions[0]?.tx ?? {};
    it.must({
      kind: "revise",
      by: { person: "ada", account: "console:ada" },
      package: { ...it.package, title: "Another" },
    });
    expect(it.state.status).toBe("drafted");
    const [leg] = it.state.package.legs;
    expect(left(it)).toContain(`${leg?.id}/upgrade as it was signed before (nonce ${nonce})`);
    it.must(it.check()).must(it.openReview());
    expect(left(it)?.length).toBeGreaterThan(0);
  });

  test("is nothing in a ceremony that goes its way", () => {
    for (const stage of ["drafted", "in review", "signing", "scheduled", "canary", "closed"] as const)
      expect(left(ceremonyAt(stage)), stage).toBeUndefined();
  });
});

describe("a breach", () => {
  const breached = (it: Ceremony) => {
    const [metric] = it.policy.metrics;
    if (metric === undefined) throw new Error("Policy has a metric.");
    const sentence = `${metric.title} is 9 bps, and must be at least 10,000 bps`;
    it.observe({ what: "breach", metric: metric.id, block: it.block(mainnet), value: "9", sentence });
    return { metric, sentence };
  };

  test("changes the ceremony's card: the word, the tone, and what is wanted first", () => {
    const it = ceremonyAt("canary");
    const { metric, sentence } = breached(it);
    const shown = card(it);
    expect(shown).toMatchObject({ tone: "bad", status: `SEV${metric.severity} breach` });
    expect(shown.summary).toMatch(/, and must be at least 10,000 bps \(block \d+\)\. Any guardian can contain it: /);
    expect(shown.sections[0]).toMatchObject({
      title: "Breaches",
      lines: [expect.stringContaining(`OPEN · ${sentence}`)],
    });
  });
});

describe("every event has a sentence", () => {
  const it = ceremonyAt("canary");
  const seen = new Map<EventType, { it: Ceremony; one: LoggedEvent }>();
  for (const stage of live) {
    const ceremony = ceremonyAt(stage);
    for (const one of ceremony.log.map(parseEvent)) seen.set(one.type, { it: ceremony, one });
  }
  const by = { person: "ben", account: "console:ben" };
  const block = it.block(mainnet);
  const [leg] = it.state.package.legs.map((one) => one.id);
  const rare: { [T in EventType]?: Extract<LoggedEvent, { type: T }>["data"] } = {
    revised: { revision: 2, package: it.package, packageHash: hashOf("p"), by },
    checkFailed: {
      revision: 1,
      findings: [
        {
          gate: "preflight",
          code: "preflight/from",
          severity: "refuse",
          message: "It runs something else.",
          evidence: "",
          fix: "",
        },
      ],
      evidenceHash: hashOf("e"),
      by,
    },
    overridden: { code: "layout/renamed", by, reason: "Only the name", expiresAt: 1_800_000_000n, revision: 1 },
    refusalsOverridden: { revision: 1, codes: ["layout/renamed"] },
    denied: { digest: hashOf("d"), by, reason: "The fee is wrong" },
    withdrawn: { by, what: "denial" },
    quorumLost: { people: ["ben"] },
    digestVoided: { reason: "the Safe is at nonce 8" },
    executionFailed: { leg: leg ?? "", purpose: "upgrade", hash: hashOf("h"), reason: "the transaction reverted" },
    executionRequested: { purpose: "upgrade", legs: [leg ?? ""], by },
    rollbackReadied: { legs: [leg ?? ""], block },
    released: { by },
    breached: { metric: "m", severity: 1, containment: "c", block, value: "1", sentence: "It is 1, and must be 2" },
    breachCleared: { metric: "m", block },
    doubted: { about: "unwatched", metrics: ["m"], sentence: "M could not be read in 5 blocks", block },
    doubtOver: { about: "unwatched", metrics: ["m"], block },
    exitLost: { exit: `${leg}/rollback`, reasons: ["nonce"], sentence: "Its nonce was used", block },
    exitMended: { exit: `${leg}/rollback`, block },
    containmentFailed: { containment: "c", reason: "the transaction reverted" },
    budgetSpent: { phase: 0, left: 40, reason: "30 min inconclusive", block },
    budgetExtended: { phase: 0, people: ["ben", "caro", "dev"], cause: "a bad price", block },
    resumeSupported: { by, cause: "a bad price" },
    resumed: { people: ["ben", "dev"], cause: "a bad price" },
    operationRemoved: { tx: `${leg}/rollback`, block },
    supersededSeen: {
      ...{ tx: `${leg}/upgrade`, safeTxHash: hashOf("s"), operationId: hashOf("o") },
      ...{ timelock: addressOf("timelock"), block },
    },
    siblingSeen: {
      ...{
        chain: block.chain,
        safe: addressOf("council"),
        nonce: 7n,
        safeTxHash: hashOf("sibling"),
        tx: `${leg}/upgrade`,
      },
      ...{ differs: ["it is a DELEGATECALL"], signatures: 1 },
    },
    nonceUsed: { tx: "reject/eip155:1/0x/7", block },
    refused: { intent: "approve", by, code: "role", sentence: "You cannot." },
  };

  test.each(eventTypes)("%s", (type) => {
    const known = seen.get(type);
    const data = rare[type];
    if (known === undefined && data === undefined) throw new Error(`No stage and no sample shows ${type}.`);
    const one = known?.one ?? ({ type, data, seq: 9, at: 1n, hash: hashOf("x") } as LoggedEvent);
    const { text, tone } = eventSentence((known?.it ?? it).state, one, it.policy);
    expect(text).toMatch(/^[A-Z0-9a-z].{8,}/);
    expect(text).not.toBe(type);
    expect(text).toContain(" ");
    expect(text).not.toMatch(/undefined|null|\[object|quorate/);
    expect(["neutral", "progress", "good", "warning", "bad"]).toContain(tone);
  });

  test("and an execution by somebody unknown is not put down to Quorate", () => {
    const nobody = { ...system, account: "wallet:0x00000000000000000000000000000000000000aa" };
    const one = {
      type: "legExecuted",
      data: { leg: leg ?? "", purpose: "upgrade", hash: hashOf("h"), block, by: nobody },
      seq: 9,
      at: 1n,
      hash: hashOf("x"),
    } satisfies LoggedEvent;
    expect(eventSentence(it.state, one, it.policy)).toMatchObject({
      tone: "warning",
      text: expect.stringMatching(/ sent by somebody unknown to policy \(0x0+aa\)\.$/),
    });
  });
});
