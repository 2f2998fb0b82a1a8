/** What a server could say instead of the truth, and what the page says to it. */

import { toJson } from "../../../src/domain/canonical.ts";
import type { Hex } from "../../../src/domain/primitives.ts";
import { type ReleasePackage, releasePackage } from "../../../src/domain/release-package.ts";
import type { SigningBrief } from "../../../src/web/brief.ts";
import { readBrief } from "../../../src/web/page/release.ts";

export type Lie = (brief: SigningBrief) => unknown;

export const otherHash: Hex = `0x${"5a".repeat(32)}`;
export const stranger = "0x1111111111111111111111111111111111111111";

export function packageOf(brief: SigningBrief): ReleasePackage {
  return releasePackage.parse(brief.package);
}

/** Changes the package; `first` is its first leg. */
export function withPackage(change: (pkg: ReleasePackage) => void): Lie {
  return (brief) => {
    const pkg = packageOf(brief);
    change(pkg);
    return { ...brief, package: toJson(pkg) };
  };
}

export function first<T>(list: readonly T[]): T {
  if (list[0] === undefined) throw new Error("The list is empty.");
  return list[0];
}

/** A lie told well: the digest is made to fit it. */
export function consistently(lie: Lie): Lie {
  return (brief) => {
    const told = lie(brief) as SigningBrief;
    return { ...told, digest: readBrief(told).release?.digest };
  };
}

export const doesNotFit = "The approval digest does not fit";

/** Found without the chain: the wallet is not even connected. */
export const lies: [string, Lie, string][] = [
  [
    "another package",
    withPackage((pkg) => {
      pkg.rationale = "Something else entirely.";
    }),
    doesNotFit,
  ],
  [
    "a changed call",
    withPackage((pkg) => {
      first(first(pkg.legs).calls).value = 1n;
    }),
    doesNotFit,
  ],
  ["a wrong nonce", (brief) => ({ ...brief, safes: brief.safes.map((one) => ({ ...one, nonce: "9" })) }), doesNotFit],
  [
    "a version before 1.3.0",
    (brief) => ({ ...brief, safes: brief.safes.map((one) => ({ ...one, version: "1.1.1" })) }),
    doesNotFit,
  ],
  ["another head of the log", (brief) => ({ ...brief, auditHead: otherHash }), doesNotFit],
  ["other evidence", (brief) => ({ ...brief, evidenceHash: otherHash }), doesNotFit],
  ["another revision", (brief) => ({ ...brief, revision: 2 }), doesNotFit],
  ["a lying digest", (brief) => ({ ...brief, digest: otherHash }), doesNotFit],
  [
    "another policy",
    consistently((brief) => ({ ...brief, authorityPolicyHash: otherHash })),
    "The release package was written under another policy",
  ],
  [
    "another Safe",
    (brief) => ({ ...brief, safes: brief.safes.map((one) => ({ ...one, address: stranger })) }),
    "Nothing is known of the Safe",
  ],
  [
    "a transaction that does not exist",
    (brief) => ({ ...brief, asked: [...brief.asked, "main/everything"] }),
    "The link asks for a signature called main/everything, and this release has no such transaction.",
  ],
  ["a transaction twice", (brief) => ({ ...brief, asked: [...brief.asked, ...brief.asked] }), "one signature twice"],
  ["nothing to sign", (brief) => ({ ...brief, asked: [] }), "The link asks for no signature at all."],
  ["half a brief", ({ digest: _digest, ...rest }) => rest, "What there is to sign came malformed: digest"],
  ["a field more", (brief) => ({ ...brief, safeTxHash: otherHash }), "What there is to sign came malformed"],
  [
    "a package with a field more",
    (brief) => ({ ...brief, package: { ...(brief.package as object), extra: 1 } }),
    "The release package is malformed",
  ],
  [
    "a version that is a command",
    (brief) => ({ ...brief, safes: brief.safes.map((one) => ({ ...one, version: "1.4.1 $(id)" })) }),
    "a Safe's version is not written as numbers",
  ],
  [
    "an upgrade that is not listed",
    consistently(
      withPackage((pkg) => {
        const main = pkg.legs[1];
        const beacon = first(first(pkg.legs).calls);
        main?.calls.push({ ...beacon, purpose: "Nothing to see here" });
      }),
    ),
    "upgrades something that the package does not list among its changes",
  ],
  [
    "an upgrade that is listed and not made",
    consistently(
      withPackage((pkg) => {
        first(pkg.legs).calls = [{ to: stranger, value: 0n, data: "0x", purpose: "x" }];
      }),
    ),
    "The package lists an upgrade of pilot-pool, and none of its calls makes that upgrade.",
  ],
  [
    "an upgrade to other code than the listed",
    consistently(
      withPackage((pkg) => {
        const change = first(first(pkg.legs).changes);
        if (change.kind === "proxy") change.toImplementation = stranger;
      }),
    ),
    "none of its calls makes that upgrade",
  ],
  [
    "a batch without its guards",
    consistently(
      withPackage((pkg) => {
        first(pkg.legs).preconditions = [];
      }),
    ),
    "lack a guard that every release carries",
  ],
  [
    "a rollback to somebody else's code",
    consistently(
      withPackage((pkg) => {
        const { rollback, calls } = first(pkg.legs);
        rollback.calls = calls;
      }),
    ),
    "to install code that was not there before",
  ],
  [
    "a rollback that puts nothing back",
    consistently(
      withPackage((pkg) => {
        first(pkg.legs).rollback.restores = [];
      }),
    ),
    "The rollback of pilot does not put pilot-pool back.",
  ],
];

