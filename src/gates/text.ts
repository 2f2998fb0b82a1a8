/** Text: what people read is what stands there, and no two addresses can be taken for one another. */

import { deception, lookAlike } from "../domain/deceptive-text.ts";
import type { DecodedCall } from "../domain/decode-calls.ts";
import type { Finding } from "../domain/events.ts";
import type { Policy } from "../domain/policy.ts";
import { type Address, zeroAddress } from "../domain/primitives.ts";
import { proxyChanges, type ReleasePackage } from "../domain/release-package.ts";
import { findings, type Gate, type Subject } from "./gate.ts";
import { callsOf, functionsOf, signedBy } from "./signed-calls.ts";

const { refuse } = findings("text");

export const textGate: Gate = {
  name: "text",
  proof: () => judgeText("proof", "Upgrade \u202egnp.tluav"),
  async run({ subject, policy }) {
    const texts = subject.kind === "package" ? textsOf(subject.package) : [];
    return {
      findings: [
        ...texts.flatMap(([what, text]) => judgeText(what, text)),
        ...judgeAddresses(addressesOf(subject, policy), knownTo(policy)),
      ],
    };
  },
};

/** Everything that people wrote and people read, with what it is. */
function textsOf(pkg: ReleasePackage): [string, string][] {
  return [
    ["title", pkg.title],
    ["rationale", pkg.rationale],
    ...pkg.legs.flatMap((leg) => [
      ...[...leg.calls, ...leg.rollback.calls].map((call): [string, string] => [
        `purpose of a call of ${leg.id}`,
        call.purpose,
      ]),
      ...leg.changes.flatMap((one): [string, string][] =>
        one.kind === "call"
          ? [["effect of a change", one.effect]]
          : one.kind === "parameter"
            ? [["parameter", `${one.from} ${one.to}`]]
            : [],
      ),
      ...leg.expects.authority.map((text): [string, string] => ["expected authority", text]),
    ]),
    ...pkg.phases.flatMap((phase) =>
      phase.exposure.routes.map((text): [string, string] => [`route of ${phase.id}`, text]),
    ),
    ...pkg.containment.map((one): [string, string] => [`action of ${one.id}`, one.action]),
    ...pkg.sources.flatMap(({ repository, commit }): [string, string][] => [
      ["repository", repository],
      ["commit", commit],
    ]),
    ...pkg.audits.flatMap(({ name, url }): [string, string][] => [
      ["audit", name],
      ["address of an audit", url],
    ]),
  ];
}

/** A text that people read; `what` stands behind "The". */
export function judgeText(what: string, text: string): Finding[] {
  const problem = deception(text);
  if (problem === undefined) return [];
  const shown = JSON.stringify(text.slice(0, 200)).replace(
    /[^\x20-\x7e]/gu,
    (one) => `\\u{${one.codePointAt(0)?.toString(16)}}`,
  );
  return [
    refuse("deceptive", `The ${what} is not what it looks like: ${problem}.`, {
      evidence: shown,
      fix: "Write it anew in plain letters; do not copy it.",
    }),
  ];
}

/** Every address that the calls go to or hand over, each once. */
function addressesOf(subject: Subject, policy: Policy): Address[] {
  const calls = signedBy(subject).flatMap((signed) => [
    signed.tx.safe,
    ...callsOf(signed, functionsOf(policy)).flatMap(mentioned),
  ]);
  const changed =
    subject.kind === "package"
      ? subject.package.legs
          .flatMap(proxyChanges)
          .flatMap((one) => [one.proxy, one.admin, one.fromImplementation, one.toImplementation])
      : [];
  return [...new Set([...calls, ...changed])].filter((one) => one !== zeroAddress);
}

function mentioned({ to, args }: DecodedCall): Address[] {
  return [
    to,
    ...args.flat(3).filter((one): one is Address => typeof one === "string" && /^0x[0-9a-fA-F]{40}$/.test(one)),
  ];
}

/** The addresses that policy stands for, with what they are. */
function knownTo(policy: Policy): [Address, string][] {
  return [
    ...policy.chains.flatMap((one): [Address, string][] => [
      [one.council, "the council Safe"],
      [one.guardian, "the guardian Safe"],
      [one.timelock, "the timelock"],
      [one.preconditions, "the Preconditions contract"],
    ]),
    ...policy.targets.flatMap((one) =>
      one.contracts.map((contract): [Address, string] => [contract.proxy, contract.name]),
    ),
    ...policy.people.flatMap((one) => one.wallets.map((wallet): [Address, string] => [wallet, `${one.name}'s wallet`])),
  ];
}

function judgeAddresses(used: readonly Address[], known: readonly [Address, string][]): Finding[] {
  const twins = used.flatMap((one, index) => [
    ...used
      .slice(index + 1)
      .flatMap((other) => (lookAlike(one, other) ? [[one, other, "another address in it"] as const] : [])),
    ...known.flatMap(([other, name]) => (lookAlike(one, other) ? [[one, other, name] as const] : [])),
  ]);
  return twins.map(([one, other, name]) =>
    refuse(
      "look-alike",
      `The address ${one} looks like ${name}, ${other}, and is another: their first and last digits are the same.`,
      {
        evidence: `${one} and ${other}`,
        fix: "Find out where the address came from, for such a twin is made on purpose, and take addresses from policy, never from a history of transfers.",
      },
    ),
  );
}
