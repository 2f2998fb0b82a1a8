/** A council of seven, their policy, and two packages: what the tests of the pure core talk about. */

import { getAddress, keccak256, slice, stringToBytes } from "viem";
import {
  authorityPolicyHash,
  metricsHash,
  type Policy,
  policy as policySchema,
  type Role,
} from "../../src/domain/policy.ts";
import { upgradePreconditions } from "../../src/domain/preconditions.ts";
import type { Address, ChainId, Hex } from "../../src/domain/primitives.ts";
import { transparentUpgrade } from "../../src/domain/proxy-calls.ts";
import { type Leg, type ReleasePackage, releasePackage } from "../../src/domain/release-package.ts";

export const HOUR = 3_600n;
export const DAY = 24n * HOUR;
/** Wall time and block time at which every ceremony starts, seconds. */
export const START = 1_800_000_000n;
export const DELAY = 2n * DAY;
export const WINDOW = 7n * DAY;
export const EXPIRY = 3n * DAY;

export const mainnet: ChainId = "eip155:31337";
export const rollup: ChainId = "eip155:31338";

/** An address that depends on its name alone. */
export const addressOf = (name: string): Address => getAddress(slice(hashOf(name), 0, 20));
export const hashOf = (name: string): Hex => keccak256(stringToBytes(name));
export const walletOf = (person: string, which = 1): Address => addressOf(`wallet ${which} of ${person}`);

export type Name = "ada" | "ben" | "caro" | "dev" | "eve" | "finn" | "gus";
export const names: readonly Name[] = ["ada", "ben", "caro", "dev", "eve", "finn", "gus"];
export const platforms = ["console", "slack", "discord"] as const;

const rolesOf: Record<Name, Role[]> = {
  ada: ["proposer", "approver"],
  ben: ["proposer", "approver"],
  caro: ["approver", "guardian"],
  dev: ["approver", "guardian"],
  eve: ["executor"],
  finn: ["approver", "guardian"],
  gus: ["executor", "guardian"],
};
/** Council Safe 3 of 5, guardian Safe 2 of 4. */
export const councilOwners: readonly Name[] = ["ada", "ben", "caro", "dev", "finn"];
export const guardianOwners: readonly Name[] = ["caro", "dev", "finn", "gus"];

const contracts = ["vault", "router"] as const;
const metricOf = (id: string, severity: 1 | 2 | 3) => ({
  id,
  title: `Metric ${id}`,
  class: "asset",
  chain: mainnet,
  read: { kind: "call", to: addressOf(id), signature: "function value() view returns (uint256)" },
  unit: "bps",
  pass: { is: ">=", value: 10_000 },
  fail: { is: "<", value: 10_000 },
  severity,
  containment: "pause-vault",
  owner: "caro",
});

function chainPolicyOf(id: ChainId) {
  const on = (what: string) => addressOf(`${what} on ${id}`);
  return {
    id,
    name: `Chain ${id}`,
    environment: "test",
    council: on("council"),
    guardian: on("guardian"),
    timelock: on("timelock"),
    preconditions: addressOf("preconditions"),
  };
}

export interface PolicyOptions {
  roles?: Record<Name, readonly Role[]>;
  proposerMaySign?: boolean;
  version?: number;
}

export function samplePolicy({ roles = rolesOf, proposerMaySign = false, version = 1 }: PolicyOptions = {}): Policy {
  const lane = { quorum: 3, minDelay: DELAY, approvalExpiry: EXPIRY, window: WINDOW, proposerMaySign };
  return policySchema.parse({
    council: { name: "Sample council", version },
    workspaces: { slack: [], discord: [] },
    people: names.map((id) => ({
      id,
      name: id.charAt(0).toUpperCase() + id.slice(1),
      accounts: platforms.map((platform) => `${platform}:${id}`),
      wallets: id === "ben" || id === "caro" ? [walletOf(id), walletOf(id, 2)] : [walletOf(id)],
      roles: roles[id],
    })),
    lanes: { routine: lane, emergency: { ...lane, minDelay: HOUR, approvalExpiry: 2n * HOUR } },
    chains: [mainnet, rollup].map(chainPolicyOf),
    targets: [
      {
        id: "protocol",
        title: "The sample protocol",
        chain: mainnet,
        contracts: contracts.map((name) => ({ name, title: name, proxy: addressOf(name), kind: "transparent" })),
        phases: contracts.map((name) => ({
          id: name,
          contracts: [name],
          exposure: { maxValue: 1_000n },
          minDuration: 600,
          minSamples: 10,
          metrics: ["solvency", "liveness"],
          stopOn: ["solvency"],
        })),
        containment: [
          {
            id: "pause-vault",
            class: "asset",
            action: "Pause the vault",
            call: { to: addressOf("vault"), signature: "function pause()" },
            readBack: { to: addressOf("vault"), signature: "function paused() view returns (bool)", returns: "0x01" },
          },
        ],
      },
    ],
    metrics: [metricOf("solvency", 1), metricOf("liveness", 2)],
    channels: { routine: "#upgrades" },
    onCall: { sev1: ["caro"], sev2: ["dev"], sev3: ["finn"] },
  });
}

