/** Authority: Safe, timelock and the gas key hold what the trust rules allow, and no more (trust rules 1 and 3). */

import type { SafeFacts, TimelockFacts } from "../chain-facts.ts";
import type { ChainPolicy } from "../domain/chain-policy.ts";
import type { Finding, NestedSafe } from "../domain/events.ts";
import { silentChildren, silentInWords } from "../domain/nested-safes.ts";
import { type Policy, personOfWallet } from "../domain/policy.ts";
import type { Address } from "../domain/primitives.ts";
import type { Leg } from "../domain/release-package.ts";
import type { Chain } from "../ports.ts";
import { gasExecutorFindings } from "./gas-executor.ts";
import { findings, type Gate } from "./gate.ts";

const { refuse, flag } = findings("authority");

type People = Pick<Policy, "people">;

/** Who holds what on one chain, as it was read. */
interface Holders {
  council: SafeFacts;
  guardian: SafeFacts;
  timelock: TimelockFacts;
  councilNested: NestedSafe[];
  guardianNested: NestedSafe[];
  /** The Safes that own those, with their modules. */
  children: SafeFacts[];
  gas: Address;
}

export const authorityGate: Gate = {
  name: "authority",
  proof: () => judge(proofPolicy, proofHolders, { people: [] }, []),
  async run({ subject, policy, chains, progress }) {
    progress("Reading owners, thresholds and timelock roles…");
    const legs = subject.kind === "package" ? subject.package.legs : [];
    const ids = subject.kind === "package" ? legs.map((leg) => leg.chain) : [subject.tx.chain];
    const found = await Promise.all(
      policy.chains
        .filter((one) => ids.includes(one.id))
        .map(async (one) => judge(one, await holdersOn(one, chains.get(one.id)), policy, legs)),
    );
    return { findings: found.flat() };
  },
};

const nobody: Address = "0x0000000000000000000000000000000000000001";
const proofPolicy = {
  ...{ id: "eip155:1" as const, name: "proof", environment: "proof", explorer: "", modules: [], lowGas: 0n },
  ...{ council: nobody, guardian: nobody, timelock: nobody, preconditions: nobody, executor: "person" as const },
};
const proofSafe: SafeFacts = {
  ...{ address: nobody, version: "1.4.1", nonce: 0n, threshold: 2, owners: [], modules: [] },
};
/** Everything is in order, but that the key which pays gas may propose. */
const proofHolders: Holders = {
  ...{ council: proofSafe, guardian: proofSafe, councilNested: [], guardianNested: [], children: [] },
  gas: "0x0000000000000000000000000000000000000002",
  timelock: {
    ...{ address: nobody, minDelay: 1n, executors: [], cancellers: [nobody], admins: [], openExecutor: false },
    proposers: [nobody, "0x0000000000000000000000000000000000000002"],
  },
};

async function holdersOn(where: ChainPolicy, chain: Chain): Promise<Holders> {
  const [council, guardian, timelock] = await Promise.all([
    chain.safe(where.council),
    chain.safe(where.guardian),
    chain.timelock(where.timelock),
  ]);
  const [councilNested, guardianNested] = await Promise.all([
    chain.nestedSafes(council.owners),
    chain.nestedSafes(guardian.owners),
  ]);
  const nested = new Set([...councilNested, ...guardianNested].map((one) => one.address));
  const children = await Promise.all([...nested].map((one) => chain.safe(one)));
  return { council, guardian, timelock, councilNested, guardianNested, children, gas: chain.gasAccount };
}

function judge(where: ChainPolicy, holders: Holders, policy: People, legs: readonly Leg[]): Finding[] {
  const { council, guardian, timelock, councilNested, guardianNested, gas } = holders;
  return [
    ...gasKey(holders, policy),
    ...(legs.length === 0 ? [] : gasExecutorFindings(where, gas, timelock.executors, legs)),
    ...safes(holders),
    ...timelockRoles(where, holders, policy, legs),
    ...ownerFindings(where, "council", council, councilNested, policy),
    ...ownerFindings(where, "guardian", guardian, guardianNested, policy),
  ];
}

/** The key on the bot's host pays gas and decides nothing. */
function gasKey(holders: Holders, policy: People): Finding[] {
  const { council, guardian, timelock, councilNested, guardianNested, gas } = holders;
  const nested = [...councilNested, ...guardianNested];
  const owners = [council, guardian, ...nested].flatMap((safe) => safe.owners);
  const found: Finding[] = [];
  if ([...owners, ...timelock.proposers, ...timelock.cancellers].includes(gas))
    found.push(
      refuse("gas-key", `The gas account ${gas} holds authority: it may pay gas and nothing else.`, {
        evidence: gas,
        fix: "Take its ownership and its roles from it, or set another GAS_KEY.",
      }),
    );
  const owner = personOfWallet(policy, gas);
  if (owner !== undefined)
    found.push(
      refuse(
        "gas-wallet",
        `The gas account ${gas} is also a wallet of ${owner.name}: what it sends would count as theirs.`,
        { evidence: gas, fix: "Take it out of council.yaml, or set another GAS_KEY." },
      ),
    );
  return found;
}

