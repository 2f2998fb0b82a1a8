/** Authority: Safe, timelock and the gas key hold what the trust rules allow, and no more (trust rules 1 and 3). */

import type { ChainPolicy } from "../domain/chain-policy.ts";
import type { Finding } from "../domain/events.ts";
import { type Policy, personOfWallet } from "../domain/policy.ts";
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
      policy.chains.filter((one) => ids.includes(one.id)).map((one) => chainFindings(one, chains.get(one.id), policy)),
    );
    return { findings: found.flat() };
  }),
};

async function chainFindings(where: ChainPolicy, chain: Chain, policy: Policy): Promise<Finding[]> {
  const [council, guardian, timelock] = await Promise.all([
    chain.safe(where.council),
    chain.safe(where.guardian),
    chain.timelock(where.timelock),
  ]);
  const found: Finding[] = [];
  const gas = chain.gasAccount;
  if ([...council.owners, ...guardian.owners, ...timelock.proposers, ...timelock.cancellers].includes(gas))
    found.push(refuse("gas-key", `The gas account ${gas} holds authority: it may pay gas and nothing else.`));
  if (timelock.openExecutor)
    found.push(
      refuse(
        "open-executor",
        "Anyone may execute on this timelock, so anyone could run the prescheduled rollback and undo the fix.",
      ),
    );
  if (timelock.executors.includes(gas))
    found.push(
      refuse(
        "gas-executor",
        "The gas account may execute on this timelock; with a prescheduled rollback the executor must be a person's wallet.",
      ),
    );
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
  for (const safe of [council, guardian])
    for (const module of safe.modules)
      found.push(refuse("module", `The Safe ${safe.address} has the module ${module}, which acts without signatures.`));
  for (const owner of council.owners.filter((one) => personOfWallet(policy, one) === undefined))
    found.push(
      flag(
        "unknown-owner",
        `The owner ${owner} of the council Safe belongs to nobody in policy; its signature will not be taken here.`,
      ),
    );
  for (const executor of timelock.executors.filter((one) => one !== gas && personOfWallet(policy, one) === undefined))
    found.push(
      flag(
        "unknown-executor",
        `${executor} may execute on the timelock and belongs to nobody in policy: it could run a phase before its gate.`,
      ),
    );
  return found;
}
