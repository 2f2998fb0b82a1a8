/** Builds a release package from a policy target and new implementations, out of what the chain says now. */

import type { Builds } from "../build-facts.ts";
import type { ProposalSource } from "../command.ts";
import type { ChainPolicy } from "../domain/chain-policy.ts";
import { authorityPolicyHash, metricsHash, type Policy } from "../domain/policy.ts";
import { upgradePreconditions } from "../domain/preconditions.ts";
import { type Address, address, emptyCodeHash, type Hex, zeroHash } from "../domain/primitives.ts";
import { upgradeCall } from "../domain/proxy-calls.ts";
import { Refused, refusal } from "../domain/refusal.ts";
import { type ProxyChange, type ReleasePackage, releasePackage } from "../domain/release-package.ts";
import type { Target } from "../domain/target-policy.ts";
import type { Chain, Chains } from "../ports.ts";
import { buildContainments } from "./build-containments.ts";

type Release = Target["releases"][number];
type TargetSource = Extract<ProposalSource, { kind: "target" }>;

/** Parses a package file. Throws {@link Refused} with the first thing that is wrong with it. */
export function parsePackage(text: string): ReleasePackage {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw refused("package/json", "The package file is not JSON.");
  }
  const parsed = releasePackage.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.length ? ` at ${issue.path.join(".")}` : "";
  throw refused(
    "package/shape",
    `The package file is not a release package${where}: ${issue?.message ?? "unknown problem"}.`,
  );
}

/**
 * One leg a phase of the target that has something to upgrade. Throws {@link Refused} for an unknown target, contract or
 * release, an implementation without code, a proxy that is none or is of another kind.
 */
export async function buildPackage(
  source: TargetSource,
  policy: Policy,
  chains: Chains,
  builds: Builds,
): Promise<ReleasePackage> {
  const target = policy.targets.find((one) => one.id === source.target);
  if (target === undefined)
    throw refused(
      "propose/target",
      `There is no target "${source.target}". Policy has ${policy.targets.map((one) => one.id).join(", ")}.`,
    );
  const where = policy.chains.find((one) => one.id === target.chain);
  if (where === undefined) throw refused("propose/chain", `Policy says nothing of the chain ${target.chain}.`);
  const chain = chains.get(target.chain);
  const { implementations, initData, release } = wanted(source, target);
  const [head, timelock] = await Promise.all([chain.head(), chain.timelock(where.timelock)]);
  const lane = policy.lanes[source.lane];
  const delay = timelock.minDelay > lane.minDelay ? timelock.minDelay : lane.minDelay;
  const phases = target.phases.filter((phase) => phase.contracts.some((name) => implementations.has(name)));
  const windows = phases.map((_phase, index) => ({
    notBefore: head.timestamp + delay,
    notAfter: head.timestamp + delay + lane.window * BigInt(index + 1),
  }));
  const end = (windows.at(-1)?.notAfter ?? head.timestamp) + lane.window;
  const legs = await Promise.all(
    phases.map(async (phase, index) => {
      const names = phase.contracts.filter((name) => implementations.has(name));
      const changes = await Promise.all(names.map((name) => change(chain, target, name, implementations, initData)));
      const window = windows[index] ?? { notBefore: 0n, notAfter: 0n };
      return {
        id: phase.id,
        chain: target.chain,
        authority: { kind: "safe+timelock" as const, safe: where.council, timelock: where.timelock, delay },
        preconditionsAt: where.preconditions,
        changes,
        calls: changes.map((one) => ({
          ...upgradeCall(
            { kind: one.proxyKind, proxy: one.proxy, admin: one.admin },
            one.toImplementation,
            one.initData,
          ),
          purpose: `Upgrade ${one.name} to ${one.toImplementation}`,
        })),
        preconditions: upgradePreconditions(target.chain, window, changes),
        dependsOn: index === 0 ? [] : [phases[index - 1]?.id ?? ""],
        rollback: rollbackOf(where, changes, end, delay),
        expects: { events: [], storage: [], authority: [] },
      };
    }),
  );
  const built: ReleasePackage = {
    schema: "quorate/package/1",
    title: source.title,
    rationale: source.rationale,
    target: target.id,
    environment: where.environment,
    lane: source.lane,
    legs,
    phases: phases.map((phase, index) => ({
      id: phase.id,
      legs: [phase.id],
      window: windows[index] ?? { notBefore: 0n, notAfter: 0n },
      exposure: {
        maxValue: phase.exposure.maxValue,
        contracts: legs[index]?.changes.map((one) => one.proxy) ?? [],
        routes: phase.exposure.routes,
        ...(phase.exposure.metric === undefined ? {} : { metric: phase.exposure.metric }),
        ...(phase.exposure.cap === undefined ? {} : { cap: phase.exposure.cap }),
      },
      minDuration: phase.minDuration,
      minSamples: phase.minSamples,
      metrics: phase.metrics,
      stopOn: phase.stopOn,
    })),
    containment: await buildContainments(target, where, chain, end),
    authorityPolicyHash: authorityPolicyHash(policy),
    metricsHash: metricsHash(policy),
    sources: await sourcesOf(release, builds),
    audits: release?.audits ?? [],
  };
  return releasePackage.parse(built);
}

