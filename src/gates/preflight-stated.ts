/** What a package says of the chain beside what the chain says, leg by leg. */

import type { ProxyFacts } from "../chain-facts.ts";
import type { ChainPolicy } from "../domain/chain-policy.ts";
import type { Finding } from "../domain/events.ts";
import { chainNumber, type Hex } from "../domain/primitives.ts";
import { type Leg, type ProxyChange, proxyChanges } from "../domain/release-package.ts";
import { type Chain, ChainFault } from "../ports.ts";
import { findings } from "./gate.ts";

const { refuse } = findings("preflight");

/** `preconditionsCodeHash`: EXTCODEHASH of Quorate's own contract. */
export async function legFindings(
  leg: Leg,
  where: ChainPolicy | undefined,
  chain: Chain,
  preconditionsCodeHash: Hex,
): Promise<Finding[]> {
  const changes = proxyChanges(leg);
  const [preconditions, perChange] = await Promise.all([
    chain.codeHash(leg.preconditionsAt),
    Promise.all(
      changes.map(async (change) => {
        const [facts, toCodeHash] = await Promise.all([
          proxyOrNone(chain, change),
          chain.codeHash(change.toImplementation),
        ]);
        return facts === undefined ? [] : judgeChange(change, facts, toCodeHash);
      }),
    ),
  ]);
  const found = [...council(leg, where), ...chainConditions(leg), ...perChange.flat()];
  if (preconditions === preconditionsCodeHash) return found;
  return [
    refuse(
      "preconditions",
      `The contract at ${leg.preconditionsAt} on ${leg.chain} is not Quorate's Preconditions contract: nothing would check the batch on the chain.`,
      {
        evidence: `its code hash is ${preconditions}`,
        fix: "Deploy it with quorate deploy preconditions, or correct chains.yaml.",
      },
    ),
    ...found,
  ];
}

/** What is no proxy is said with its admin path. */
async function proxyOrNone(chain: Chain, { proxy }: ProxyChange): Promise<ProxyFacts | undefined> {
  try {
    return await chain.proxy(proxy);
  } catch (fault) {
    if (fault instanceof ChainFault && fault.kind === "not a proxy") return undefined;
    throw fault;
  }
}

/** A leg decides through policy's own Safe and timelock. */
function council(leg: Leg, where: ChainPolicy | undefined): Finding[] {
  if (where === undefined)
    return [
      refuse(
        "unknown-chain",
        `Policy says nothing of the chain ${leg.chain}, on which the leg ${leg.id} runs: whose Safe and timelock decide there is not known.`,
        {
          fix: "Name the chain with its Safes and its timelock in chains.yaml first.",
        },
      ),
    ];
  const fix = "Propose it again: a package decides through the Safe and the timelock of policy.";
  const { authority } = leg;
  const found: Finding[] = [];
  if (authority.safe !== where.council)
    found.push(
      refuse("other-safe", `The leg ${leg.id} is decided by the Safe ${authority.safe}, which is not the council's.`, {
        evidence: `the council's is ${where.council}`,
        fix,
      }),
    );
  if (authority.kind === "safe+timelock" && authority.timelock !== where.timelock)
    found.push(
      refuse(
        "other-timelock",
        `The leg ${leg.id} goes through the timelock ${authority.timelock}, which is not the council's.`,
        {
          evidence: `the council's is ${where.timelock}`,
          fix,
        },
      ),
    );
  return found;
}

/** The condition on the chain's id is the leg's own chain: on any other the batch reverts. */
function chainConditions(leg: Leg): Finding[] {
  return leg.preconditions
    .filter((one) => one.kind === "chain" && one.number !== chainNumber(leg.chain))
    .map((one) =>
      refuse(
        "chain-condition",
        `The leg ${leg.id} runs on ${leg.chain}, and its condition lets it run on another chain alone.`,
        {
          evidence: one.kind === "chain" ? `chain ${one.number}` : "",
          fix: "Write the condition for the leg's own chain.",
        },
      ),
    );
}

function judgeChange(change: ProxyChange, facts: ProxyFacts, toCodeHash: Hex): Finding[] {
  const found: Finding[] = [];
  const say = (code: string, message: string, evidence: string) =>
    found.push(
      refuse(code, message, {
        evidence,
        fix: "Propose it again from what the chain says now, and find out who changed it since.",
      }),
    );
  if (facts.kind !== change.proxyKind)
    say(
      "kind",
      `The contract ${change.name} is a ${facts.kind} proxy, and the package says ${change.proxyKind}.`,
      change.proxy,
    );
  if (facts.implementation !== change.fromImplementation || facts.implementationCodeHash !== change.fromCodeHash)
    say(
      "from",
      `The contract ${change.name} runs ${facts.implementation}, and the package upgrades from ${change.fromImplementation}.`,
      `code hash ${facts.implementationCodeHash}, stated ${change.fromCodeHash}`,
    );
  if (facts.admin !== change.admin)
    say(
      "admin",
      `The contract ${change.name} is upgraded through ${facts.admin}, and the package calls ${change.admin}.`,
      change.proxy,
    );
  if (toCodeHash !== change.toCodeHash)
    say(
      "to",
      `The code at ${change.toImplementation} is not the code that the package names for ${change.name}.`,
      `code hash ${toCodeHash}, stated ${change.toCodeHash}`,
    );
  return found;
}
