/** The pure rules about people, driven by the sample council: who asks, and what it leads to. */

import { expect } from "vitest";
import type { Actor } from "../../src/domain/events.ts";
import { evolvePeople, nobodyYet, type PeopleState, peopleNow } from "../../src/domain/people.ts";
import { decidePeople } from "../../src/domain/people-decide.ts";
import type { PeopleDecision, PeopleIntent } from "../../src/domain/people-decision.ts";
import type { PeopleEvent } from "../../src/domain/people-events.ts";
import type { Person, Policy, Role } from "../../src/domain/policy.ts";
import { type Address, zeroHash } from "../../src/domain/primitives.ts";
import { hashOf, mainnet, type Name, START, samplePolicy, walletOf } from "./sample-council.ts";

/** Ada, Dev and Gus are admins; Caro, Dev, Finn and Gus guardians. */
export const rolesWithAdmins: Record<Name, readonly Role[]> = {
  ada: ["proposer", "admin"],
  ben: ["proposer", "approver"],
  caro: ["approver", "guardian"],
  dev: ["approver", "guardian", "admin"],
  eve: ["executor"],
  finn: ["approver", "guardian"],
  gus: ["executor", "guardian", "admin"],
};

/** An intent without who wants it. */
export type Wanted = PeopleIntent extends infer One ? (One extends { by: Actor } ? Omit<One, "by"> : never) : never;

export class PeopleDriver {
  readonly files: Policy;
  state: PeopleState = nobodyYet;
  now = START;

  constructor(roles: Record<Name, readonly Role[]> = rolesWithAdmins) {
    this.files = samplePolicy({ roles });
  }

  get policy(): Policy {
    return { ...this.files, people: peopleNow(this.files.people, this.state) };
  }

  person(id: string): Person {
    const found = this.policy.people.find((one) => one.id === id);
    if (found === undefined) throw new Error(`The sample council has no ${id}.`);
    return found;
  }

  ask(who: string, wanted: Wanted, platform = "console"): PeopleDecision {
    const by = { person: who, account: `${platform}:${who}` };
    return decidePeople(this.state, { ...wanted, by } as PeopleIntent, this.policy, this.now);
  }

  /** Decides, and takes what happened; the types of the events, or the refusal's code. */
  does(who: string, wanted: Wanted, platform = "console"): string[] | string {
    const decision = this.ask(who, wanted, platform);
    if (!decision.ok) return decision.refusal.code;
    this.take(decision.events);
    return decision.events.map((one) => one.type);
  }

  take(events: readonly PeopleEvent[]): void {
    for (const one of events)
      this.state = evolvePeople(this.state, { ...one, seq: this.state.seq + 1, at: this.now, hash: zeroHash });
  }

  refused(who: string, wanted: Wanted, code: string, sentence: RegExp): void {
    const decision = this.ask(who, wanted);
    expect(decision.ok ? decision.events.map((one) => one.type) : decision.refusal.code).toBe(code);
    if (!decision.ok) expect(decision.refusal.sentence).toMatch(sentence);
  }

  /** A link that the person asked for, by its id. */
  asksLink(who: string): string {
    const nonce = `${who} ${this.state.links.length}`;
    const asked = this.does(who, {
      ...{ kind: "requestLink", tokenHash: hashOf(`token ${nonce}`), nonceHash: hashOf(`nonce ${nonce}`) },
      ...{ domain: "quorate.example.org", uri: "https://quorate.example.org/sign", chain: mainnet },
    });
    expect(asked).toContain("linkRequested");
    return this.state.links.at(-1)?.id ?? "";
  }

  /** What the wallet's signature leads to. */
  proves(who: string, request: string, wallet: Address): string[] | string {
    return this.does(who, proof(request, wallet));
  }

  /** Asked for and proved. */
  proved(who: string, wallet: Address = walletOf(who, 3)): string {
    const id = this.asksLink(who);
    expect(this.proves(who, id, wallet)).toEqual(["linkProved"]);
    return id;
  }

  passes(seconds: bigint): void {
    this.now += seconds;
  }
}

export function proof(request: string, wallet: Address, reserved: Address[] = []) {
  return {
    ...({ kind: "proveLink", request, wallet, reserved } as const),
    ...{ message: hashOf(`text of ${request}`), signature: hashOf(`signature of ${request}`) },
  };
}
