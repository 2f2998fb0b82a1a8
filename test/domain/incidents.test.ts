/** An incident on a target: what it stops, what it leaves alone, and who settles it. */

import { describe, expect, test } from "vitest";
import { decide } from "../../src/domain/decide.ts";
import { system } from "../../src/domain/events.ts";
import { executionOf } from "../../src/domain/execution.ts";
import type { Intent } from "../../src/domain/intent.ts";
import {
  decideIncident,
  evolveIncidents,
  type IncidentIntent,
  type IncidentState,
  noIncidents,
  openIncidents,
  parseIncidentEvent,
  storedIncidentEvent,
  unreadableIncidents,
} from "../../src/domain/watch/incidents.ts";
import { nextSteps } from "../../src/domain/why.ts";
import { by, type Ceremony } from "../support/ceremony-driver.ts";
import { ceremonyAt, type Stage } from "../support/given.ts";
import { hashOf, mainnet, START, samplePackage, samplePolicy } from "../support/sample-council.ts";

const policy = samplePolicy();
const found = {
  incident: "INC-0badc0de",
  block: { chain: mainnet, number: 7n, hash: hashOf("block"), timestamp: START },
  targets: [samplePackage(policy).target],
  sentences: ["Vault was given new code."],
  sender: "Sent by nobody we know.",
};

/** What is decided while the incident is open. */
function decided(it: Ceremony, intent: Intent, incidents = [found]) {
  return decide(it.current, intent, it.policy, { ...it.now, incidents });
}

/** The intent by which somebody would go on from a stage. */
const goingOn: [Stage, (it: Ceremony) => Intent][] = [
  ["nothing", (it) => it.propose("ada")],
  ["signing", (it) => it.schedule("ada")],
  ["ready", (it) => it.execute("eve")],
  ["executing", (it) => it.send("eve", it.state.package.legs[0]?.id ?? "", "upgrade")],
  ["canary", (it) => it.advance("ben")],
  ["held", (it) => it.resume("ben")],
];

test("as much of it is kept as the log takes, however much an attacker does in one transaction, and it says how much more there was", () => {
  const sentences = Array.from({ length: 120 }, (_none, index) => `Role ${index} was given away. ${"x".repeat(5000)}`);
  const seen = { ...found, sentences, sender: "s".repeat(900) };
  const decision = decideIncident(noIncidents, { kind: "see", found: seen }, policy);
  const [event] = decision.ok ? decision.events : [];
  if (event?.type !== "seen") throw new Error("It was not seen.");
  const read = parseIncidentEvent({ ...storedIncidentEvent(event), seq: 1 });
  expect(read).toEqual(event);
  expect(event.data.sentences).toHaveLength(50);
  expect(event.data.sentences[0]).toMatch(/^Role 0 was given away\. /);
  expect(event.data.sentences.at(-1)).toBe("It did 71 more things of the kind.");
});

describe("an open incident", () => {
  test.each(goingOn)("stops what goes on from %s", (stage, intent) => {
    const it = ceremonyAt(stage);
    const stopped = decided(it, intent(it));
    expect(stopped).toMatchObject({ ok: false, refusal: { code: "incident/open" } });
    if (!stopped.ok)
      expect(stopped.refusal.sentence).toBe(
        `INC-0badc0de is open on ${found.targets[0]}: Vault was given new code. Until two people have settled it, only rolling back, containing and a package whose rationale names INC-0badc0de go on there. Settle it: /upgrade settle INC-0badc0de`,
      );
    // It is the incident that stops it, and only on its own target.
    for (const others of [[], [{ ...found, targets: ["another"] }]]) {
      const otherwise = decided(it, intent(it), others);
      expect(otherwise.ok ? "" : otherwise.refusal.code).not.toBe("incident/open");
    }
  });

  test("stops the link of the executor's wallet too", () => {
    const it = ceremonyAt("executing");
    const setting = { state: it.state, policy: it.policy, now: it.now, rules: it.rules };
    expect(executionOf(by("eve"), setting).ok).toBe(true);
    expect(executionOf(by("eve"), { ...setting, now: { ...it.now, incidents: [found] } })).toMatchObject({
      ok: false,
      refusal: { code: "incident/open" },
    });
  });

  test("leaves containing, rolling back, holding, denying and cancelling alone", () => {
    const cases: [Stage, (it: Ceremony) => Intent][] = [
      ["canary", (it) => it.contain("caro")],
      ["contained", (it) => it.rollback("gus")],
      ["canary", (it) => it.hold("caro")],
      ["scheduled", (it) => it.cancel("ada")],
    ];
    for (const [stage, intent] of cases) {
      const it = ceremonyAt(stage);
      expect(decided(it, intent(it)).ok).toBe(true);
    }
  });

  test("holds what runs at its target, once, and says why", () => {
    const look: Intent = { kind: "observe", by: system, seen: { what: "time", block: found.block } };
    for (const stage of ["in review", "scheduled", "ready", "executing", "canary"] as const) {
      const it = ceremonyAt(stage);
      expect(decided(it, look)).toEqual({
        ok: true,
        events: [
          {
            type: "held",
            data: { by: system, reason: "INC-0badc0de: Vault was given new code", incident: "INC-0badc0de" },
          },
        ],
      });
      expect(decided(it, look, [{ ...found, targets: ["another"] }])).toEqual({ ok: true, events: [] });
    }
    for (const stage of ["held", "closing", "closed", "cancelled"] as const)
      expect(decided(ceremonyAt(stage), look), stage).toEqual({ ok: true, events: [] });
  });

  test("is settled before the ceremony that it holds is resumed, and whoever asks what it waits for is told so", () => {
    const look: Intent = { kind: "observe", by: system, seen: { what: "time", block: found.block } };
    const heldBy = (incidents: Parameters<typeof decided>[2]) => {
      const it = ceremonyAt("canary");
      const decision = decided(it, look, incidents);
      it.append(decision.ok ? decision.events : []);
      return it.state;
    };
    expect(nextSteps(heldBy([found]), policy)[0]?.sentence).toMatch(
      /: Vault was given new code\. It goes on when two people have settled INC-0badc0de and somebody resumes it: Ben, /,
    );
    // What nobody can name nobody can settle.
    expect(nextSteps(heldBy([{ ...found, ...unreadableIncidents(policy) }]), policy)[0]?.sentence).toMatch(
      /quorate audit verify\. It goes on when somebody else resumes it: Ben, /,
    );
  });

  test("lets a package through that names it", () => {
    const it = ceremonyAt("nothing");
    const intent = it.propose("ada");
    if (intent.kind !== "propose") throw new Error("it is no proposal");
    const fix = { ...intent, package: { ...intent.package, rationale: "Puts right what INC-0badc0de did." } };
    expect(decided(it, fix).ok).toBe(true);
    expect(decided(it, fix, [found, { ...found, incident: "INC-00000001" }])).toMatchObject({ ok: false });
  });
});

