/** Preflight: what the package says about the chain is what the chain says (MISSION 23, 29, 31). */

import type { Finding } from "../domain/events.ts";
import type { Hex } from "../domain/primitives.ts";
import { type Leg, proxyChanges } from "../domain/release-package.ts";
import { timelockOf } from "../domain/transactions.ts";
import type { Chain } from "../ports.ts";
import { findings, type Gate, packageOnly } from "./gate.ts";

const { refuse } = findings("preflight");

export const preflightGate: Gate = {
  name: "preflight",
  proof: () => [refuse("proof", "not yet")],
  run: packageOnly(async ({ subject: { package: pkg }, chains, preconditionsCodeHash, progress }) => {
    progress("Reading proxies, code hashes and owners from the chain…");
    const perLeg = await Promise.all(
      pkg.legs.map((leg) => legFindings(leg, chains.get(leg.chain), preconditionsCodeHash)),
    );
    return { findings: perLeg.flat() };
  }),
};

async function legFindings(leg: Leg, chain: Chain, preconditionsCodeHash: Hex): Promise<Finding[]> {
  const found: Finding[] = [];
  const { timelock } = timelockOf(leg);
  if ((await chain.codeHash(leg.preconditionsAt)) !== preconditionsCodeHash)
    found.push(
      refuse(
        "preconditions",
        `The contract at ${leg.preconditionsAt} on ${leg.chain} is not Quorate's Preconditions contract. Deploy it with quorate deploy preconditions.`,
      ),
    );
  for (const change of proxyChanges(leg)) {
    const facts = await chain.proxy(change.proxy);
    if (facts.kind !== change.proxyKind)
      found.push(refuse("kind", `${change.name} is a ${facts.kind} proxy, and the package says ${change.proxyKind}.`));
    if (facts.implementation !== change.fromImplementation || facts.implementationCodeHash !== change.fromCodeHash)
      found.push(
        refuse(
          "from",
          `${change.name} runs ${facts.implementation}, and the package upgrades from ${change.fromImplementation}.`,
        ),
      );
    if (facts.admin !== change.admin)
      found.push(
        refuse("admin", `${change.name} is upgraded through ${facts.admin}, and the package calls ${change.admin}.`),
      );
    if (facts.owner !== timelock)
      found.push(
        refuse(
          "owner",
          `${change.name} can be upgraded by ${facts.owner ?? "nobody that owner() names"}, and not only by the timelock ${timelock}.`,
        ),
      );
    if ((await chain.codeHash(change.toImplementation)) !== change.toCodeHash)
      found.push(
        refuse(
          "to",
          `The code at ${change.toImplementation} is not the code that the package names for ${change.name}.`,
        ),
      );
  }
  return found;
}
