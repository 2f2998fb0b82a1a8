/** Proxies of contracts of our own on a real chain, their build in a folder, and packages and transactions that upgrade them. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { type Abi, encodeFunctionData, type Hex, keccak256, parseAbi, zeroAddress } from "viem";
import type { Builds } from "../../src/build-facts.ts";
import { compileInput } from "../../src/builds/compile-input.ts";
import { openBuilds } from "../../src/builds/open-builds.ts";
import type { ProxyKind } from "../../src/chain-facts.ts";
import type { Finding } from "../../src/domain/events.ts";
import type { Policy } from "../../src/domain/policy.ts";
import { type Address, zeroHash } from "../../src/domain/primitives.ts";
import { packageHash, type ReleasePackage } from "../../src/domain/release-package.ts";
import type { CodePolicy } from "../../src/domain/target-policy.ts";
import type { Gate, Subject } from "../../src/gates/gate.ts";
import type { Chains } from "../../src/ports.ts";
import { type Artefact, openzeppelin, startWorld, type World } from "../chain/world.ts";
import { expectFindingStyle } from "../support/house-style.ts";
import { samplePolicy } from "../support/sample-policy.ts";

const require = createRequire(import.meta.url);

export interface Upgrade {
  proxy: Address;
  /** Whom the upgrade goes through. */
  admin: Address;
  kind: ProxyKind;
  from: Address;
  to: Address;
}

export interface CodeCases {
  world: World;
  builds: Builds;
  /** The folder's build, and a place for more. */
  folder: string;
  build: Hex;
  /** Output of the compiler for one contract. */
  artefact(name: string): Artefact & { runtime: Hex };
  deploy(name: string, args?: readonly unknown[]): Promise<Address>;
  /** A proxy that runs `from` (the file's own PlainProxy, or OpenZeppelin's), and an upgrade of it to `to`: names of contracts, or addresses. */
  upgrade(kind: ProxyKind, from: string, to: string): Promise<Upgrade>;
  /** Runs it on the chain. */
  run(upgrade: Upgrade): Promise<void>;
  /** Asks a gate about a package with this one upgrade, whose source is the folder's build unless said otherwise. */
  asked(gate: Gate, upgrade: Upgrade, more?: Asked): Promise<Finding[]>;
  /** Asks about the same upgrade as one transaction of a Safe. */
  askedAlone(gate: Gate, upgrade: Upgrade): Promise<Finding[]>;
  stop(): Promise<void>;
}

export interface Asked {
  sources?: Hex[];
  audits?: ReleasePackage["audits"];
  code?: Partial<CodePolicy>;
}

