/** The release package: the canonical description of what will run (DESIGN.md; MISSION 20-25, 28). */

import { z } from "zod";
import { canonicalHash, canonicalJson } from "./canonical.ts";
import { containmentMarks } from "./containment.ts";
import { address, bytes, bytes32, chainId, type Hex, slug, uint } from "./primitives.ts";
import { reading } from "./watch/sources.ts";

const text = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((one) => one.isWellFormed(), "the text ends or breaks in half a character (RFC 8785 has no form for it)");

export const proxyKind = z.enum(["transparent", "uups", "beacon"]);

/** A plain CALL. `value` in wei. There is no delegatecall in a package. */
export const packageCall = z.strictObject({ to: address, value: uint, data: bytes, purpose: text(200) });
export type PackageCall = z.output<typeof packageCall>;

const proxyChange = z.strictObject({
  kind: z.literal("proxy"),
  /** The contract's name in the policy target. */
  name: slug,
  proxy: address,
  proxyKind,
  /** Whom the upgrade call goes to: ProxyAdmin, the proxy itself (UUPS), or the beacon. */
  admin: address,
  fromImplementation: address,
  fromCodeHash: bytes32,
  toImplementation: address,
  toCodeHash: bytes32,
  /** Run by the proxy in the same call as the upgrade; `0x` for none. */
  initData: bytes,
});
export type ProxyChange = z.output<typeof proxyChange>;

const callChange = z.strictObject({ kind: z.literal("call"), name: slug, contract: address, effect: text(300) });
const parameterChange = z.strictObject({
  kind: z.literal("parameter"),
  name: slug,
  contract: address,
  from: text(200),
  to: text(200),
});
const roleChange = z.strictObject({
  kind: z.literal("role"),
  name: slug,
  contract: address,
  role: bytes32,
  account: address,
  grant: z.boolean(),
});
const ownersChange = z.strictObject({
  kind: z.literal("safeOwners"),
  name: slug,
  safe: address,
  add: z.array(address),
  remove: z.array(address),
  threshold: uint,
});
export const change = z.discriminatedUnion("kind", [
  proxyChange,
  callChange,
  parameterChange,
  roleChange,
  ownersChange,
]);

export type Change = z.output<typeof change>;

/** Who decides on the leg's chain, and through what. `delay` in seconds. */
export const authority = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("safe"), safe: address }),
  z.strictObject({ kind: z.literal("safe+timelock"), safe: address, timelock: address, delay: uint }),
]);

/** What must hold at execution. `chain`: checked inside the batch. `bot`: only the bot checks it, and the card says so. */
export const precondition = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("notBefore"), time: uint, enforcedBy: z.literal("chain") }),
  z.strictObject({ kind: z.literal("notAfter"), time: uint, enforcedBy: z.literal("chain") }),
  z.strictObject({ kind: z.literal("chain"), number: uint, enforcedBy: z.literal("chain") }),
  z.strictObject({ kind: z.literal("codeHash"), account: address, codeHash: bytes32, enforcedBy: z.literal("chain") }),
  z.strictObject({
    kind: z.literal("implementation"),
    contract: address,
    implementation: address,
    enforcedBy: z.enum(["chain", "bot"]),
  }),
]);
export type Precondition = z.output<typeof precondition>;

/**
 * The executed reversing upgrade. It dies by itself after `notAfter` (block timestamp, seconds). Prescheduled, it stands in
 * the timelock with the upgrade; presigned, its signatures are kept, and it takes the timelock's delay once it is asked for.
 */
export const rollback = z.strictObject({
  mode: z.enum(["prescheduled", "presigned"]),
  calls: z.array(packageCall).min(1),
  restores: z.array(z.strictObject({ contract: address, implementation: address, codeHash: bytes32 })),
  notAfter: uint,
});

