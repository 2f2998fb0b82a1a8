/** The chain, the policy files and the reads changed behind the council's back; the bot has to see it at the next step. */

import { encodeFunctionData, parseAbi } from "viem";
import { readLegs, readSafes } from "../../ceremonies/facts.ts";
import type { CeremonyState } from "../../domain/ceremony.ts";
import type { LegFacts, SafeNow } from "../../domain/intent.ts";
import type { Policy } from "../../domain/policy.ts";
import { personById } from "../../domain/policy.ts";
import { safeTxHashes } from "../../domain/safe-tx.ts";
import { signable } from "../../domain/signing.ts";
import { operationOf } from "../../domain/wind-down.ts";
import { localWallet } from "../../embedded/wallet.ts";
import type { SignatureItem } from "../../view.ts";
import { CEREMONY } from "../stage.ts";
import { ACCEPTED, type Attempt, type Moment, type Row, refusing } from "./row.ts";
import { approvesLate, by, executes, rollsBack, schedules } from "./tries.ts";
import {
  beaconSlots,
  implementationSlot,
  minedAt,
  replaceCode,
  replaceFirstOwner,
  STOP,
  safeSlots,
  sentBy,
  setCode,
  setSlot,
  stranger,
} from "./world.ts";

async function stateOf({ branch }: Attempt): Promise<CeremonyState> {
  const state = await branch.quorate.ledger.load(CEREMONY);
  if (state === undefined) throw new Error("There is no ceremony.");
  return state;
}

/** Caro's wallet signs whatever is asked of it, honestly. */
async function signs(it: Attempt): Promise<string> {
  const { policy, world } = it.stage.running;
  const state = await stateOf(it);
  const caro = personById(policy, "caro");
  const [tx] = caro === undefined ? [] : signable(state, caro, policy);
  if (tx === undefined) return "nothing to sign";
  const hashes = safeTxHashes(tx.tx);
  const item: SignatureItem = { kind: "signature", purpose: tx.id, tx: tx.tx, hashes, sentences: [] };
  const signature = await localWallet("caro", world.url).signTypedData(item);
  return refusing(() => it.branch.quorate.intake.signature("console:caro", CEREMONY, hashes.safeTxHash, signature));
}

type Try = (it: Attempt) => Promise<string>;
const tries: Record<string, Try> = {
  approve: approvesLate,
  sign: signs,
  schedule: schedules,
  execute: executes,
  "roll back": rollsBack,
};

function row(at: Moment, step: string, field: string, layer: string, tamper: (it: Attempt) => Promise<void>): Row {
  return { at, step, field, layer, tamper, attempt: tries[step] ?? (async () => ACCEPTED) };
}

const guardianAbi = parseAbi(["function cancel(bytes32 id)"]);

const worldOf = ({ stage }: Attempt) => stage.running.world;
const nodeOf = (it: Attempt) => worldOf(it).node;
const implementations = (it: Attempt) => worldOf(it).implementations;

