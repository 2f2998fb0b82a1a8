/** From a proposal to a review: propose, revise, record a check, open the review, cancel. */

import { canonicalJson } from "./canonical.ts";
import type { ChainPolicy } from "./chain-policy.ts";
import { unfitContainment } from "./containment-fit.ts";
import { accept, type Decision, refuse, type Setting, withoutRole } from "./decision.ts";
import { approvalDigest } from "./digest.ts";
import { duration } from "./duration.ts";
import { event } from "./events.ts";
import { fullExposure, symbolicCanary } from "./exposure.ts";
import { chainTime, type Intent, type Now, type SafeNow } from "./intent.ts";
import { silentChildren, silentInWords } from "./nested-safes.ts";
import { isCheckGood } from "./overrides.ts";
import { authorityPolicyHash, metricsHash, namesOf, type Policy, personOfWallet } from "./policy.ts";
import { isOutdated } from "./policy-change.ts";
import { upgradePreconditions } from "./preconditions.ts";
import { leastRollbackEnd } from "./presigned.ts";
import type { Address } from "./primitives.ts";
import {
  type Leg,
  legById,
  type Precondition,
  packageHash,
  phaseOfLeg,
  proxyChanges,
  type ReleasePackage,
} from "./release-package.ts";
import { eligible } from "./separation.ts";
import { canBeCompleted } from "./signing-capacity.ts";
import { releaseTransactions, safeKey } from "./transactions.ts";

type Of<K extends Intent["kind"]> = Extract<Intent, { kind: K }>;

/** The first event of a ceremony. */
export function propose(intent: Of<"propose">, policy: Policy, now: Now): Decision {
  const role = withoutRole(policy, intent.by, ["proposer"], "propose an upgrade");
  if (role !== undefined) return { ok: false, refusal: role };
  const problem = unfit(intent.package, policy, now);
  if (problem !== undefined) return refuse("package", `Nothing was proposed: ${problem}.`);
  return accept(event("drafted", { package: intent.package, packageHash: packageHash(intent.package), by: intent.by }));
}

/** Any edit is a new revision; it voids every vote, and signatures in the sense of trust rule 5. */
export function revise(intent: Of<"revise">, { state, policy, now }: Setting): Decision {
  const role = withoutRole(policy, intent.by, ["proposer"], `revise ${state.id}`);
  if (role !== undefined) return { ok: false, refusal: role };
  if (state.scheduleRequestedBy !== undefined)
    return refuse(
      "revise/sending",
      `${state.id} is being sent to the timelock and cannot be revised: cancel it instead.`,
    );
  const hash = packageHash(intent.package);
  if (hash === state.packageHash)
    return refuse("revise/same", `Nothing was changed: this is revision ${state.revision} again.`);
  const problem = unfit(intent.package, policy, now);
  if (problem !== undefined) return refuse("package", `${state.id} was not revised: ${problem}.`);
  return accept(
    event("revised", { revision: state.revision + 1, package: intent.package, packageHash: hash, by: intent.by }),
  );
}

/** Why a package cannot be a ceremony of this council; undefined where it can. */
function unfit(pkg: ReleasePackage, policy: Policy, now: Now): string | undefined {
  if (pkg.authorityPolicyHash !== authorityPolicyHash(policy))
    return "the package was built under another authority policy; build it again";
  if (pkg.metricsHash !== metricsHash(policy)) return "the package was built with other invariants; build it again";
  const lane = policy.lanes[pkg.lane];
  for (const leg of pkg.legs) {
    const chain = policy.chains.find((one) => one.id === leg.chain);
    if (chain === undefined) return `policy knows no chain ${leg.chain}`;
    if (chain.environment !== pkg.environment)
      return `${leg.chain} is ${chain.environment}, and the package is for ${pkg.environment}`;
    if (leg.authority.kind !== "safe+timelock")
      return `the leg ${leg.id} has no timelock, and this council's upgrades go through one`;
    if (leg.authority.safe !== chain.council) return `the Safe of the leg ${leg.id} is not the council's`;
    if (leg.authority.timelock !== chain.timelock) return `the timelock of the leg ${leg.id} is not the council's`;
    if (leg.authority.delay < lane.minDelay)
      return `a delay of ${duration(leg.authority.delay)} is shorter than the ${duration(lane.minDelay)} of the ${pkg.lane} lane`;
    if (leg.preconditionsAt !== chain.preconditions)
      return `the leg ${leg.id} names a Preconditions contract that policy does not know`;
    if (chain.guardian === chain.council)
      return `guardian and council on ${leg.chain} are one Safe, and containments need nonces of their own`;
    const misfit = misfitExecutor(pkg, leg, chain);
    if (misfit !== undefined) return misfit;
    const gap = unguarded(pkg, leg);
    if (gap !== undefined) return gap;
  }
  const late = pkg.phases.find((phase) =>
    phase.legs.some((id) => phase.window.notAfter <= chainTime(now, legById(pkg, id).chain)),
  );
  if (late !== undefined) return `the window of the phase ${late.id} is already over`;
  if (pkg.containment.length === 0) return "there is no prepared containment";
  const targeted = policy.targets.find((one) => one.id === pkg.target);
  const symbolic = symbolicCanary(pkg.phases, fullExposure(targeted?.phases ?? pkg.phases, targeted?.fullExposure));
  if (symbolic !== undefined) return symbolic;
  const strange = pkg.containment.find(
    (one) => policy.chains.find((chain) => chain.id === one.chain)?.guardian !== one.safe,
  );
  return strange === undefined
    ? unfitContainment(pkg, policy)
    : `the containment ${strange.id} is not the guardian Safe's`;
}

