/** Plays a ceremony through decide, the stored form, parseEvent and evolve, as the shell and the store do. */

import { type ChainedEvent, eventHash, genesisHash } from "../../src/domain/audit-log.ts";
import type { CanaryReport } from "../../src/domain/canary.ts";
import { type CeremonyState, onChainOf, transactionById } from "../../src/domain/ceremony.ts";
import { decide } from "../../src/domain/decide.ts";
import { allRules, type Decision, type Rules } from "../../src/domain/decision.ts";
import {
  type Actor,
  type CeremonyEvent,
  event,
  type Finding,
  parseEvent,
  storedData,
  system,
} from "../../src/domain/events.ts";
import { evolve } from "../../src/domain/evolve.ts";
import type { Intent, LegFacts, Now, Observation, SafeNow } from "../../src/domain/intent.ts";
import type { Policy } from "../../src/domain/policy.ts";
import { personById } from "../../src/domain/policy.ts";
import { preconditionsCodeHash } from "../../src/domain/preconditions.ts";
import { rollbacksToSend, scheduledAtOnce } from "../../src/domain/presigned.ts";
import type { Address, ChainId } from "../../src/domain/primitives.ts";
import { phaseAt } from "../../src/domain/release.ts";
import { legById, proxyChanges, type ReleasePackage } from "../../src/domain/release-package.ts";
import { signable } from "../../src/domain/signing.ts";
import { executeBatchData } from "../../src/domain/timelock.ts";
import { rollbackBatch, timelockOf, upgradeBatch } from "../../src/domain/transactions.ts";
import { operationOf } from "../../src/domain/wind-down.ts";
import { expectHouseStyle } from "./house-style.ts";
import {
  addressOf,
  councilOwners,
  guardianOwners,
  hashOf,
  type Name,
  START,
  samplePackage,
  samplePolicy,
  walletOf,
} from "./sample-council.ts";

export interface CeremonyOptions {
  policy?: Policy;
  rules?: Rules;
  package?: ReleasePackage;
  /** Owners of the council Safe. */
  owners?: readonly Name[];
}

type Purpose = "upgrade" | "rollback";

export const by = (person: string, platform = "console"): Actor => ({ person, account: `${platform}:${person}` });

export class Ceremony {
  readonly id = "UP-1";
  policy: Policy;
  rules: Rules;
  package: ReleasePackage;
  log: ChainedEvent[] = [];
  wall = START;
  /** Block time of every chain, seconds. */
  time = START;
  current: CeremonyState | undefined;
  #safes: SafeNow[];

