/** Lies about one field at a time: each of the ten of a Safe transaction, as far as a server has a say in it, and all that binds it. */

import { toJson } from "../../../src/domain/canonical.ts";
import { upgradePreconditions } from "../../../src/domain/preconditions.ts";
import { upgradeCall } from "../../../src/domain/proxy-calls.ts";
import {
  type Leg,
  type ProxyChange,
  phaseOfLeg,
  proxyChanges,
  type ReleasePackage,
} from "../../../src/domain/release-package.ts";
import type { SigningBrief } from "../../../src/web/brief.ts";
import { consistently, doesNotFit, first, type Lie, otherHash, packageOf, stranger, withPackage } from "./lies.ts";

const otherChain = "eip155:1";

/** Found without the chain. */
export const fieldLies: [string, Lie, string][] = [
  [
    "to: another timelock",
    withPackage(({ legs }) => {
      const { authority } = first(legs);
      if (authority.kind === "safe+timelock") authority.timelock = stranger;
    }),
    doesNotFit,
  ],
  [
    "to: a containment of another contract",
    withPackage(({ containment }) => {
      first(first(containment).calls).to = stranger;
    }),
    doesNotFit,
  ],
  [
    "value: a containment that pays",
    withPackage(({ containment }) => {
      first(first(containment).calls).value = 1n;
    }),
    doesNotFit,
  ],
  [
    "data: another call in the batch",
    withPackage(({ legs }) => {
      first(first(legs).calls).data = "0x8456cb59";
    }),
    doesNotFit,
  ],
  [
    "data: another containment",
    withPackage(({ containment }) => {
      first(first(containment).calls).data = "0x5c975abb";
    }),
    doesNotFit,
  ],
  [
    "data: another delay",
    withPackage(({ legs }) => {
      const { authority } = first(legs);
      if (authority.kind === "safe+timelock") authority.delay += 1n;
    }),
    doesNotFit,
  ],
  [
    "chain: all of it on another chain",
    (brief) => {
      const pkg = packageOf(brief);
      for (const leg of pkg.legs) leg.chain = otherChain;
      for (const one of pkg.containment) one.chain = otherChain;
      const safes = brief.safes.map((one) => ({ ...one, chain: otherChain }));
      return { ...brief, package: toJson(pkg), safes };
    },
    doesNotFit,
  ],
  [
    "chain: a Safe on another chain than its leg",
    (brief) => ({ ...brief, safes: brief.safes.map((one) => ({ ...one, chain: otherChain })) }),
    "Nothing is known of the Safe",
  ],
  [
    "chain: a name that is none",
    (brief) => ({ ...brief, safes: brief.safes.map((one) => ({ ...one, chain: "mainnet" })) }),
    "a Safe's chain is not written as eip155 and a number",
  ],
  [
    "safe: another in the package",
    withPackage(({ legs, containment }) => {
      for (const leg of legs) leg.authority.safe = first(containment).safe;
    }),
    doesNotFit,
  ],
  [
    "safe: one named twice",
    consistently((brief) => ({ ...brief, safes: [...brief.safes, first(brief.safes)] })),
    "The link names one Safe twice.",
  ],
  [
    "nonce: one that is no number",
    (brief) => ({ ...brief, safes: brief.safes.map((one) => ({ ...one, nonce: "0x0" })) }),
    "What there is to sign came malformed: safes.0.nonce",
  ],
  [
    "nonce: one that no Safe can have",
    (brief) => ({ ...brief, safes: brief.safes.map((one) => ({ ...one, nonce: "9".repeat(78) })) }),
    "What there is to sign came malformed: safes.0.nonce",
  ],
  [
    "ceremony: words in place of its name",
    (brief) => ({ ...brief, ceremony: "UP-1, which is safe" }),
    "What there is to sign came malformed: ceremony: a ceremony is called UP and a number",
  ],
  [
    "a name that is none",
    (brief) => ({ ...brief, person: { ...brief.person, id: "<b>ben</b>" } }),
    "What there is to sign came malformed: person.id",
  ],
  [
    "wallets: an address that is none",
    (brief) => ({ ...brief, person: { ...brief.person, wallets: ["0x12"] } }),
    "What there is to sign came malformed: person.wallets.0",
  ],
  ["revision: none", (brief) => ({ ...brief, revision: 0 }), "What there is to sign came malformed: revision"],
  [
    "the policy, in the package alone",
    consistently(
      withPackage((pkg) => {
        pkg.authorityPolicyHash = otherHash;
      }),
    ),
    "The release package was written under another policy",
  ],
  [
    "the code that a rollback goes back to, as the batch checks it",
    withPackage(({ legs }) => {
      first(first(legs).rollback.restores).codeHash = otherHash;
    }),
    doesNotFit,
  ],
];

