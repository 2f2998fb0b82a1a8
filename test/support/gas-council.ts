/** The sample council on chains where the gas key executes, and what it then proposes: rollbacks that are presigned. */

import type { Policy } from "../../src/domain/policy.ts";
import { type ReleasePackage, releasePackage } from "../../src/domain/release-package.ts";
import type { Ceremony } from "./ceremony-driver.ts";
import { ceremonyAt, type Stage } from "./given.ts";
import { addressOf, DELAY, samplePackage, samplePolicy } from "./sample-council.ts";

export const gasAccount = addressOf("gas account");

/** A policy that leaves execution to the gas key. */
export function gasPolicy(from: Policy = samplePolicy()): Policy {
  return { ...from, chains: from.chains.map((one) => ({ ...one, executor: "gas-key" as const })) };
}

/** The same package, with rollbacks that are presigned and have time for their delay. */
export function presigned(pkg: ReleasePackage): ReleasePackage {
  const legs = pkg.legs.map((leg) => ({
    ...leg,
    rollback: { ...leg.rollback, mode: "presigned" as const, notAfter: leg.rollback.notAfter + DELAY + 600n },
  }));
  return releasePackage.parse({ ...pkg, legs });
}

/** Policy and package of a ceremony that the gas key executes. */
export function byGas(): { policy: Policy; package: ReleasePackage } {
  const policy = gasPolicy();
  return { policy, package: presigned(samplePackage(policy)) };
}

const played = new Map<Stage, Ceremony>();

/** Such a ceremony at a stage; what is played once is copied. */
export function gasCeremonyAt(stage: Stage): Ceremony {
  const known = played.get(stage) ?? ceremonyAt(stage, byGas());
  played.set(stage, known);
  return known.copy();
}

/** The gas key signs what was asked of it, and the effect hands that in for who asked. */
export function sentByGas(it: Ceremony, who: string, leg: string, purpose: "upgrade" | "rollback" = "upgrade") {
  const intent = it.send(who, leg, purpose, gasAccount);
  return { ...intent, executors: [...intent.executors, gasAccount], gasAccount };
}
