/** Whether the calls of a release package do what its list of changes says, and carry the guards every batch must have. */

import { decodeFunctionData, parseAbi } from "viem";
import { canonicalJson } from "../../domain/canonical.ts";
import { upgradePreconditions } from "../../domain/preconditions.ts";
import type { Address, Hex } from "../../domain/primitives.ts";
import { upgradeCall } from "../../domain/proxy-calls.ts";
import {
  type Leg,
  type PackageCall,
  type ProxyChange,
  phaseOfLeg,
  proxyChanges,
  type ReleasePackage,
} from "../../domain/release-package.ts";

const upgrades = parseAbi([
  "function upgradeAndCall(address proxy, address implementation, bytes data) payable",
  "function upgradeToAndCall(address implementation, bytes data) payable",
  "function upgradeTo(address implementation)",
]);

/** Sentences; none where the package says of itself what its bytes say. */
export function packageProblems(pkg: ReleasePackage): string[] {
  return pkg.legs.flatMap((leg) => [...upgradeProblems(leg), ...guardProblems(pkg, leg), ...rollbackProblems(leg)]);
}

function upgradeProblems(leg: Leg): string[] {
  const changes = proxyChanges(leg);
  const makes = (call: PackageCall, change: ProxyChange) => sameCall(call, expectedCall(change));
  const missing = changes
    .filter((change) => !leg.calls.some((call) => makes(call, change)))
    .map((change) => `The package lists an upgrade of ${change.name}, and none of its calls makes that upgrade.`);
  const unlisted = leg.calls
    .filter((call) => upgradeIn(call) !== undefined && !changes.some((change) => makes(call, change)))
    .map((call) => `A call to ${call.to} upgrades something that the package does not list among its changes.`);
  return [...missing, ...unlisted];
}

function guardProblems(pkg: ReleasePackage, leg: Leg): string[] {
  const window = pkg.phases[phaseOfLeg(pkg, leg.id)]?.window ?? { notBefore: 0n, notAfter: 0n };
  const present = leg.preconditions.map(canonicalJson);
  return upgradePreconditions(leg.chain, window, proxyChanges(leg)).every((one) => present.includes(canonicalJson(one)))
    ? []
    : [
        `The calls of ${leg.id} lack a guard that every release carries: its time window, its chain or the code it expects.`,
      ];
}

/** The rollback may only go back to what is there now. */
function rollbackProblems(leg: Leg): string[] {
  const { restores, calls } = leg.rollback;
  const lost = proxyChanges(leg).filter(
    (change) =>
      !restores.some(
        (one) =>
          one.contract === change.proxy &&
          one.implementation === change.fromImplementation &&
          one.codeHash === change.fromCodeHash,
      ),
  );
  const stray = calls.filter((call) => {
    const to = upgradeIn(call);
    return to !== undefined && !restores.some((one) => one.implementation.toLowerCase() === to.toLowerCase());
  });
  return [
    ...lost.map((change) => `The rollback of ${leg.id} does not put ${change.name} back.`),
    ...stray.map((call) => `The rollback of ${leg.id} calls ${call.to} to install code that was not there before.`),
  ];
}

function expectedCall(change: ProxyChange) {
  const { proxyKind, proxy, admin, toImplementation } = change;
  // A beacon cannot run an initialiser; a package that asks for one gets a call that no bytes equal.
  if (proxyKind === "beacon" && change.initData !== "0x") return undefined;
  return upgradeCall({ kind: proxyKind, proxy, admin }, toImplementation, change.initData);
}

function sameCall(call: PackageCall, other: { to: Address; value: bigint; data: Hex } | undefined): boolean {
  return other !== undefined && call.to === other.to && call.value === other.value && call.data === other.data;
}

/** The implementation that a call installs; undefined where it is no upgrade call. */
function upgradeIn(call: PackageCall): Address | undefined {
  try {
    const decoded = decodeFunctionData({ abi: upgrades, data: call.data });
    return decoded.functionName === "upgradeAndCall" ? decoded.args[1] : decoded.args[0];
  } catch {
    return undefined;
  }
}
