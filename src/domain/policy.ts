/** Council policy: people, roles, lanes, chains, targets and what is watched. The authority part is hashed apart. */

import { z } from "zod";
import { onCall } from "./alerts/on-call-shape.ts";
import { canonicalHash } from "./canonical.ts";
import { chainPolicy } from "./chain-policy.ts";
import { system } from "./events.ts";
import { decisivePart, metric } from "./metrics.ts";
import { mayBeNamed } from "./overridable.ts";
import { address, bytes, type Hex, slug, uint } from "./primitives.ts";
import { target } from "./target-policy.ts";

export const role = z.enum(["proposer", "approver", "executor", "guardian", "admin", "auditor"]);
export type Role = z.output<typeof role>;

/** A platform account: `console:ada`, `cli:ada`, `slack:T1:U7`, `discord:GUILD:USER`. */
export const account = z
  .string()
  .regex(/^[a-z]+:[^\s]{1,100}$/, "an account is PLATFORM:ID, such as slack:T024BE7LD:U023BECGF");

/**
 * A wallet's word that a chat account is this person's: an EIP-4361 message whose statement names the account. Needed
 * for accounts of a workspace that is not the council's own.
 */
const accountLink = z.strictObject({ account, message: z.string().trim().max(4000), signature: bytes });

export const person = z.strictObject({
  id: slug,
  name: z.string().min(1).max(60),
  organisation: z.string().max(60).default(""),
  accounts: z.array(account),
  links: z.array(accountLink).default([]),
  wallets: z.array(address),
  roles: z.array(role),
  /** Can look and do nothing else, and counts for nothing, until two admins lift it. Never in a file: domain/people.ts. */
  frozen: z.boolean().default(false),
});
export type Person = z.output<typeof person>;

export const lane = z.strictObject({
  /** Approvals, counted in people. */
  quorum: z.number().int().min(1),
  /** Least timelock delay, seconds. */
  minDelay: uint,
  /** Approvals die after this many seconds of wall time. */
  approvalExpiry: uint,
  /** Seconds from proposal in which the first phase may run, and how much later each next phase may. */
  window: uint,
  /** Whether the Safe may count a proposer's signature; the quorum never does. */
  proposerMaySign: z.boolean(),
  /** Gates (`layout`) or single findings (`layout/moved`) whose refusal an admin or guardian may override. */
  overridable: z
    .array(
      z
        .string()
        .regex(/^[a-z]+(\/[a-z-]+)?$/, "what is overridable is a gate or a finding's code, such as layout/moved")
        .refine(mayBeNamed, "its refusals are never overridden"),
    )
    .default([]),
});
type Lane = z.output<typeof lane>;

/** Where chat accounts may come from; an account from anywhere else is a stranger's. */
export const workspaces = z.strictObject({
  slack: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(80),
        team: z.string().regex(/^T[A-Z0-9]{1,20}$/, "a Slack team is T and capitals and digits, such as T024BE7LD"),
        enterprise: z
          .string()
          .regex(/^E[A-Z0-9]{1,20}$/, "a Slack enterprise is E and capitals and digits")
          .optional(),
        /** Another organisation's, in a shared channel (Slack Connect): its people need a link signed by their wallet. */
        external: z.boolean().default(false),
      }),
    )
    .default([]),
  discord: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(80),
        guild: z.string().regex(/^[0-9]{15,21}$/, "a Discord guild is a number of 17 to 20 digits"),
      }),
    )
    .default([]),
});
export type Workspaces = z.output<typeof workspaces>;

/** By purpose: `upgrades` for everything, `breaches` for what wakes people where it is not the same; one a platform. */
export const channels = z.record(
  slug,
  z
    .union([z.string().min(1).max(200), z.array(z.string().min(1).max(200)).min(1)])
    .transform((one) => (typeof one === "string" ? [one] : one)),
);

const policyShape = z.strictObject({
  council: z.strictObject({ name: z.string().min(1).max(80), version: z.number().int().min(1) }),
  people: z.array(person).min(3),
  lanes: z.strictObject({ routine: lane, emergency: lane }),
  chains: z.array(chainPolicy).min(1),
  targets: z.array(target).min(1),
  metrics: z.array(metric).min(1),
  workspaces,
  channels,
  onCall,
});

/** Parses, and refuses what would make one human two people: everything about separation rests on it (trust rule 3). */
export const policy = policyShape.superRefine(({ people }, context) => {
  const owners = new Map<string, string>();
  for (const [index, one] of people.entries()) {
    if (one.id === system.person)
      context.addIssue({ code: "custom", path: ["people", index, "id"], message: `${one.id} is the program itself` });
    for (const [path, key] of [["id", one.id], ...identities(one)] as const) {
      const other = owners.get(`${path}:${key}`);
      const message = path === "id" ? `two people are called ${key}` : `${key} belongs to ${other} already`;
      if (other !== undefined) context.addIssue({ code: "custom", path: ["people", index, path], message });
      owners.set(`${path}:${key}`, one.id);
    }
  }
});
export type Policy = z.output<typeof policyShape>;

