/** What a chain says of itself: blocks, Safes, timelocks, proxies, receipts, and the report of a simulation. */

import type { Address, ChainId, Hex } from "./domain/primitives.ts";

export interface Head {
  number: bigint;
  hash: Hex;
  /** Block timestamp in seconds. */
  timestamp: bigint;
}

export interface SafeFacts {
  address: Address;
  /** `VERSION()`, such as "1.4.1". */
  version: string;
  nonce: bigint;
  threshold: number;
  owners: Address[];
  modules: Address[];
}

export interface TimelockFacts {
  address: Address;
  /** Seconds. */
  minDelay: bigint;
  proposers: Address[];
  executors: Address[];
  cancellers: Address[];
  /** DEFAULT_ADMIN_ROLE: they can grant themselves every other role at once. The timelock itself is the one that is safe. */
  admins: Address[];
  /** EXECUTOR_ROLE is granted to the zero address: anyone may execute. */
  openExecutor: boolean;
}

/** OpenZeppelin TimelockController's OperationState, by its names. */
export type OperationState = "Unset" | "Waiting" | "Ready" | "Done";

export type ProxyKind = "transparent" | "uups" | "beacon";

export interface ProxyFacts {
  proxy: Address;
  kind: ProxyKind;
  implementation: Address;
  implementationCodeHash: Hex;
  /** Whom an upgrade call goes to: the ProxyAdmin, the proxy itself (UUPS), or the beacon. */
  admin: Address;
  /** `owner()` of the contract that admits the upgrade; undefined where it has none. */
  owner: Address | undefined;
}

export interface Receipt {
  hash: Hex;
  block: Head;
  from: Address;
  success: boolean;
  gasUsed: bigint;
  logs: { address: Address; topics: Hex[]; data: Hex }[];
}

/** One step of a simulation: who calls what, after which time has passed. */
export interface SimulationStep {
  /** Shown in the report: "schedule", "execute", "rollback", "pause". */
  name: string;
  from: Address;
  to: Address;
  value: bigint;
  data: Hex;
  /** Seconds that pass before the step. */
  after: bigint;
}

export interface StepReport {
  name: string;
  success: boolean;
  /** The decoded revert reason, as inert text; empty on success. */
  reason: string;
  gasUsed: bigint;
  events: { address: Address; topics: Hex[]; data: Hex }[];
  /** Slots that changed, by contract. */
  storage: { address: Address; slot: Hex; before: Hex; after: Hex }[];
  /** After the step: implementation and its code hash for proxies, own code hash for the rest. */
  implementations: { address: Address; implementation: Address; codeHash: Hex }[];
}

/** Somebody can do something to a contract: "own", "upgrade", "schedule", "execute", "cancel", "pause" … */
export interface Power {
  holder: Address;
  can: string;
  what: Address;
}

export interface AuthorityReport {
  names: { address: Address; name: string }[];
  before: Power[];
  after: Power[];
}

/** What metrics came to once a phase was executed; those that had no value are left out. */
export interface PhaseValues {
  /** Its id. */
  phase: string;
  values: { metric: string; value: bigint }[];
}

export interface SimulationReport {
  chain: ChainId;
  block: Head;
  /** Of a package whose upgrade went through: who could do what before, and who can after. */
  authority?: AuthorityReport;
  /** Of a package: what metrics are compared with afterwards, where policy has them compared with the simulation. */
  phaseValues?: PhaseValues[];
  /** What `watch` showed before the first step. */
  before: { address: Address; implementation: Address; codeHash: Hex }[];
  steps: StepReport[];
  branches: { name: string; steps: StepReport[] }[];
}