/** Told well, so that only the chain knows better. */
export const chainKnows: [string, Lie, RegExp][] = [
  [
    "a nonce that is not the Safe's",
    consistently((brief) => ({ ...brief, safes: brief.safes.map((one) => ({ ...one, nonce: "3" })) })),
    /Next nonce .* the chain says 0, approved was 3\. Something else was run by this Safe/,
  ],
  [
    "a version that is not the Safe's",
    consistently((brief) => ({ ...brief, safes: brief.safes.map((one) => ({ ...one, version: "1.3.0" })) })),
    /Version of the council Safe .*: the chain says 1\.4\.1, the link says 1\.3\.0\./,
  ],
  [
    "a version before 1.3.0, whose hashes are others",
    consistently((brief) => ({ ...brief, safes: brief.safes.map((one) => ({ ...one, version: "1.1.1" })) })),
    /The Safe contract computes another safeTxHash for pilot\/upgrade than this page\./,
  ],
  [
    "a Safe that the signer does not own",
    consistently((brief) => {
      const pkg = packageOf(brief);
      const guardian = first(pkg.containment).safe;
      for (const leg of pkg.legs) leg.authority.safe = guardian;
      return { ...brief, package: toJson(pkg) };
    }),
    /Your account .* is not an owner of/,
  ],
  [
    "code that the package does not pin",
    consistently(
      withPackage((pkg) => {
        for (const leg of pkg.legs)
          for (const change of leg.changes)
            if (change.kind === "proxy") {
              for (const one of leg.preconditions)
                if (one.kind === "codeHash" && one.account === change.toImplementation) one.codeHash = otherHash;
              change.toCodeHash = otherHash;
            }
      }),
    ),
    /The new code of pilot-pool at .* has the code hash 0x[0-9a-f]{64}, and 0x5a5a/,
  ],
  [
    "guards of another contract, which would let anything through",
    consistently(
      withPackage((pkg) => {
        first(pkg.legs).preconditionsAt = stranger;
      }),
    ),
    /The Preconditions contract, which guards the batch, at 0x1111.* has the code hash 0xc5d24601/,
  ],
  [
    "a delay that the timelock does not allow",
    consistently(
      withPackage((pkg) => {
        const { authority } = first(pkg.legs);
        if (authority.kind === "safe+timelock") authority.delay = 60n;
      }),
    ),
    /The timelock .* demands a delay of 172800 seconds, and pilot has only 60\./,
  ],
  [
    "a link that was made for somebody else",
    (brief) => ({ ...brief, person: { id: "caro", name: "Caro", wallets: [stranger] } }),
    /The wallet's account .* is not linked to Caro, for whom this link was made\./,
  ],
];