/**
 * Whoever executes could run what stands in the timelock: where that is the gas key, the rollback must not, and where it is
 * a person, there is no reason to make a rollback wait for its delay.
 */
function misfitExecutor(pkg: ReleasePackage, leg: Leg, { executor }: ChainPolicy): string | undefined {
  const { mode, notAfter } = leg.rollback;
  if (executor === "person")
    return mode === "prescheduled"
      ? undefined
      : `the rollback of the leg ${leg.id} is not scheduled together with the upgrade; on ${leg.chain} a person executes, so say prescheduled`;
  if (mode !== "presigned")
    return `the rollback of the leg ${leg.id} would stand in the timelock, where the gas key could run it; on ${leg.chain} the gas key executes, so say presigned`;
  const least = leastRollbackEnd(pkg, leg.id);
  if (notAfter < least)
    return `the rollback of the leg ${leg.id} ends at block time ${notAfter}, before it could have waited its delay after the canary; let it end at ${least} or later`;
  return [...leg.calls, ...leg.rollback.calls].some((call) => call.value > 0n)
    ? `a call of the leg ${leg.id} carries value, and on ${leg.chain} the gas key executes, which sends none`
    : undefined;
}

/** What the batch does not check on the chain although it must (trust rule 4), or the rollback does not put back. */
function unguarded(pkg: ReleasePackage, leg: Leg): string | undefined {
  const changes = proxyChanges(leg);
  const window = pkg.phases[phaseOfLeg(pkg, leg.id)]?.window ?? { notBefore: 0n, notAfter: 0n };
  const present = leg.preconditions.map(canonicalJson);
  const absent = upgradePreconditions(leg.chain, window, changes).find((one) => !present.includes(canonicalJson(one)));
  if (absent !== undefined)
    return `the leg ${leg.id} lacks a precondition that every batch carries: ${preconditionInWords(absent)}`;
  const restores = leg.rollback.restores.map(canonicalJson);
  const lost = changes.find(
    ({ proxy, fromImplementation, fromCodeHash }) =>
      !restores.includes(
        canonicalJson({ contract: proxy, implementation: fromImplementation, codeHash: fromCodeHash }),
      ),
  );
  return lost === undefined ? undefined : `the rollback of the leg ${leg.id} does not put ${lost.name} back`;
}

function preconditionInWords(one: Precondition): string {
  switch (one.kind) {
    case "notBefore":
    case "notAfter":
      return `not ${one.kind === "notBefore" ? "before" : "after"} block time ${one.time}`;
    case "chain":
      return `the chain number ${one.number}`;
    case "codeHash":
      return `the code at ${one.account}`;
    case "implementation":
      return `the implementation that ${one.contract} is upgraded from`;
  }
}

/** A check refuses, or lets the review open. */
export function recordCheck(intent: Of<"recordCheck">, { state }: Setting): Decision {
  const { revision, findings, evidenceHash, block, by } = intent;
  if (revision !== state.revision)
    return refuse(
      "check/revision",
      `The check was of revision ${revision}, and ${state.id} is at revision ${state.revision}: check again.`,
    );
  return findings.some((one) => one.severity === "refuse")
    ? accept(event("checkFailed", { revision, findings, evidenceHash, by }))
    : accept(event("checked", { revision, findings, evidenceHash, block, by }));
}

/** What resuming rests on; a refusal among the findings keeps people from it, and is kept all the same. */
export function recordResimulation({ kind: _kind, ...data }: Of<"recordResimulation">): Decision {
  return accept(event("resimulated", data));
}