/** What a server could add: fields of a Safe transaction that follow from nothing, and answers that the page finds itself. */
export const addedFields: Record<string, unknown> = {
  operation: 1,
  safeTxGas: "1",
  baseGas: "1",
  gasPrice: "1",
  gasToken: stranger,
  refundReceiver: stranger,
  nonce: "1",
  safeTxHash: otherHash,
  messageHash: otherHash,
  decoded: "Nothing of importance happens.",
};

/** Where it could be added. */
export const places: [string, (brief: SigningBrief, more: object) => unknown][] = [
  ["the brief", (brief, more) => ({ ...more, ...brief })],
  ["a Safe", (brief, more) => ({ ...brief, safes: brief.safes.map((one) => ({ ...more, ...one })) })],
  ["the person", (brief, more) => ({ ...brief, person: { ...more, ...brief.person } })],
  ["the package", (brief, more) => ({ ...brief, package: { ...more, ...(brief.package as object) } })],
  ["a call", inPackage((pkg, more) => Object.assign(first(first(pkg.legs).calls), more))],
  ["a change", inPackage((pkg, more) => Object.assign(first(first(pkg.legs).changes), more))],
  ["a leg's authority", inPackage((pkg, more) => Object.assign(first(pkg.legs).authority, more))],
  ["the rollback", inPackage((pkg, more) => Object.assign(first(pkg.legs).rollback, more))],
  ["a containment", inPackage((pkg, more) => Object.assign(first(pkg.containment), more))],
];

function inPackage(change: (pkg: ReleasePackage, more: object) => void) {
  return (brief: SigningBrief, more: object) => withPackage((pkg) => change(pkg, more))(brief);
}

/** The pilot's beacon upgrade, rewritten as a whole, so that nothing in the package contradicts it. */
function rewritten(change: (one: ProxyChange, leg: Leg) => void): Lie {
  return consistently(
    withPackage((pkg) => {
      const leg = first(pkg.legs);
      const one = first(proxyChanges(leg));
      change(one, leg);
      const call = (to: ProxyChange["toImplementation"]) => ({
        ...upgradeCall({ kind: one.proxyKind, proxy: one.proxy, admin: one.admin }, to, "0x"),
        purpose: "An upgrade like any other",
      });
      leg.calls = [call(one.toImplementation)];
      leg.rollback.calls = [call(one.fromImplementation)];
      leg.rollback.restores = [
        { contract: one.proxy, implementation: one.fromImplementation, codeHash: one.fromCodeHash },
      ];
      const window = pkg.phases[phaseOfLeg(pkg, leg.id)]?.window ?? { notBefore: 0n, notAfter: 0n };
      leg.preconditions = upgradePreconditions(leg.chain, window, [one]);
    }),
  );
}

/** Told well, so that only the chain knows better. */
export const fieldsOnTheChain: [string, Lie, RegExp][] = [
  [
    "code from which the upgrade does not start",
    rewritten((one) => {
      one.fromImplementation = stranger;
    }),
    /pilot-pool runs 0x[0-9a-fA-F]{40} now, and the package says 0x1111.*: it was changed meanwhile\./,
  ],
  [
    "a beacon that is not the proxy's",
    rewritten((one) => {
      one.admin = stranger;
    }),
    /pilot-pool follows the beacon 0x[0-9a-fA-F]{40}, and the package upgrades 0x1111/,
  ],
  [
    "old code that is not there",
    rewritten((one) => {
      one.fromCodeHash = otherHash;
    }),
    /The code that the rollback of pilot goes back to at 0x[0-9a-fA-F]{40} has the code hash 0x[0-9a-f]{64}, and 0x5a5a/,
  ],
];