export const leg = z.strictObject({
  id: slug,
  chain: chainId,
  authority,
  /** The stateless Preconditions contract on this chain. */
  preconditionsAt: address,
  changes: z.array(change).min(1),
  calls: z.array(packageCall).min(1).max(50),
  preconditions: z.array(precondition),
  dependsOn: z.array(slug),
  notBefore: uint.optional(),
  rollback,
  expects: z.strictObject({
    events: z.array(z.strictObject({ address, topic: bytes32 })),
    storage: z.array(z.strictObject({ address, slot: bytes32, value: bytes32 })),
    authority: z.array(text(300)),
  }),
});
export type Leg = z.output<typeof leg>;

export const phase = z.strictObject({
  id: slug,
  legs: z.array(slug).min(1),
  /** Block timestamps, seconds, both ends included. */
  window: z.strictObject({ notBefore: uint, notAfter: uint }),
  /** What may be at risk: value in the asset's smallest unit. */
  exposure: z.strictObject({
    maxValue: uint,
    contracts: z.array(address),
    routes: z.array(text(100)),
    /** The metric that measures it, and where the protocol caps it; packages from before either was said have none. */
    metric: slug.optional(),
    cap: reading.optional(),
  }),
  /** Seconds. */
  minDuration: uint,
  minSamples: uint,
  metrics: z.array(slug),
  stopOn: z.array(slug),
});
export type Phase = z.output<typeof phase>;

/** Prepared beforehand, signed by the guardian Safe, one plain call; `class` is what it answers. */
export const containment = z.strictObject({
  id: slug,
  class: z.enum(["asset", "authorization", "economic", "liveness"]),
  action: text(200),
  chain: chainId,
  safe: address,
  calls: z.array(packageCall).length(1),
  /** The call that shows that it took effect, and what it must return. */
  readBack: z.strictObject({ to: address, data: bytes, returns: bytes }),
  ...containmentMarks,
});
export type Containment = z.output<typeof containment>;

const releasePackageShape = z.strictObject({
  schema: z.literal("quorate/package/1"),
  title: text(120),
  rationale: text(4000),
  target: slug,
  environment: text(40),
  lane: z.enum(["routine", "emergency"]),
  legs: z.array(leg).min(1),
  phases: z.array(phase).min(1),
  containment: z.array(containment),
  authorityPolicyHash: bytes32,
  metricsHash: bytes32,
  sources: z.array(z.strictObject({ repository: text(300), commit: text(64), artefactHash: bytes32 })),
  audits: z.array(z.strictObject({ name: text(120), url: text(500), hash: bytes32 })),
});

/** Parses and checks what spans several fields: every leg in exactly one phase, dependencies that exist, sane windows. */
export const releasePackage = releasePackageShape.superRefine((candidate, context) => {
  for (const problem of structureProblems(candidate)) context.addIssue({ code: "custom", message: problem });
});
export type ReleasePackage = z.output<typeof releasePackageShape>;

function structureProblems(pkg: ReleasePackage): string[] {
  const problems = [...repeated("phase", pkg.phases), ...repeated("containment", pkg.containment)];
  const legIds = pkg.legs.map((one) => one.id);
  for (const id of new Set(legIds)) {
    const phases = pkg.phases.filter((one) => one.legs.includes(id)).length;
    if (phases !== 1) problems.push(`leg ${id} belongs to ${phases} phases; it must belong to exactly one`);
    if (legIds.filter((other) => other === id).length > 1) problems.push(`two legs are called ${id}`);
  }
  for (const one of pkg.phases) {
    for (const id of one.legs)
      if (!legIds.includes(id)) problems.push(`phase ${one.id} names the leg ${id}, which is not there`);
    if (new Set(one.legs).size < one.legs.length) problems.push(`phase ${one.id} names a leg twice`);
    if (one.window.notBefore >= one.window.notAfter)
      problems.push(`phase ${one.id} has a window that ends before it starts`);
    if (one.metrics.length === 0)
      problems.push(`phase ${one.id} has no metric: its canary would have nothing to measure`);
  }
  for (const one of pkg.legs) {
    for (const id of one.dependsOn)
      if (!legIds.includes(id)) problems.push(`leg ${one.id} depends on ${id}, which is not there`);
      else if (!runsBefore(pkg, id, one.id))
        problems.push(`leg ${one.id} depends on ${id}, which does not run before it`);
    const last = pkg.phases.find((phase) => phase.legs.includes(one.id));
    if (last !== undefined && one.rollback.notAfter < last.window.notAfter + last.minDuration)
      problems.push(`the rollback of the leg ${one.id} could end before the canary of its phase does`);
    const other = pkg.legs.find((leg) => sameSafe(leg, one) && leg.rollback.mode !== one.rollback.mode);
    if (other !== undefined && one.rollback.mode === "presigned")
      problems.push(`the legs ${other.id} and ${one.id} share a Safe, and only one of their rollbacks is presigned`);
    if (one.authority.kind === "safe" && one.calls.length !== 1)
      problems.push(`leg ${one.id} has no timelock and therefore exactly one call, not ${one.calls.length}`);
  }
  return problems;
}