describe("settling an incident", () => {
  /** Plays intents through; gives the refusal's code, or the events. */
  function play(...intents: IncidentIntent[]) {
    let state: IncidentState = noIncidents;
    const came = intents.map((intent) => {
      const decision = decideIncident(state, intent, policy);
      if (!decision.ok) return decision.refusal.code;
      for (const one of decision.events) state = evolveIncidents(state, { ...one, seq: state.seq + 1, at: 5n });
      return decision.events.map((one) => one.type).join();
    });
    return { came, open: openIncidents(state).map((one) => one.incident), state };
  }
  const see: IncidentIntent = { kind: "see", found };
  const settle = (who: string, note = "A hotfix, rolled back in UP-7.", incident = found.incident): IncidentIntent => ({
    kind: "settle",
    by: by(who),
    incident,
    note,
  });

  test("the same fact is one incident, however often it is seen", () => {
    const { came, open } = play(see, see);
    expect(came).toEqual(["seen", ""]);
    expect(open).toEqual([found.incident]);
  });

  test("takes two people who may, with a few words each", () => {
    const { came, open, state } = play(
      ...[see, settle("ben"), settle("ben"), settle("eve"), settle("caro", "ok"), settle("caro"), settle("dev"), see],
    );
    expect(came).toEqual([
      ...["seen", "settleSupported", "incident/alone", "role", "incident/note"],
      ...["settleSupported,settled", "incident/unknown", ""],
    ]);
    expect(open).toEqual([]);
    expect(state.incidents[0]?.supported.map((one) => one.person)).toEqual(["ben", "caro"]);
  });

  test("is refused for one that is not there, by its name", () => {
    const { came } = play(see, settle("ben", "A hotfix, rolled back.", "INC-ffffffff"));
    expect(came).toEqual(["seen", "incident/unknown"]);
  });

  test("is for others than whoever sent what it is about, by any of their wallets", () => {
    const wallet = policy.people.find((one) => one.id === "ben")?.wallets[0];
    if (wallet === undefined) throw new Error("ben has no wallet");
    const own: IncidentIntent = { kind: "see", found: { ...found, from: wallet } };
    expect(play(own, settle("ben"), settle("caro"), settle("ben"), settle("dev")).came).toEqual([
      ...["seen", "incident/cause", "settleSupported", "incident/cause", "settleSupported,settled"],
    ]);
    const decision = decideIncident(play(own).state, settle("ben"), policy);
    expect(decision.ok ? "" : decision.refusal.sentence).toMatch(
      /^You sent what INC-0badc0de is about, so others settle it\. Ask (?!.*Ben)/,
    );
    expect(play({ kind: "see", found }, settle("ben")).came).toEqual(["seen", "settleSupported"]);
  });

  test("does not count who was frozen since", () => {
    const { state } = play(see, settle("ben"));
    const frozen = { ...policy, people: policy.people.map((one) => ({ ...one, frozen: one.id === "ben" })) };
    const decision = decideIncident(state, settle("caro"), frozen);
    expect(decision.ok && decision.events.map((one) => one.type)).toEqual(["settleSupported"]);
  });
});