/** Binds the checked revision to nonces and to one digest. `rivals`: ceremonies that hold the same Safe's nonces. */
export function openReview(intent: Of<"openReview">, setting: Setting): Decision {
  const { state, policy, now } = setting;
  const { check } = state;
  if (check === undefined || !isCheckGood(state, policy, now.wall))
    return refuse(
      "review/unchecked",
      `${state.id} has no passed check of revision ${state.revision}: use /upgrade check.`,
    );
  if (isOutdated(state, policy))
    return refuse(
      "review/policy",
      `${state.id} was written under another authority policy than the one that holds now: write a revision with /upgrade propose revises=${state.id}.`,
    );
  if (intent.rivals.length > 0)
    return refuse(
      "review/rival",
      `${state.id} waits: ${intent.rivals.join(", ")} holds the next nonces of the same Safe. Finish or cancel it, then check ${state.id} again.`,
    );
  const unread = safesOf(state.package).find(
    (one) => !intent.safes.some((safe) => safeKey(safe.chain, safe.address) === safeKey(one.chain, one.address)),
  );
  if (unread !== undefined)
    return refuse(
      "review/safes",
      `The Safe ${unread.address} was not read from ${unread.chain}: check ${state.id} again.`,
    );
  const impossible = unsatisfiable(intent.safes, setting);
  if (impossible !== undefined) return refuse("review/unsatisfiable", `${state.id} could never run: ${impossible}.`);
  const lane = policy.lanes[state.package.lane];
  const anchor = { packageHash: state.packageHash, auditHead: check.head };
  const transactions = releaseTransactions(state.package, anchor, intent.safes);
  const policyHash = authorityPolicyHash(policy);
  const digest = approvalDigest({
    packageHash: state.packageHash,
    revision: state.revision,
    evidenceHash: check.evidenceHash,
    authorityPolicyHash: policyHash,
    nonces: intent.safes.map((one) => one.nonce),
    safeTxHashes: transactions.map((one) => one.safeTxHash),
  });
  return accept(
    event("reviewOpened", {
      revision: state.revision,
      digest,
      auditHead: check.head,
      policyHash,
      quorum: lane.quorum,
      safes: intent.safes,
      transactions: transactions.map(({ id, safeTxHash }) => ({ id, safeTxHash })),
      expiresAt: now.wall + lane.approvalExpiry,
    }),
  );
}

/** Why no set of people could approve, sign and execute this package; undefined where one could (notes on roles, 13). */
function unsatisfiable(safes: readonly SafeNow[], { state, policy, rules }: Setting): string | undefined {
  const { quorum, proposerMaySign } = policy.lanes[state.package.lane];
  const able = eligible(state, "approve", policy, rules.separation);
  if (able.length < quorum)
    return `${quorum} ${quorum === 1 ? "approver is" : "approvers are"} needed, and ${able.length === 0 ? "nobody" : `only ${namesOf(policy, able)}`} could approve it`;
  const executors = eligible(state, "execute", policy, rules.separation);
  if (!executors.some((id) => able.filter((other) => other !== id).length >= quorum))
    return "nobody would be left to execute it who has neither written nor approved it";
  const isCouncil = (safe: SafeNow) => state.package.legs.some((leg) => leg.authority.safe === safe.address);
  const short = safes.find((safe) => {
    const personOf = (wallet: Address) => {
      const one = personOfWallet(policy, wallet);
      const may = proposerMaySign || !isCouncil(safe) || !state.proposers.includes(one?.id ?? "");
      return one === undefined || one.frozen || !may ? undefined : one.id;
    };
    return !canBeCompleted({ safe, personOf, given: [] });
  });
  if (short === undefined) return undefined;
  const few = `the Safe ${short.address} wants ${short.threshold} signatures, and fewer people of this council may give one`;
  return [few, ...silentInWords(silentChildren(short))].join(". ");
}

/** The Safes whose facts a review binds: the legs' and the containments'. */
export function safesOf(
  pkg: ReleasePackage,
): { chain: ReleasePackage["legs"][number]["chain"]; address: `0x${string}` }[] {
  const all = [
    ...pkg.legs.map((leg) => ({ chain: leg.chain, address: leg.authority.safe })),
    ...pkg.containment.map((one) => ({ chain: one.chain, address: one.safe })),
  ];
  return all.filter(
    (one, index) =>
      all.findIndex((other) => safeKey(other.chain, other.address) === safeKey(one.chain, one.address)) === index,
  );
}