const sameSafe = (a: Leg, b: Leg) => a.chain === b.chain && a.authority.safe === b.authority.safe;

function repeated(what: string, list: readonly { id: string }[]): string[] {
  const twice = new Set(list.map((one) => one.id).filter((id, index, all) => all.indexOf(id) < index));
  return [...twice].map((id) => `two ${what}s are called ${id}`);
}

/** In order of the phases, and of the legs in a phase: the order in which they are scheduled. */
function runsBefore(pkg: Pick<ReleasePackage, "phases">, first: string, second: string): boolean {
  const order = pkg.phases.flatMap((one) => one.legs);
  return order.indexOf(first) < order.indexOf(second);
}

/** keccak256 of the RFC 8785 JSON of the package in canonical form. */
export function packageHash(pkg: ReleasePackage): Hex {
  return canonicalHash(canonicalForm(pkg));
}

/** Each item once, in the order of their RFC 8785 text: the only order that two spellings of one set share. */
function asSet<T>(list: readonly T[]): T[] {
  const byText = new Map(list.map((item) => [canonicalJson(item), item]));
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}

/**
 * Sets are sorted, so that writing them in another order is the same package. What runs or is signed in order keeps it:
 * calls, preconditions, restores, legs and phases; and so do the changes, which people read.
 */
export function canonicalForm(pkg: ReleasePackage): ReleasePackage {
  return {
    ...pkg,
    legs: pkg.legs.map((one) => ({
      ...one,
      changes: one.changes.map((item) =>
        item.kind === "safeOwners" ? { ...item, add: asSet(item.add), remove: asSet(item.remove) } : item,
      ),
      dependsOn: asSet(one.dependsOn),
      expects: {
        events: asSet(one.expects.events),
        storage: asSet(one.expects.storage),
        authority: asSet(one.expects.authority),
      },
    })),
    phases: pkg.phases.map((one) => ({
      ...one,
      exposure: {
        ...one.exposure,
        contracts: asSet(one.exposure.contracts),
        routes: asSet(one.exposure.routes),
      },
      metrics: asSet(one.metrics),
      stopOn: asSet(one.stopOn),
    })),
    containment: asSet(pkg.containment),
    sources: asSet(pkg.sources),
    audits: asSet(pkg.audits),
  };
}

export function phaseOfLeg(pkg: ReleasePackage, legId: string): number {
  return pkg.phases.findIndex((one) => one.legs.includes(legId));
}

export function legById(pkg: ReleasePackage, legId: string): Leg {
  const found = pkg.legs.find((one) => one.id === legId);
  if (found === undefined) throw new RangeError(`The package has no leg ${legId}.`);
  return found;
}

/** The proxies a leg changes. */
export function proxyChanges(one: Leg): ProxyChange[] {
  return one.changes.filter((item) => item.kind === "proxy");
}
