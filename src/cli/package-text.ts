/** A release package for people: what runs, in which order, under which conditions, and how it is undone. */

import { utc } from "../ceremonies/cards/sentences.ts";
import { duration } from "../domain/duration.ts";
import {
  type Leg,
  legById,
  type PackageCall,
  type Phase,
  packageHash,
  type ReleasePackage,
} from "../domain/release-package.ts";
import { inertLine } from "../terminal/inert-line.ts";

/** Every field a signer must compare, as plain text. Ends with a line end. */
export function packageText(pkg: ReleasePackage): string {
  const lines = [
    pkg.title,
    ...pkg.rationale.split("\n").map((line) => `  ${line}`),
    "",
    `Target        ${pkg.target} (${pkg.environment}), ${pkg.lane} lane`,
    `Package hash  ${packageHash(pkg)}`,
    `Policy hash   ${pkg.authorityPolicyHash}`,
    `Metrics hash  ${pkg.metricsHash}`,
    ...pkg.phases.flatMap((phase, index) => ["", ...phaseLines(phase, index), ...legLines(pkg, phase)]),
    "",
    "Prepared containment",
    ...pkg.containment.map(
      (one) => `  ${one.id}: ${one.action}, by ${one.safe} on ${one.chain}: ${one.calls.map(callText).join("; ")}`,
    ),
    ...(pkg.containment.length === 0 ? ["  none"] : []),
    "",
    "Sources and audits",
    ...pkg.sources.map((one) => `  ${one.repository} at ${one.commit}, artefact ${one.artefactHash}`),
    ...pkg.audits.map((one) => `  ${one.name}: ${one.url}, ${one.hash}`),
    ...(pkg.sources.length + pkg.audits.length === 0 ? ["  none"] : []),
  ];
  return `${lines.map(inertLine).join("\n")}\n`;
}

function phaseLines(phase: Phase, index: number): string[] {
  return [
    `Phase ${index + 1}: ${phase.id}`,
    `  window      ${utc(phase.window.notBefore)} to ${utc(phase.window.notAfter)}`,
    `  canary      at least ${duration(phase.minDuration)} and ${phase.minSamples} samples of ${phase.metrics.join(", ")}`,
    `  stops on    ${phase.stopOn.join(", ") || "nothing"}`,
    `  at risk     ${phase.exposure.maxValue} of the asset's smallest unit at most`,
  ];
}

function legLines(pkg: ReleasePackage, phase: Phase): string[] {
  return phase.legs.flatMap((id) => {
    const leg = legById(pkg, id);
    return [
      `  Leg ${leg.id} on ${leg.chain}, decided by the Safe ${leg.authority.safe}${timelockText(leg)}`,
      ...(leg.dependsOn.length === 0 ? [] : [`    after ${leg.dependsOn.join(", ")}`]),
      ...leg.changes.map((one) => `    change    ${changeText(one)}`),
      ...leg.calls.map((one, index) => `    call ${index + 1}    ${callText(one)}`),
      ...leg.preconditions.map((one) => `    only if   ${conditionText(one)} (enforced by: ${one.enforcedBy})`),
      ...leg.rollback.calls.map((one) => `    rollback  ${callText(one)}`),
      `    rollback  ${leg.rollback.mode}, dies after ${utc(leg.rollback.notAfter)}`,
    ];
  });
}

function timelockText({ authority }: Leg): string {
  return authority.kind === "safe"
    ? ", without a timelock"
    : ` through the timelock ${authority.timelock}, ${duration(authority.delay)} later`;
}

function changeText(one: Leg["changes"][number]): string {
  switch (one.kind) {
    case "proxy":
      return `${one.name}, ${one.proxyKind} proxy ${one.proxy}: ${one.fromImplementation} (code ${one.fromCodeHash}) becomes ${one.toImplementation} (code ${one.toCodeHash})${one.initData === "0x" ? "" : `, and runs ${one.initData}`}`;
    case "call":
      return `${one.name} of ${one.contract}: ${one.effect}`;
    case "parameter":
      return `${one.name} of ${one.contract}: ${one.from} becomes ${one.to}`;
    case "role":
      return `${one.name}: the role ${one.role} of ${one.contract} is ${one.grant ? "granted to" : "taken from"} ${one.account}`;
    case "safeOwners":
      return `${one.name}: owners of ${one.safe}: add ${one.add.join(", ") || "none"}, remove ${one.remove.join(", ") || "none"}, threshold ${one.threshold}`;
  }
}

function conditionText(one: Leg["preconditions"][number]): string {
  switch (one.kind) {
    case "notBefore":
      return `it is ${utc(one.time)} or later`;
    case "notAfter":
      return `it is not later than ${utc(one.time)}`;
    case "chain":
      return `this is chain ${one.number}`;
    case "codeHash":
      return `${one.account} has the code ${one.codeHash}`;
    case "implementation":
      return `${one.contract} runs ${one.implementation}`;
  }
}

function callText({ to, value, data, purpose }: PackageCall): string {
  return `${purpose}: ${data} to ${to}${value === 0n ? "" : ` with ${value} wei`}`;
}
