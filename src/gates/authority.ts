/** Authority: Safe, timelock and the gas key hold what the trust rules allow, and no more (trust rules 1 and 3). */

import type { SafeFacts } from "../chain-facts.ts";
import type { ChainPolicy } from "../domain/chain-policy.ts";
import type { Finding, NestedSafe } from "../domain/events.ts";
import { silentChildren, silentInWords } from "../domain/nested-safes.ts";
import { type Policy, personOfWallet } from "../domain/policy.ts";
import type { Address } from "../domain/primitives.ts";
import type { ReleasePackage } from "../domain/release-package.ts";
import type { Chain } from "../ports.ts";
import { findings, type Gate, packageOnly } from "./gate.ts";

const { refuse, flag } = findings("authority");

export const authorityGate: Gate = {
  name: "authority",
  proof: () => [refuse("proof", "not yet")],
  run: packageOnly(async ({ subject: { package: pkg }, policy, chains, progress }) => {
    progress("Reading owners, thresholds and timelock roles…");
    const ids = [...new Set(pkg.legs.map((leg) => leg.chain))];
    const found = await Promise.all(
      policy.chains
        .filter((one) => ids.includes(one.id))
        .map((one) => chainFindings(one, chains.get(one.id), policy, pkg)),
    );
    return { findings: found.flat() };
  }),
};

async function chainFindings(
  where: ChainPolicy,
  chain: Chain,
  policy: Policy,
  pkg: ReleasePackage,
): Promise<Finding[]> {
  const [council, guardian, timelock] = await Promise.all([
    chain.safe(where.council),
    chain.safe(where.guardian),
    chain.timelock(where.timelock),
  ]);
  const found: Finding[] = [];
  const gas = chain.gasAccount;
  const [councilNested, guardianNested] = await Promise.all([
    chain.nestedSafes(council.owners),
    chain.nestedSafes(guardian.owners),
  ]);
  const nested = [...councilNested, ...guardianNested];
  const owners = [council, guardian, ...nested].flatMap((safe) => safe.owners);
  if ([...owners, ...timelock.proposers, ...timelock.cancellers].includes(gas))
    found.push(refuse("gas-key", `The gas account ${gas} holds authority: it may pay gas and nothing else.`));
  if (timelock.openExecutor)
    found.push(
      refuse(
        "open-executor",
        "Anyone may execute on this timelock, so anyone could run the prescheduled rollback and undo the fix.",
      ),
    );
  const owner = personOfWallet(policy, gas);
  if (owner !== undefined)
    found.push(
      refuse(
        "gas-wallet",
        `The gas account ${gas} is also a wallet of ${owner.name}: what it sends would count as theirs. Take it out of council.yaml, or set another GAS_KEY.`,
      ),
    );
  found.push(...gasExecutorFindings(where, gas, timelock.executors, pkg));
  for (const [name, safe] of [
    ["council", council],
    ["guardian", guardian],
  ] as const)
    if (safe.threshold < 2)
      found.push(
        refuse(
          `${name}-threshold`,
          `The ${name} Safe ${safe.address} acts on one signature: each of its owners is the whole ${name} alone.`,
        ),
      );
  for (const admin of timelock.admins.filter((one) => one !== where.timelock))
    found.push(
      refuse("admin", `${admin} administers the timelock ${where.timelock}: it can give itself every role at once.`),
    );
  if (!timelock.proposers.includes(where.council))
    found.push(
      refuse("proposer", `The council Safe ${where.council} is not a proposer of the timelock ${where.timelock}.`),
    );
  if (!timelock.cancellers.includes(where.guardian))
    found.push(
      refuse("canceller", `The guardian Safe ${where.guardian} cannot cancel on the timelock ${where.timelock}.`),
    );
  for (const other of timelock.proposers.filter((one) => one !== where.council))
    found.push(
      refuse("second-proposer", `${other} may also propose to the timelock: upgrades could go past the council.`),
    );
  const children = await Promise.all([...new Set(nested.map((one) => one.address))].map((one) => chain.safe(one)));
  for (const safe of [council, guardian, ...children])
    for (const module of safe.modules)
      found.push(refuse("module", `The Safe ${safe.address} has the module ${module}, which acts without signatures.`));
  found.push(...ownerFindings(where, council, councilNested, policy));
  for (const executor of timelock.executors.filter((one) => one !== gas && personOfWallet(policy, one) === undefined))
    found.push(
      flag(
        "unknown-executor",
        `${executor} may execute on the timelock and belongs to nobody in policy: it could run a phase before its gate.`,
      ),
    );
  return found;
}

/** Owners of the council Safe whose signatures will not come: strangers, and Safes that cannot be asked. */
function ownerFindings(
  where: ChainPolicy,
  council: SafeFacts,
  nested: readonly NestedSafe[],
  policy: Policy,
): Finding[] {
  const isKnown = (owner: Address) =>
    owner === council.address ||
    nested.some((one) => one.address === owner) ||
    personOfWallet(policy, owner) !== undefined;
  const strangers = [council, ...nested].flatMap((safe) =>
    safe.owners
      .filter((owner) => !isKnown(owner))
      .map((owner) => {
        const whose = safe === council ? "the council Safe" : `the Safe ${safe.address}, an owner of the council Safe,`;
        return flag(
          "unknown-owner",
          `The owner ${owner} of ${whose} belongs to nobody in policy; its signature will not be taken here.`,
        );
      }),
  );
  const silent = silentInWords(silentChildren({ ...council, chain: where.id, nested: [...nested] }));
  return [...strangers, ...silent.map((sentence) => flag("silent-owner", `${sentence}.`))];
}

/** The gas key executes where policy says so and nothing but the upgrade stands in the timelock; nowhere else. */
function gasExecutorFindings(
  { id, timelock, executor }: ChainPolicy,
  gas: Address,
  executors: readonly Address[],
  pkg: ReleasePackage,
): Finding[] {
  const may = executors.includes(gas);
  const standing = pkg.legs.find((leg) => leg.chain === id && leg.rollback.mode !== "presigned");
  if (may && executor !== "gas-key")
    return [
      refuse(
        "gas-executor",
        `The gas account ${gas} may execute on this timelock, and policy leaves that to a person's wallet: revoke its EXECUTOR_ROLE, or say executor: gas-key in chains.yaml.`,
      ),
    ];
  if (may && standing !== undefined)
    return [
      refuse(
        "gas-executor",
        `The gas account ${gas} may execute on this timelock, where the prescheduled rollback of ${standing.id} would stand: propose it again, with a rollback that is presigned.`,
      ),
    ];
  return executor === "gas-key" && !may
    ? [
        refuse(
          "gas-no-executor",
          `Policy says that the gas key executes on ${id}, and the gas account ${gas} has no EXECUTOR_ROLE on the timelock ${timelock}: let the council grant it, or say executor: person in chains.yaml.`,
        ),
      ]
    : [];
}