/** What is done to the chain, by name. */
const done = {
  newCode: (it: Attempt) => replaceCode(nodeOf(it), implementations(it).poolV2, implementations(it).poolV2Leaky),
  oldCode: (it: Attempt) => replaceCode(nodeOf(it), implementations(it).poolV1, implementations(it).poolV2Leaky),
  vaultCode: (it: Attempt) =>
    replaceCode(nodeOf(it), implementations(it).vaultV2, implementations(it).vaultV2Inflating),
  preconditions: (it: Attempt) => setCode(nodeOf(it), worldOf(it).preconditions, STOP),
  beacon: (it: Attempt) =>
    setSlot(nodeOf(it), worldOf(it).pilotBeacon, beaconSlots.implementation, implementations(it).poolV2Leaky),
  vault: (it: Attempt) =>
    setSlot(nodeOf(it), worldOf(it).vault, implementationSlot, implementations(it).vaultV2Inflating),
  nonce: (it: Attempt) => setSlot(nodeOf(it), worldOf(it).councilSafe, safeSlots.nonce, 1n),
  guardianNonce: (it: Attempt) => setSlot(nodeOf(it), worldOf(it).guardianSafe, safeSlots.nonce, 1n),
  threshold: (it: Attempt) => setSlot(nodeOf(it), worldOf(it).councilSafe, safeSlots.threshold, 1n),
  async owners({ stage: { running } }: Attempt) {
    const { world, chains } = running;
    const { owners } = await chains.get(`eip155:${world.chainId}`).safe(world.councilSafe);
    await replaceFirstOwner(world.node, world.councilSafe, owners);
  },
  async cancelled(it: Attempt) {
    const { world } = it.stage.running;
    const id = operationOf(await stateOf(it), "pilot", "upgrade");
    const data = encodeFunctionData({ abi: guardianAbi, args: [id] });
    await sentBy(world, world.guardianSafe, world.timelock, data);
  },
  async late(it: Attempt) {
    const { package: pkg } = await stateOf(it);
    await minedAt(it.stage.running.world, (pkg.phases[0]?.window.notAfter ?? 0n) + 1n);
  },
  async lateRollback(it: Attempt) {
    const { package: pkg } = await stateOf(it);
    await minedAt(it.stage.running.world, (pkg.legs[0]?.rollback.notAfter ?? 0n) + 1n);
  },
};

const chain: Row[] = [
  row("approved", "sign", "Safe: nonce taken", "integrity/safe-nonce", done.nonce),
  row("approved", "sign", "Safe: an owner replaced", "integrity/safe-owners", done.owners),
  row("approved", "sign", "Safe: threshold lowered", "integrity/safe-owners", done.threshold),
  row("signed", "schedule", "Safe: nonce taken", "integrity/safe-nonce", done.nonce),
  row("signed", "schedule", "guardian Safe: nonce taken", "integrity/safe-nonce", done.guardianNonce),
  row("signed", "schedule", "Safe: an owner replaced", "integrity/safe-owners", done.owners),
  row("signed", "schedule", "Safe: threshold lowered", "integrity/safe-owners", done.threshold),
  row("signed", "schedule", "new implementation: code", "integrity/code-hash", done.newCode),
  row("signed", "schedule", "old implementation: code", "integrity/rollback-code", done.oldCode),
  row("signed", "schedule", "Preconditions: code", "integrity/preconditions-code", done.preconditions),
  row("signed", "schedule", "beacon upgraded behind the council's back", "integrity/from-implementation", done.beacon),
  row("signed", "schedule", "vault upgraded behind the council's back", "integrity/from-implementation", done.vault),
  row("signed", "schedule", "main's new implementation: code", "integrity/code-hash", done.vaultCode),
  row("ready", "execute", "new implementation: code", "integrity/code-hash", done.newCode),
  row("ready", "execute", "old implementation: code", "integrity/rollback-code", done.oldCode),
  row("ready", "execute", "Preconditions: code", "integrity/preconditions-code", done.preconditions),
  row("ready", "execute", "beacon upgraded behind the council's back", "integrity/from-implementation", done.beacon),
  row("ready", "execute", "timelock: operation cancelled", "integrity/operation-state", done.cancelled),
  row("ready", "execute", "block time after the window", "integrity/window", done.late),
  row("canary", "roll back", "old implementation: code", "integrity/rollback-code", done.oldCode),
  row("canary", "roll back", "block time after the rollback's end", "integrity/window", done.lateRollback),
];

const early: Row[] = [
  {
    at: "scheduled",
    step: "execute",
    field: "block time before the delay is over",
    layer: "state/scheduled",
    attempt: executes,
  },
  {
    at: "scheduled",
    step: "approve",
    field: "one more vote, after it was sent",
    layer: "state/scheduled",
    attempt: approvesLate,
  },
];

