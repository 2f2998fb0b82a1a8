/** The sample council's world, its package of three proxies, and the check of it as `quorate check` makes it. */

import { join } from "node:path";
import { openBuilds } from "../../src/builds/open-builds.ts";
import { buildPackage } from "../../src/ceremonies/build-package.ts";
import { openChains } from "../../src/chain/open.ts";
import { preconditionsCodeHash } from "../../src/chain/preconditions/preconditions.ts";
import type { SimulationStep } from "../../src/chain-facts.ts";
import { type Address, type ChainId, zeroHash } from "../../src/domain/primitives.ts";
import { packageHash, proxyChanges, type ReleasePackage } from "../../src/domain/release-package.ts";
import { legsInOrder } from "../../src/domain/transactions.ts";
import { embeddedGasAccount, embeddedPeople, executorNames } from "../../src/embedded/people.ts";
import { startWorld } from "../../src/embedded/world.ts";
import { examine } from "../../src/gates/index.ts";
import { execution, pathOf, schedules } from "../../src/gates/simulation/release-path.ts";
import { readPolicy } from "../../src/policy-folder/read-policy.ts";

const policies = join(import.meta.dirname, "../../policies");
const chain: ChainId = "eip155:31337";

/** The way of the upgrade on the chain: what is called when, and which code the proxies run after it. */
export interface UpgradePath {
  /** `at`: block timestamp in seconds. */
  steps: (Omit<SimulationStep, "after" | "name"> & { at: bigint })[];
  results: { proxy: Address; implementation: Address }[];
}

export interface Checked {
  ms: number;
  /** Findings worse than info, in sentences. */
  complaints: string[];
}

export interface Sample {
  /** Of the node that the world lives on. */
  url: string;
  path: UpgradePath;
  builds: { readMs: number; compiledMs: number };
  /** One check through an RPC of the node, by chains that know nothing yet. */
  check(url: string): Promise<Checked>;
  close(): Promise<void>;
}

export async function openSample(): Promise<Sample> {
  const world = await startWorld();
  const builds = openBuilds(join(policies, "builds"));
  const close = async () => {
    await builds.close();
    await world.stop();
  };
  try {
    const policy = await readPolicy(policies);
    const opened = (url: string) => openChains({ rpc: { [chain]: url }, gasKey: embeddedGasAccount.privateKey });
    const started = performance.now();
    const { compiledMs } = await builds.inventory();
    const readMs = Math.round(performance.now() - started);
    const chains = opened(world.url);
    const asked = {
      ...{ kind: "target" as const, target: "harbour", release: "2.0.0", implementations: {} },
      ...{ title: "Harbour 2", rationale: "To be measured.", lane: "routine" as const },
    };
    const pkg = await buildPackage(asked, policy, chains, builds);
    const { timestamp } = await chains.get(chain).head();
    chains.close();
    const check = async (url: string): Promise<Checked> => {
      const own = opened(url);
      const subject = { kind: "package" as const, package: pkg, packageHash: packageHash(pkg) };
      const from = performance.now();
      const progress = () => undefined;
      const { findings } = await examine({ subject, policy, chains: own, builds, preconditionsCodeHash, progress });
      const ms = performance.now() - from;
      own.close();
      return { ms, complaints: findings.filter((one) => one.severity !== "info").map((one) => one.message) };
    };
    return { url: world.url, path: upgradePath(pkg, timestamp), builds: { readMs, compiledMs }, check, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function upgradePath(pkg: ReleasePackage, now: bigint): UpgradePath {
  const anchor = { packageHash: packageHash(pkg), auditHead: zeroHash };
  const [executor] = executorNames;
  if (executor === undefined) throw new Error("The sample council has no executor.");
  const legs = legsInOrder(pkg);
  const paths = legs.map((leg) => pathOf(pkg, leg, anchor, embeddedPeople[executor].address));
  const scheduling = paths.flatMap(schedules).map((step) => ({ ...step, at: now + 1n }));
  const executing = paths.map((path) => {
    const ready = now + 1n + path.delay;
    return { ...execution(path, 0n), at: path.window.notBefore > ready ? path.window.notBefore : ready };
  });
  return {
    steps: [...scheduling, ...executing].map(({ from, to, value, data, at }) => ({ from, to, value, data, at })),
    results: legs.flatMap(proxyChanges).map((one) => ({ proxy: one.proxy, implementation: one.toImplementation })),
  };
}