  constructor({
    policy = samplePolicy(),
    rules = allRules,
    package: pkg,
    owners = councilOwners,
  }: CeremonyOptions = {}) {
    this.policy = policy;
    this.rules = rules;
    this.package = pkg ?? samplePackage(policy);
    const safe = (chain: ChainId, address: Address, people: readonly Name[], threshold: number) => {
      const all = people.map((one) => walletOf(one));
      return { address, chain, version: "1.4.1", nonce: 7n, threshold, owners: all, nested: [] };
    };
    this.#safes = policy.chains.flatMap(({ id, council, guardian }) => [
      safe(id, council, owners, 3),
      safe(id, guardian, guardianOwners, 2),
    ]);
  }

  /** Another ceremony with the same past. */
  copy(): Ceremony {
    const other = new Ceremony({ policy: this.policy, rules: this.rules, package: this.package });
    Object.assign(other, { log: [...this.log], wall: this.wall, time: this.time, current: this.current });
    other.#safes = [...this.#safes];
    return other;
  }

  get state(): CeremonyState {
    if (this.current === undefined) throw new Error("Nothing was proposed yet.");
    return this.current;
  }

  get now(): Now {
    const head = { number: this.time / 12n, hash: hashOf(`block at ${this.time}`), timestamp: this.time };
    return { wall: this.wall, chains: this.policy.chains.map(({ id }) => ({ chain: id, ...head })) };
  }

  block(chain: ChainId) {
    return { chain, number: this.time / 12n, hash: hashOf(`block at ${this.time}`), timestamp: this.time };
  }

  /** Decides, and appends what comes of it, refusals too. */
  ask(intent: Intent): Decision {
    const decision = decide(this.current, intent, this.policy, this.now, this.rules);
    if (decision.ok) this.append(decision.events);
    else {
      expectHouseStyle(decision.refusal.sentence);
      const { code, sentence } = decision.refusal;
      if (this.current) this.append([event("refused", { intent: intent.kind, by: intent.by, code, sentence })]);
    }
    return decision;
  }

  /** As {@link ask}, for steps that a test takes for granted. */
  must(intent: Intent): this {
    const decision = this.ask(intent);
    if (!decision.ok)
      throw new Error(`${intent.kind} was refused: ${decision.refusal.code}: ${decision.refusal.sentence}`);
    return this;
  }

  append(events: readonly CeremonyEvent[]): void {
    for (const one of events) {
      const stream = `ceremony/${this.id}`;
      const seq = this.log.length + 1;
      const entry = { stream, seq, type: one.type, at: this.wall, data: storedData(one) };
      const stored = { ...entry, hash: eventHash(this.log.at(-1)?.hash ?? genesisHash(stream), entry) };
      const read = { ...stored, data: JSON.parse(JSON.stringify(stored.data)) };
      this.log.push(read);
      this.current = evolve(this.id, this.current, parseEvent(read));
    }
  }

  passTime(seconds: bigint): this {
    this.wall += seconds;
    this.time += seconds;
    return this;
  }

  // --- what the chain says ------------------------------------------------------------------------------------

  get safes(): SafeNow[] {
    const used = this.package.legs.map((one) => one.chain);
    return this.#safes.filter((one) => used.includes(one.chain));
  }

  safe(chain: ChainId, address: Address): SafeNow {
    const found = this.#safes.find((one) => one.chain === chain && one.address === address);
    if (found === undefined) throw new Error(`There is no Safe ${address}.`);
    return found;
  }

  changeSafe(chain: ChainId, address: Address, change: Partial<SafeNow>): this {
    this.#safes = this.#safes.map((one) =>
      one.chain === chain && one.address === address ? { ...one, ...change } : one,
    );
    return this;
  }

  legFacts(legs: readonly string[], purpose: Purpose): LegFacts[] {
    return legs.map((id) => {
      const leg = legById(this.state.package, id);
      const done = (what: Purpose) => this.state.executedLegs.some((one) => one.leg === id && one.purpose === what);
      const isNew = done("upgrade") && !done("rollback");
      const restores = leg.rollback.restores.map((one) => ({ account: one.implementation, codeHash: one.codeHash }));
      return {
        leg: id,
        operation: { id: operationOf(this.state, id, purpose), ...this.#operation(id, purpose) },
        implementations: proxyChanges(leg).map((one) => ({
          contract: one.proxy,
          implementation: isNew ? one.toImplementation : one.fromImplementation,
        })),
        codeHashes: [
          ...proxyChanges(leg).map((one) => ({ account: one.toImplementation, codeHash: one.toCodeHash })),
          ...restores,
          { account: leg.preconditionsAt, codeHash: preconditionsCodeHash },
        ],
      };
    });
  }

  #operation(leg: string, purpose: Purpose): { state: "Unset" | "Waiting" | "Ready" | "Done"; readyAt: bigint } {
    const known = onChainOf(this.state, `${leg}/${purpose}`);
    const readyAt = known?.readyAt ?? 0n;
    if (known === undefined || known.state === "cancelled") return { state: "Unset", readyAt };
    if (known.state === "done") return { state: "Done", readyAt };
    return { state: readyAt > 0n && readyAt <= this.time ? "Ready" : "Waiting", readyAt };
  }

  observe(seen: Observation): this {
    return this.must({ kind: "observe", by: system, seen });
  }

  // --- intents with the facts an honest shell would read --------------------------------------------------------

  propose = (who: string, pkg = this.package): Intent => ({ kind: "propose", by: by(who), package: pkg });
  check = (findings: Finding[] = []): Intent => {
    const { revision } = this.state;
    const evidenceHash = hashOf(`evidence of revision ${revision}`);
    const [leg] = this.package.legs;
    return {
      kind: "recordCheck",
      by: system,
      revision,
      findings,
      evidenceHash,
      block: this.block(leg?.chain ?? "eip155:1"),
    };
  };
  override = (who: string, code: string, lasts = 86_400n): Extract<Intent, { kind: "override" }> => ({
    ...{ kind: "override", by: by(who), code, lasts },
    reason: "the storage behind it was never used",
  });
  openReview = (): Intent => ({ kind: "openReview", by: system, safes: this.safes, rivals: [] });
  approve = (who: string, platform?: string): Intent => ({ kind: "approve", by: by(who, platform) });
  sign = (who: string, tx: string, wallet = walletOf(who)): Intent => {
    const wanted = transactionById(this.state, tx);
    if (wanted === undefined) throw new Error(`There is no transaction ${tx}.`);
    const safe = this.safe(wanted.tx.chain, wanted.tx.safe);
    const signature = hashOf(`signature of ${wallet} over ${wanted.safeTxHash}`);
    return { kind: "sign", by: by(who), tx, safeTxHash: wanted.safeTxHash, signature, recovered: wallet, safe };
  };
  schedule = (who: string): Intent => {
    const legs = this.legFacts(
      this.package.legs.map((one) => one.id),
      "upgrade",
    );
    return { kind: "schedule", by: by(who), safes: this.safes, legs };
  };
  execute = (who: string): Intent => ({
    kind: "execute",
    by: by(who),
    legs: this.legFacts(phaseAt(this.state).legs, "upgrade"),
  });
  send = (
    who: string,
    leg: string,
    purpose: Purpose = "upgrade",
    from = walletOf(who),
  ): Extract<Intent, { kind: "send" }> => {
    const { state } = this;
    const wanted = legById(state.package, leg);
    const anchor = { packageHash: state.packageHash, auditHead: state.review?.auditHead ?? hashOf("none") };
    const batch = (purpose === "upgrade" ? upgradeBatch : rollbackBatch)(state.package, wanted, anchor);
    const raw = hashOf(`${purpose} of ${leg} by ${from} after ${state.seq}`);
    const sent = {
      leg,
      purpose,
      hash: raw,
      raw,
      from,
      chain: wanted.chain,
      to: timelockOf(wanted).timelock,
      value: 0n,
      data: executeBatchData(batch),
    };
    const executors = this.policy.people.filter((one) => one.roles.includes("executor")).flatMap((one) => one.wallets);
    return { kind: "send", by: by(who), sent, legs: this.legFacts([leg], purpose), executors };
  };
  report = (change: Partial<CanaryReport> = {}): CanaryReport => ({
    phase: phaseAt(this.state).id,
    cleanBlocks: 50,
    cleanFor: 600n,
    notFinal: 0,
    knowsFinal: true,
    fails: 0,
    unknown: 0,
    unmeasured: [],
    tooFew: [],
    newestAge: 12n,
    exposure: undefined,
    budget: undefined,
    ...change,
  });
  advance = (who: string, change: Partial<CanaryReport> = {}): Intent => ({
    kind: "advance",
    gate: [],
    by: by(who),
    report: this.report(change),
  });
  hold = (who: string): Intent => ({ kind: "hold", by: by(who), reason: "something looks odd" });
  resume = (who: string): Extract<Intent, { kind: "resume" }> => ({
    kind: "resume",
    by: by(who),
    cause: "it was a false alarm",
    stillContained: false,
    report: this.report(),
  });
  resimulate = (findings: Finding[] = []): Intent => ({
    ...{ kind: "recordResimulation", by: system, findings, evidenceHash: hashOf(`as it was at ${this.time}`) },
    block: this.block(this.package.legs[0]?.chain ?? "eip155:1"),
  });
  contain = (who: string, containment = "pause-vault"): Extract<Intent, { kind: "contain" }> => {
    const [chain] = this.policy.chains;
    return {
      kind: "contain",
      by: by(who),
      containment,
      reason: "solvency fell",
      safe: this.safe(chain?.id ?? "eip155:1", chain?.guardian ?? addressOf("none")),
    };
  };
  rollback = (who: string): Extract<Intent, { kind: "rollback" }> => {
    const legs = [...new Set(this.state.executedLegs.map((one) => one.leg))];
    const reason = "version 2 loses money";
    return {
      kind: "rollback",
      gate: [],
      by: by(who),
      reason,
      legs: this.legFacts(legs, "rollback"),
      safes: this.safes,
    };
  };
  cancel = (who: string): Intent => ({ kind: "cancel", by: by(who), reason: "not today" });
  windDown = (): Intent => ({ kind: "windDown", by: system, safes: this.safes });

  // --- whole steps ----------------------------------------------------------------------------------------------

  /** Everything `who` is asked to sign. */
  signAll(who: string): this {
    const person = personById(this.policy, who);
    if (person === undefined) throw new Error(`There is no ${who}.`);
    for (const tx of signable(this.state, person, this.policy)) this.must(this.sign(who, tx.id));
    return this;
  }

  /** The gas key sends the schedules, and they are mined. */
  mineSchedules(): this {
    for (const { id, tx } of scheduledAtOnce(this.state)) {
      if (onChainOf(this.state, id) !== undefined) continue;
      this.observe({ what: "mined", tx: id, hash: hashOf(`schedule ${id}`), block: this.block(tx.chain) });
      this.changeSafe(tx.chain, tx.safe, { nonce: tx.nonce + 1n });
    }
    const readyAt = scheduledAtOnce(this.state).map(({ id, subject }) => ({
      tx: id,
      readyAt: this.time + timelockOf(legById(this.state.package, subject)).delay,
    }));
    return this.observe({ what: "operations", readyAt });
  }

  /** Presigned rollbacks that were asked for are sent by the gas key, and mined. */
  mineRollbacks(): this {
    for (const { id, subject, tx } of rollbacksToSend(this.state, this.state.rollbackBy?.legs ?? [])) {
      const readyAt = this.time + timelockOf(legById(this.state.package, subject)).delay;
      this.observe({ what: "mined", tx: id, hash: hashOf(`schedule ${id}`), block: this.block(tx.chain), readyAt });
      this.changeSafe(tx.chain, tx.safe, { nonce: tx.nonce + 1n });
    }
    return this;
  }

  becomeReady(): this {
    const [chain] = this.policy.chains;
    return this.observe({ what: "ready", phase: this.state.currentPhase, block: this.block(chain?.id ?? "eip155:1") });
  }

  /** What executors have sent is mined. */
  mineSent(): this {
    for (const { leg, purpose, hash, from } of this.state.sent) {
      const { chain } = legById(this.state.package, leg);
      this.observe({ what: "executed", leg, purpose, hash, block: this.block(chain), from });
    }
    return this;
  }

  containmentMined(id = "pause-vault"): this {
    const tx = transactionById(this.state, `containment/${id}`);
    if (tx === undefined) throw new Error(`There is no containment ${id}.`);
    this.changeSafe(tx.tx.chain, tx.tx.safe, { nonce: tx.tx.nonce + 1n });
    return this.observe({ what: "contained", containment: id, block: this.block(tx.tx.chain) });
  }
}