function safes({ council, guardian, children }: Holders): Finding[] {
  const thresholds = (
    [
      ["council", council],
      ["guardian", guardian],
    ] as const
  )
    .filter(([, safe]) => safe.threshold < 2)
    .map(([name, safe]) =>
      refuse(
        `${name}-threshold`,
        `The ${name} Safe ${safe.address} acts on one signature: each of its owners is the whole ${name} alone.`,
        {
          evidence: `threshold ${safe.threshold} of ${safe.owners.length}`,
          fix: "Raise its threshold to two or more.",
        },
      ),
    );
  const modules = [council, guardian, ...children].flatMap((safe) =>
    safe.modules.map((module) =>
      refuse("module", `The Safe ${safe.address} has the module ${module}, which acts for it without signatures.`, {
        evidence: module,
        fix: "Take the module off the Safe.",
      }),
    ),
  );
  return [...thresholds, ...modules];
}

function timelockRoles(
  where: ChainPolicy,
  { timelock, gas }: Holders,
  policy: People,
  legs: readonly Leg[],
): Finding[] {
  const found: Finding[] = [];
  if (timelock.openExecutor) found.push(openExecutor(where, legs));
  for (const admin of timelock.admins.filter((one) => one !== where.timelock))
    found.push(
      refuse(
        "admin",
        `The account ${admin} administers the timelock ${where.timelock}: it can give itself every role at once.`,
        {
          evidence: admin,
          fix: `Have it renounce its role: the timelock ${where.timelock} itself is the one administrator that is safe.`,
        },
      ),
    );
  if (!timelock.proposers.includes(where.council))
    found.push(
      refuse(
        "proposer",
        `The council Safe ${where.council} is not a proposer of the timelock ${where.timelock}: it can schedule nothing there.`,
        {
          evidence: `its proposers are ${timelock.proposers.join(", ") || "nobody"}`,
          fix: "Compare both addresses with policy's, or have the role granted.",
        },
      ),
    );
  if (!timelock.cancellers.includes(where.guardian))
    found.push(
      refuse(
        "canceller",
        `The guardian Safe ${where.guardian} cannot cancel on the timelock ${where.timelock}: it could stop nothing there.`,
        {
          evidence: `its cancellers are ${timelock.cancellers.join(", ") || "nobody"}`,
          fix: "Have CANCELLER_ROLE granted to the guardian Safe.",
        },
      ),
    );
  for (const other of timelock.proposers.filter((one) => one !== where.council))
    found.push(
      refuse(
        "second-proposer",
        `The account ${other} may also propose to the timelock: upgrades could go past the council.`,
        {
          evidence: other,
          fix: "Have PROPOSER_ROLE revoked from it.",
        },
      ),
    );
  for (const executor of timelock.executors.filter((one) => one !== gas && personOfWallet(policy, one) === undefined))
    found.push(
      flag(
        "unknown-executor",
        `The account ${executor} may execute on the timelock and belongs to nobody in policy: it could run a phase before its gate.`,
        { evidence: executor, fix: "Link the wallet to its person in council.yaml, or have EXECUTOR_ROLE revoked." },
      ),
    );
  return found;
}

/** Whoever executes chooses the block; where a rollback stands beside the upgrade, they could undo the fix as well. */
function openExecutor({ timelock }: ChainPolicy, legs: readonly Leg[]): Finding {
  const detail = {
    evidence: `EXECUTOR_ROLE of ${timelock} is granted to the zero address`,
    fix: "Have EXECUTOR_ROLE revoked from the zero address, and granted to the people who execute.",
  };
  return legs.some((leg) => leg.rollback.mode === "prescheduled")
    ? refuse(
        "open-executor",
        "Anyone may execute on this timelock, so anyone could run the prescheduled rollback and undo the fix.",
        detail,
      )
    : flag(
        "open-executor",
        "Anyone may execute on this timelock, so anyone chooses the block in which an operation runs.",
        detail,
      );
}

/** Owners of a Safe whose signatures will not come: strangers, and Safes that cannot be asked. */
function ownerFindings(
  where: ChainPolicy,
  name: "council" | "guardian",
  outermost: SafeFacts,
  nested: readonly NestedSafe[],
  policy: People,
): Finding[] {
  const isKnown = (owner: Address) =>
    owner === outermost.address ||
    nested.some((one) => one.address === owner) ||
    personOfWallet(policy, owner) !== undefined;
  const strangers = [outermost, ...nested].flatMap((safe) =>
    safe.owners
      .filter((owner) => !isKnown(owner))
      .map((owner) => {
        const whose =
          safe === outermost ? `the ${name} Safe` : `the Safe ${safe.address}, an owner of the ${name} Safe,`;
        return flag(
          "unknown-owner",
          `The owner ${owner} of ${whose} belongs to nobody in policy; its signature will not be taken here.`,
          {
            evidence: owner,
            fix: "Link the wallet to its person in council.yaml, or have the owner replaced.",
          },
        );
      }),
  );
  const silent = silentInWords(silentChildren({ ...outermost, chain: where.id, nested: [...nested] }));
  return [
    ...strangers,
    ...silent.map((sentence) =>
      flag("silent-owner", `${sentence}.`, {
        fix: "Have an owner who can answer sign instead, or replace the owner.",
      }),
    ),
  ];
}