/** Compiles `test/gates/contracts/FILE` with everything it imports, and starts a chain. */
export async function startCases(
  file: string,
  settings: object = {},
  chain: Parameters<typeof startWorld>[0] = {},
): Promise<CodeCases> {
  const sources: Record<string, { content: string }> = {};
  gather(file, sources);
  const whole = { evmVersion: "cancun", optimizer: { enabled: true, runs: 200 }, ...settings };
  const input = { language: "Solidity", sources, settings: whole };
  const { output, compiler } = await compileInput(input, undefined);
  const text = JSON.stringify({ solcVersion: compiler, input, output });
  const folder = mkdtempSync(join(tmpdir(), "quorate-builds-"));
  writeFileSync(join(folder, "cases.json"), text);
  const contracts = (output as Output).contracts[file] ?? {};
  const world = await startWorld(chain);
  const builds = openBuilds(folder);
  const policy = await samplePolicy();
  const artefact = (name: string) => {
    const found = contracts[name];
    if (found === undefined) throw new Error(`${file} has no contract ${name}.`);
    const { abi, evm } = found;
    return { abi, bytecode: `0x${evm.bytecode.object}` as Hex, runtime: `0x${evm.deployedBytecode.object}` as Hex };
  };
  const deploy = (name: string, args: readonly unknown[] = []) => world.deploy(artefact(name), args);
  const placed = (one: string) => (one.startsWith("0x") ? Promise.resolve(one as Address) : deploy(one));
  const ask = async (gate: Gate, subject: Subject, upgrade: Upgrade, code: Partial<CodePolicy> | undefined) => {
    const input = {
      subject,
      policy: policyFor(policy, world, upgrade, code),
      chains: { ids: [world.id], get: () => world.chain } satisfies Chains,
      builds,
      preconditionsCodeHash: zeroHash,
      progress: () => undefined,
    };
    return (await gate.run(input)).findings;
  };
  const build = keccak256(new TextEncoder().encode(text));
  return {
    ...{ world, builds, folder, build, artefact, deploy },
    async upgrade(kind, first, second) {
      const [from, to] = [await placed(first), await placed(second)];
      if (contracts.PlainProxy !== undefined) {
        const proxy = await deploy("PlainProxy", [from]);
        return { kind, from, to, proxy, admin: proxy };
      }
      const proxy = await proxyOf(world, kind, from);
      return { kind, from, to, proxy, admin: (await world.chain.proxy(proxy)).admin };
    },
    async run(upgrade) {
      await world.send(world.deployer, upgrade.admin, transactionOf(world, upgrade).data);
    },
    asked(gate, upgrade, { sources: named = [build], audits = [], code } = {}) {
      const pkg = packageOf(world, upgrade, named, audits);
      return ask(gate, { kind: "package", package: pkg, packageHash: packageHash(pkg) }, upgrade, code);
    },
    askedAlone: (gate, upgrade) =>
      ask(gate, { kind: "transaction", tx: transactionOf(world, upgrade) }, upgrade, undefined),
    async stop() {
      await builds.close();
      await world.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What a person would have to weigh: severity and code of everything above info, sorted. */
export function weighed(findings: readonly Finding[]): string[] {
  for (const one of findings) expectFindingStyle(one);
  return findings
    .filter((one) => one.severity !== "info")
    .map((one) => `${one.severity} ${one.code}`)
    .sort();
}

interface Output {
  contracts: Record<
    string,
    Record<string, { abi: Abi; evm: { bytecode: { object: string }; deployedBytecode: { object: string } } }>
  >;
}

/** A source and all that it imports. */
export function gather(unit: string, sources: Record<string, { content: string }>): void {
  if (sources[unit] !== undefined) return;
  const path = unit.startsWith("@") ? require.resolve(unit) : join(import.meta.dirname, "contracts", unit);
  const content = readFileSync(path, "utf8");
  sources[unit] = { content };
  for (const [, imported = ""] of content.matchAll(/^import\s[^"]*"([^"]+)";/gm))
    gather(imported.startsWith(".") ? posix.join(posix.dirname(unit), imported) : imported, sources);
}

/** OpenZeppelin's proxies want something to be called at their creation. */
const touch = encodeFunctionData({ abi: parseAbi(["function touch()"]) });

async function proxyOf(world: World, kind: ProxyKind, implementation: Address): Promise<Address> {
  if (kind === "transparent")
    return world.deploy(openzeppelin("TransparentUpgradeableProxy"), [implementation, world.deployer, touch]);
  if (kind === "uups") return world.deploy(openzeppelin("ERC1967Proxy"), [implementation, touch]);
  const beacon = await world.deploy(openzeppelin("UpgradeableBeacon"), [implementation, world.deployer]);
  return world.deploy(openzeppelin("BeaconProxy"), [beacon, "0x"]);
}

function policyFor(
  policy: Policy,
  world: World,
  { proxy, kind }: Upgrade,
  code: Partial<CodePolicy> | undefined,
): Policy {
  const demands = {
    requireSource: false,
    requireAudit: false,
    denied: [],
    immutables: {},
    libraries: {},
    addresses: [],
  };
  return {
    ...policy,
    chains: policy.chains.map((one) => ({ ...one, id: world.id })),
    targets: policy.targets.map((one) => ({
      ...one,
      chain: world.id,
      contracts: [{ name: "ledger", title: "Ledger", proxy, kind, initData: "0x" as const, functions: [] }],
      ...(code === undefined ? {} : { code: { ...demands, ...code } }),
    })),
  };
}

function packageOf(world: World, upgrade: Upgrade, sources: Hex[], audits: ReleasePackage["audits"]): ReleasePackage {
  const { proxy, admin, kind, from, to } = upgrade;
  const window = { notBefore: 1n, notAfter: 2n };
  const call = { to: proxy, value: 0n, data: "0x" as Hex, purpose: "Upgrade" };
  return {
    schema: "quorate/package/1",
    ...{ title: "t", rationale: "r", target: "harbour", environment: "test", lane: "routine" },
    legs: [
      {
        id: "main",
        chain: world.id,
        authority: { kind: "safe+timelock", safe: zeroAddress, timelock: zeroAddress, delay: 1n },
        preconditionsAt: zeroAddress,
        changes: [
          {
            ...{ kind: "proxy", name: "ledger", proxy, proxyKind: kind, admin, initData: "0x" },
            ...{ fromImplementation: from, fromCodeHash: zeroHash, toImplementation: to, toCodeHash: zeroHash },
          },
        ],
        ...{ calls: [call], preconditions: [], dependsOn: [] },
        rollback: { mode: "prescheduled", calls: [call], restores: [], notAfter: 9n },
        expects: { events: [], storage: [], authority: [] },
      },
    ],
    phases: [
      {
        ...{ id: "main", legs: ["main"], window, minDuration: 1n, minSamples: 1n, metrics: ["m"], stopOn: [] },
        exposure: { maxValue: 0n, contracts: [], routes: [] },
      },
    ],
    ...{ containment: [], authorityPolicyHash: zeroHash, metricsHash: zeroHash, audits },
    sources: sources.map((artefactHash) => ({ repository: "ours", commit: "c", artefactHash })),
  };
}

const upgradeAbi = parseAbi([
  "function upgradeToAndCall(address implementation, bytes data)",
  "function upgradeAndCall(address proxy, address implementation, bytes data)",
  "function upgradeTo(address implementation)",
]);

function transactionOf(world: World, { kind, proxy, admin, to }: Upgrade): (Subject & { kind: "transaction" })["tx"] {
  const data = {
    uups: () => encodeFunctionData({ abi: upgradeAbi, functionName: "upgradeToAndCall", args: [to, "0x"] }),
    transparent: () => encodeFunctionData({ abi: upgradeAbi, functionName: "upgradeAndCall", args: [proxy, to, "0x"] }),
    beacon: () => encodeFunctionData({ abi: upgradeAbi, functionName: "upgradeTo", args: [to] }),
  }[kind]();
  return {
    ...{
      chain: world.id,
      safe: world.deployer,
      safeVersion: "1.4.1",
      to: admin,
      value: 0n,
      data,
      operation: 0,
      nonce: 0n,
    },
    ...{ safeTxGas: 0n, baseGas: 0n, gasPrice: 0n, gasToken: zeroAddress, refundReceiver: zeroAddress },
  };
}
