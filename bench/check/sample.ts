/** The sample council's world, its package of three proxies, and the check of it as `quorate check` makes it. */

import { join } from "node:path";
import { openBuilds } from "../../src/builds/open-builds.ts";
import { buildPackage } from "../../src/ceremonies/build-package.ts";
import { type OpenChains, openChains } from "../../src/chain/open.ts";
import { preconditionsCodeHash } from "../../src/chain/preconditions/preconditions.ts";
import type { SimulationStep } from "../../src/chain-facts.ts";
import { type Address, type ChainId, zeroHash } from "../../src/domain/primitives.ts";
import { packageHash, proxyChanges, type ReleasePackage } from "../../src/domain/release-package.ts";
import { legsInOrder } from "../../src/domain/transactions.ts";
import { embeddedGasAccount, embeddedPeople, executorNames } from "../../src/embedded/people.ts";
import { startWorld } from "../../src/embedded/world.ts";
import { examine } from "../../src/gates/index.ts";
import { execution, pathOf, schedules, undoing } from "../../src/gates/simulation/release-path.ts";
import { readPolicy } from "../../src/policy-folder/read-policy.ts";

const policies = join(import.meta.dirname, "../../policies");
const chain: ChainId = "eip155:31337";

type Timed = Omit<SimulationStep, "after" | "name"> & { time: bigint };

/** The way of the upgrade on the chain: what is called when, and which code the proxies run after it. */
export interface UpgradePath {
  /** `time`: block timestamp in seconds. */
  steps: Timed[];
  results: { proxy: Address; implementation: Address }[];
  /** What was prepared for afterwards, each by itself on the upgraded state. */
  containment: Timed[];
  rollback: Timed[];
  before: { proxy: Address; implementation: Address }[];
}

export interface Checked {
  ms: number;
  /** Findings worse than info, in sentences. */
  complaints: string[];
}

/** When the next block is mined: with the one before the check, no fork can have been begun on it. */
export type Arrival = "before" | "after";

export interface Sample {
  /** Of the node that the world lives on. */
  url: string;
  path: UpgradePath;
  builds: { readMs: number; compiledMs: number };
  /** One check of a new block through an RPC of the node, as a Quorate makes it that runs already. */
  check(url: string, arrives?: Arrival): Promise<Checked>;
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
    const opened = (url: string) =>
      openChains({ rpc: { [chain]: url }, gasKey: embeddedGasAccount.privateKey, forksAhead: true });
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
    const running = new Map<string, OpenChains>();
    const check = async (url: string, arrives: Arrival = "after"): Promise<Checked> => {
      const own = running.get(url) ?? opened(url);
      running.set(url, own);
      if (arrives === "before") await mine(world.url);
      const subject = { kind: "package" as const, package: pkg, packageHash: packageHash(pkg) };
      const from = performance.now();
      const progress = () => undefined;
      const { findings } = await examine({ subject, policy, chains: own, builds, preconditionsCodeHash, progress });
      const ms = performance.now() - from;
      // Another block than the one before, as on any chain: nothing that was read of that one serves.
      if (arrives === "after") await mine(world.url);
      return { ms, complaints: findings.filter((one) => one.severity !== "info").map((one) => one.message) };
    };
    const closeAll = async () => {
      for (const one of running.values()) one.close();
      await close();
    };
    return {
      url: world.url,
      path: upgradePath(pkg, timestamp),
      builds: { readMs, compiledMs },
      check,
      close: closeAll,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function mine(url: string): Promise<void> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "evm_mine", params: [] });
  const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
  if (!answer.ok) throw new Error(`The node of the sample could not mine: HTTP ${answer.status}.`);
  await answer.text();
}

function upgradePath(pkg: ReleasePackage, now: bigint): UpgradePath {
  const anchor = { packageHash: packageHash(pkg), auditHead: zeroHash };
  const [executor] = executorNames;
  if (executor === undefined) throw new Error("The sample council has no executor.");
  const legs = legsInOrder(pkg);
  const paths = legs.map((leg) => pathOf(pkg, leg, anchor, embeddedPeople[executor].address));
  const scheduling = paths.flatMap(schedules).map((step) => ({ ...step, time: now + 1n }));
  const executing = paths.map((path) => {
    const ready = now + 1n + path.delay;
    return { ...execution(path, 0n), time: path.window.notBefore > ready ? path.window.notBefore : ready };
  });
  const last = executing.reduce((latest, one) => (one.time > latest ? one.time : latest), now);
  const later = (step: SimulationStep) => ({ ...step, time: last });
  const changes = legs.flatMap(proxyChanges);
  const contain = pkg.containment.flatMap(({ safe, calls }) =>
    calls.map((call) => later({ ...at0, ...call, from: safe })),
  );
  return {
    steps: [...scheduling, ...executing].map(bare),
    results: changes.map((one) => ({ proxy: one.proxy, implementation: one.toImplementation })),
    containment: contain.map(bare),
    rollback: undoing(paths).map(later).map(bare),
    before: changes.map((one) => ({ proxy: one.proxy, implementation: one.fromImplementation })),
  };
}

const at0 = { name: "contain", after: 0n };
const bare = ({ from, to, value, data, time }: Timed): Timed => ({ from, to, value, data, time });