/** New implementations by contract name: those of the named release, then those given one by one. */
function wanted(
  source: TargetSource,
  target: Target,
): { implementations: Map<string, Address>; initData: Record<string, Hex>; release: Release | undefined } {
  const release = source.release === undefined ? undefined : target.releases.find((one) => one.id === source.release);
  if (source.release !== undefined && release === undefined)
    throw refused(
      "propose/release",
      `${target.id} has no release "${source.release}". It has ${target.releases.map((one) => one.id).join(", ") || "none"}.`,
    );
  const implementations = new Map<string, Address>(Object.entries(release?.implementations ?? {}));
  for (const [name, text] of Object.entries(source.implementations)) {
    const parsed = address.safeParse(text);
    if (!parsed.success)
      throw refused(
        "propose/address",
        `The implementation of ${name}, "${text}", is no address: ${parsed.error.issues[0]?.message}.`,
      );
    implementations.set(name, parsed.data);
  }
  if (implementations.size === 0)
    throw refused(
      "propose/empty",
      "Nothing to upgrade: name a release (release=2.0.0) or an implementation (implementation=vault=0x…).",
    );
  for (const name of implementations.keys())
    if (!target.phases.some((phase) => phase.contracts.includes(name)))
      throw refused(
        "propose/contract",
        `${target.id} has no contract "${name}". It has ${target.contracts.map((one) => one.name).join(", ")}.`,
      );
  return { implementations, initData: release?.initData ?? {}, release };
}

/** The release's build, by the hash of the file that is there now. */
async function sourcesOf(release: Release | undefined, builds: Builds): Promise<ReleasePackage["sources"]> {
  if (release?.source === undefined) return [];
  const { repository, commit, build } = release.source;
  const { files, faults } = await builds.inventory();
  const found = files.find((one) => one.file === build);
  const fault = faults.find((one) => one.file === build);
  if (found === undefined)
    throw refused(
      "propose/build",
      `The release ${release.id} names the build ${build}, ${
        fault === undefined ? "and the builds folder has no such file" : `which cannot be used: ${fault.reason}`
      }.`,
    );
  return [{ repository, commit, artefactHash: found.hash }];
}

async function change(
  chain: Chain,
  target: Target,
  name: string,
  implementations: Map<string, Address>,
  initData: Record<string, Hex>,
): Promise<ProxyChange> {
  const contract = target.contracts.find((one) => one.name === name);
  const toImplementation = implementations.get(name);
  if (contract === undefined || toImplementation === undefined)
    throw refused("propose/contract", `${target.id} has no contract "${name}".`);
  const facts = await chain.proxy(contract.proxy);
  if (facts.kind !== contract.kind)
    throw refused(
      "propose/kind",
      `${contract.title} is a ${facts.kind} proxy on the chain, and policy says ${contract.kind}.`,
    );
  const toCodeHash = await chain.codeHash(toImplementation);
  if (isNoCode(toCodeHash))
    throw refused(
      "propose/code",
      `The new implementation ${toImplementation} of ${name} has no code on ${chain.id}: was it deployed on another chain?`,
    );
  if (toImplementation === facts.implementation)
    throw refused("propose/same", `${contract.title} runs ${toImplementation} already: there is nothing to upgrade.`);
  return {
    kind: "proxy",
    name,
    proxy: contract.proxy,
    proxyKind: facts.kind,
    admin: facts.admin,
    fromImplementation: facts.implementation,
    fromCodeHash: facts.implementationCodeHash,
    toImplementation,
    toCodeHash,
    initData: initData[name] ?? contract.initData,
  };
}

/** Where the gas key executes it is presigned, and waits its delay (seconds) only once it is asked for. */
function rollbackOf(
  { executor }: ChainPolicy,
  changes: readonly ProxyChange[],
  end: bigint,
  delay: bigint,
): ReleasePackage["legs"][number]["rollback"] {
  return {
    mode: executor === "gas-key" ? "presigned" : "prescheduled",
    calls: [...changes].reverse().map((one) => ({
      ...upgradeCall({ kind: one.proxyKind, proxy: one.proxy, admin: one.admin }, one.fromImplementation, "0x"),
      purpose: `Put ${one.name} back to ${one.fromImplementation}`,
    })),
    restores: changes.map((one) => ({
      contract: one.proxy,
      implementation: one.fromImplementation,
      codeHash: one.fromCodeHash,
    })),
    notAfter: executor === "gas-key" ? end + delay : end,
  };
}

/** EXTCODEHASH of an account without code: zero where it does not exist, keccak256("") where it does (EIP-1052). */
export function isNoCode(hash: Hex): boolean {
  return hash === zeroHash || hash === emptyCodeHash;
}

const refused = (code: string, sentence: string) => new Refused(refusal(code, sentence));