const anotherWallet = (policy: Policy): Policy => ({
  ...policy,
  people: policy.people.map((one) => (one.id === "gus" ? { ...one, wallets: [...one.wallets, stranger] } : one)),
});
const anotherRole = (policy: Policy): Policy => ({
  ...policy,
  people: policy.people.map((one) => (one.id === "gus" ? { ...one, roles: [...one.roles, "approver"] } : one)),
});
const lowerQuorum = (policy: Policy): Policy => ({
  ...policy,
  lanes: { ...policy.lanes, routine: { ...policy.lanes.routine, quorum: 1 } },
});
const fewerMetrics = (policy: Policy): Policy => ({ ...policy, metrics: policy.metrics.slice(1) });
const laxMetric = (policy: Policy): Policy => ({
  ...policy,
  metrics: policy.metrics.map((one, index) => (index === 0 ? { ...one, severity: 3 } : one)),
});

const policies: Row[] = (
  [
    ["approved", "approve", "policy: a role given", "integrity/authority-policy", anotherRole],
    ["approved", "sign", "policy: quorum lowered", "integrity/authority-policy", lowerQuorum],
    ["signed", "schedule", "policy: a wallet linked", "integrity/authority-policy", anotherWallet],
    ["signed", "schedule", "policy: quorum lowered", "integrity/authority-policy", lowerQuorum],
    ["ready", "execute", "policy: a role given", "integrity/authority-policy", anotherRole],
    ["approved", "approve", "metrics: one dropped", "integrity/metrics", fewerMetrics],
    ["signed", "schedule", "metrics: one weakened", "integrity/metrics", laxMetric],
    ["ready", "execute", "metrics: one dropped", "integrity/metrics", fewerMetrics],
  ] as const
).map(([at, step, field, layer, policy]) => ({
  ...{ at, step, field, layer, policy },
  attempt: tries[step] ?? approvesLate,
}));

/** Facts that never arrived, or arrived for something else. */
async function reads(it: Attempt): Promise<{ legs: LegFacts[]; safes: SafeNow[] }> {
  const state = await stateOf(it);
  const { chains } = it.stage.running;
  const legs = state.package.legs.map((leg) => leg.id);
  return { legs: await readLegs(chains, state, legs, "upgrade"), safes: await readSafes(chains, state) };
}

function withFacts(
  at: Moment,
  kind: "schedule" | "execute",
  field: string,
  layer: string,
  change: (facts: { legs: LegFacts[]; safes: SafeNow[] }) => Partial<{ legs: LegFacts[]; safes: SafeNow[] }>,
): Row {
  return {
    ...{ at, step: kind, field, layer },
    async attempt(it) {
      const read = await reads(it);
      const { legs, safes } = { ...read, ...change(read) };
      const { ledger } = it.branch.quorate;
      return refusing(() =>
        kind === "schedule"
          ? ledger.handle(CEREMONY, { kind, by: by("ben"), legs, safes })
          : ledger.handle(CEREMONY, { kind, by: by("eve"), legs }),
      );
    },
  };
}

const facts: Row[] = [
  withFacts("signed", "schedule", "reads: a Safe left out", "integrity/safe-facts", ({ safes }) => ({
    safes: safes.slice(1),
  })),
  withFacts("signed", "schedule", "reads: a leg left out", "integrity/leg-facts", ({ legs }) => ({
    legs: legs.slice(1),
  })),
  withFacts("ready", "execute", "reads: the leg left out", "integrity/leg-facts", ({ legs }) => ({
    legs: legs.slice(1),
  })),
  withFacts("ready", "execute", "reads: another operation's state", "integrity/operation-id", ({ legs }) => ({
    legs: legs.map((one) => ({ ...one, operation: legs[1]?.operation ?? one.operation })),
  })),
];

export const chainRows: readonly Row[] = [...chain, ...early, ...policies, ...facts];