function identities(one: Person): (readonly ["accounts" | "wallets", string])[] {
  return [
    ...one.accounts.map((key) => ["accounts", key] as const),
    ...one.wallets.map((key) => ["wallets", key] as const),
  ];
}

/**
 * Hash of what gives power: people, accounts, wallets, roles, lanes, chains, targets, containment. Texts void nothing, and
 * neither does a freeze, which takes power and gives none.
 */
export function authorityPolicyHash(from: Policy): Hex {
  const { people, lanes, chains, targets, workspaces } = from;
  return canonicalHash({
    version: from.council.version,
    workspaces: {
      slack: workspaces.slack.map(({ team, enterprise, external }) => ({
        team,
        enterprise: enterprise ?? null,
        external,
      })),
      discord: workspaces.discord.map(({ guild }) => ({ guild })),
    },
    people: people.map(({ id, accounts, links, wallets, roles }) => ({
      id,
      accounts: [...accounts].sort(),
      links,
      wallets: [...wallets].sort(),
      roles: [...roles].sort(),
    })),
    lanes: { routine: laneOf(lanes.routine), emergency: laneOf(lanes.emergency) },
    // What a chain does not set is left out of its hash, so that a new setting voids nothing where nobody uses it.
    chains: chains.map((one) => ({
      id: one.id,
      environment: one.environment,
      council: one.council,
      guardian: one.guardian,
      timelock: one.timelock,
      preconditions: one.preconditions,
      ...(one.executor === "person" ? {} : { executor: one.executor }),
      ...(one.sources === undefined ? {} : { sources: one.sources }),
      ...(one.modules.length === 0 ? {} : { modules: [...one.modules].sort() }),
      multiSendCallOnly: one.multiSendCallOnly,
    })),
    targets: targets.map(({ id, chain, contracts, phases, containment, code, fullExposure }) => ({
      id,
      chain,
      contracts: contracts.map(({ name, proxy, kind, initData, functions }) => ({
        ...{ name, proxy, kind, initData },
        ...(functions.length === 0 ? {} : { functions }),
      })),
      phases,
      ...(fullExposure === undefined ? {} : { fullExposure }),
      containment,
      code,
    })),
  });
}

/** As with chains: what a lane does not set is left out. */
const laneOf = ({ overridable, ...rest }: Lane) =>
  overridable.length === 0 ? rest : { ...rest, overridable: [...overridable].sort() };

/** Hash of the catalogue a package was approved with. */
export function metricsHash(from: Policy): Hex {
  return canonicalHash(from.metrics.map(decisivePart));
}

/** The one person an account belongs to. */
export function personOfAccount(from: Policy, wanted: string): Person | undefined {
  return from.people.find((one) => one.accounts.includes(wanted));
}

/** A person's accounts on one platform: `slack` gives those that start with `slack:`. */
export function accountsOn(from: Policy, person: string, platform: string): string[] {
  return personById(from, person)?.accounts.filter((one) => one.startsWith(`${platform}:`)) ?? [];
}

/** The platform's own id of the channel for a purpose; what has no channel of its own goes to `upgrades`. */
export function channelOf(from: Policy, purpose: "upgrades" | "breaches", platform: string): string | undefined {
  const find = (name: string) => from.channels[name]?.find((one) => one.startsWith(`${platform}:`));
  return (find(purpose) ?? find("upgrades"))?.slice(platform.length + 1);
}

/** The one person a wallet belongs to; any spelling of the address. */
export function personOfWallet(from: Pick<Policy, "people">, wallet: string): Person | undefined {
  return from.people.find((one) => one.wallets.some((own) => own.toLowerCase() === wallet.toLowerCase()));
}

export function personById(from: Policy, id: string): Person | undefined {
  return from.people.find((one) => one.id === id);
}

/** Everyone who may act in a role now: who is frozen may not. */
export function withRole(from: Policy, wanted: Role): string[] {
  return from.people.filter((one) => one.roles.includes(wanted) && !one.frozen).map((one) => one.id);
}

/** Names for sentences: "Ben", "Ben or Caro", "Ben, Caro or Dev". */
export function namesOf(from: Policy, ids: readonly string[]): string {
  const names = ids.map((id) => personById(from, id)?.name ?? (id === system.person ? "Quorate" : id));
  const last = names.at(-1);
  if (last === undefined) return "nobody";
  return names.length === 1 ? last : `${names.slice(0, -1).join(", ")} or ${last}`;
}