interface LegPlan {
  id: string;
  chain: ChainId;
  phase: number;
  dependsOn?: string[];
}

function legOf({ id, chain, phase, dependsOn = [] }: LegPlan, phases: number): Leg {
  const where = chainPolicyOf(chain);
  const [proxy, admin] = [addressOf(`${id} on ${chain}`), addressOf(`admin of ${id} on ${chain}`)];
  const change = {
    kind: "proxy" as const,
    name: id,
    proxy,
    proxyKind: "transparent" as const,
    admin,
    fromImplementation: addressOf(`${id} version 1`),
    fromCodeHash: hashOf(`code of ${id} version 1`),
    toImplementation: addressOf(`${id} version 2`),
    toCodeHash: hashOf(`code of ${id} version 2`),
    initData: "0x" as const,
  };
  return {
    id,
    chain,
    authority: { kind: "safe+timelock", safe: where.council, timelock: where.timelock, delay: DELAY },
    preconditionsAt: where.preconditions,
    changes: [change],
    calls: [{ ...transparentUpgrade(admin, proxy, change.toImplementation, "0x"), purpose: `Upgrade ${id}` }],
    preconditions: upgradePreconditions(chain, windowOf(phase), [change]),
    dependsOn,
    rollback: {
      mode: "prescheduled",
      calls: [{ ...transparentUpgrade(admin, proxy, change.fromImplementation, "0x"), purpose: `Put ${id} back` }],
      restores: [{ contract: proxy, implementation: change.fromImplementation, codeHash: change.fromCodeHash }],
      notAfter: windowOf(phases).notAfter,
    },
    expects: { events: [{ address: proxy, topic: hashOf("Upgraded(address)") }], storage: [], authority: [] },
  };
}

const windowOf = (phase: number) => ({
  notBefore: START + DELAY,
  notAfter: START + DELAY + WINDOW * BigInt(phase + 1),
});

function packageOf(policy: Policy, legs: readonly LegPlan[], title: string): ReleasePackage {
  const phases = Math.max(...legs.map((one) => one.phase)) + 1;
  const chains = [...new Set(legs.map((one) => one.chain))];
  return releasePackage.parse({
    schema: "quorate/package/1",
    title,
    rationale: "Version 2 rounds in favour of the protocol.",
    target: "protocol",
    environment: "test",
    lane: "routine",
    legs: legs.map((one) => legOf(one, phases)),
    phases: Array.from({ length: phases }, (_, phase) => ({
      id: `phase-${phase + 1}`,
      legs: legs.filter((one) => one.phase === phase).map((one) => one.id),
      window: windowOf(phase),
      exposure: {
        maxValue: 1_000n * BigInt(phase + 1),
        contracts: [addressOf("vault"), addressOf("router")],
        routes: ["deposit", "swap"],
      },
      minDuration: 600n,
      minSamples: 10n,
      metrics: ["solvency", "liveness"],
      stopOn: ["solvency"],
    })),
    containment: chains.flatMap((chain, index) =>
      ["pause-vault", "cap-router"].map((id) => ({
        id: index === 0 ? id : `${id}-${index + 1}`,
        class: "asset",
        action: `Run ${id}`,
        chain,
        safe: chainPolicyOf(chain).guardian,
        calls: [{ to: addressOf(id), value: 0n, data: "0x8456cb59", purpose: id }],
        readBack: { to: addressOf(id), data: "0x5c975abb", returns: "0x01" },
      })),
    ),
    authorityPolicyHash: authorityPolicyHash(policy),
    metricsHash: metricsHash(policy),
    sources: [{ repository: "https://example.org/protocol", commit: "0123abcd", artefactHash: hashOf("artefact") }],
    audits: [{ name: "An audit", url: "https://example.org/audit", hash: hashOf("audit") }],
  });
}

/** Two phases with a leg each, on one chain and in one timelock. */
export function samplePackage(policy: Policy, title = "Vault and router 2"): ReleasePackage {
  const legs = [
    { id: "vault", chain: mainnet, phase: 0 },
    { id: "router", chain: mainnet, phase: 1, dependsOn: ["vault"] },
  ];
  return packageOf(policy, legs, title);
}

/** One phase with a leg on each of two chains; the second depends on the first. */
export function twoChainPackage(policy: Policy): ReleasePackage {
  const legs = [
    { id: "vault", chain: mainnet, phase: 0 },
    { id: "portal", chain: rollup, phase: 0, dependsOn: ["vault"] },
  ];
  return packageOf(policy, legs, "Vault on two chains");
}
