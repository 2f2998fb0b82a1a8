/** A server that lies: each lie is said in words, at the top, and nothing is asked of the wallet. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toJson } from "../../../src/domain/canonical.ts";
import type { Hex } from "../../../src/domain/primitives.ts";
import { type ReleasePackage, releasePackage } from "../../../src/domain/release-package.ts";
import type { SigningBrief } from "../../../src/web/brief.ts";
import { readBrief } from "../../../src/web/page/release.ts";
import { connect, type PageVisit, type Stage, startStage } from "./stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage?.stop());

type Lie = (brief: SigningBrief) => unknown;

const otherHash: Hex = `0x${"5a".repeat(32)}`;
const stranger = "0x1111111111111111111111111111111111111111";

function packageOf(brief: SigningBrief): ReleasePackage {
  return releasePackage.parse(brief.package);
}

/** Changes the package; `first` is its first leg. */
function withPackage(change: (pkg: ReleasePackage) => void): Lie {
  return (brief) => {
    const pkg = packageOf(brief);
    change(pkg);
    return { ...brief, package: toJson(pkg) };
  };
}

function first<T>(list: readonly T[]): T {
  if (list[0] === undefined) throw new Error("The list is empty.");
  return list[0];
}

/** A lie told well: the digest is made to fit it. */
function consistently(lie: Lie): Lie {
  return (brief) => {
    const told = lie(brief) as SigningBrief;
    return { ...told, digest: readBrief(told).release?.digest };
  };
}

const doesNotFit = "The approval digest does not fit";

/** Found without the chain: the wallet is not even connected. */
const lies: [string, Lie, string][] = [
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
    (brief) => ({ ...brief, safes: brief.safes.map((one) => ({ ...one, version: "1.4.1 $(touch /tmp/x)" })) }),
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

async function visitWith(lie: Lie, person: "ben" | "caro" = "ben"): Promise<PageVisit> {
  stage.server.brief = () => ({ status: 200, body: lie(stage.brief(person)) });
  return stage.open(person);
}

describe("found in what was sent", () => {
  test.each(lies)("%s", async (_name, lie, sentence) => {
    const visit = await visitWith(lie);
    const alert = visit.page.getByRole("alert").first();
    await alert.getByText("Do not sign. What you were sent does not add up.").waitFor();
    expect(await alert.textContent()).toContain(sentence);
    expect(await visit.page.getByRole("button", { name: /Connect|Sign \d/ }).count()).toBe(0);
    expect(visit.wallet.requests).toEqual([]);
    expect(visit.faults).toEqual([]);
    await visit.close();
  });
});

/** Told well, so that only the chain knows better. */
const chainKnows: [string, Lie, RegExp][] = [
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
    (brief) => ({ ...brief, person: { ...stage.brief("caro").person } }),
    /The wallet's account .* is not linked to Caro, for whom this link was made\./,
  ],
];

describe("found on the chain", () => {
  test.each(chainKnows)("%s", async (_name, lie, sentence) => {
    const visit = await visitWith(lie);
    await connect(visit);
    const alert = visit.page.getByRole("alert").first();
    await alert.getByText("Do not sign. The chain or the wallet says something else.").waitFor();
    expect(await alert.textContent()).toMatch(sentence);
    for (const button of await visit.page.getByRole("button", { name: /^Sign \d/ }).all())
      expect(await button.isEnabled()).toBe(false);
    expect(visit.wallet.signRequests()).toEqual([]);
    await visit.close();
  });

  test("a Safe where there is none is not verified, and that is enough not to sign", async () => {
    const visit = await visitWith(
      consistently((brief) => {
        const pkg = packageOf(brief);
        const council = first(pkg.legs).authority.safe;
        for (const leg of pkg.legs) leg.authority.safe = stranger;
        const safes = brief.safes.map((one) => (one.address === council ? { ...one, address: stranger } : one));
        return { ...brief, package: toJson(pkg), safes };
      }) as Lie,
    );
    await connect(visit);
    await visit.page.getByText("Not verified. Signing stays off until everything could be read.").waitFor();
    await visit.page
      .getByText(/Owners and threshold of the council Safe \(0x1111.*: not read\./)
      .first()
      .waitFor();
    expect(await visit.page.getByRole("button", { name: "Sign 1" }).isEnabled()).toBe(false);
    await visit.close();
  });
});

test("texts of a package are shown with what would hide in them", async () => {
  const visit = await visitWith(
    withPackage((pkg) => {
      pkg.title = "Harbour \u202e2.0.0<img src=x onerror=alert(1)>\u200b";
    }),
  );
  const heading = await visit.page.getByRole("heading", { level: 1 }).textContent();
  expect(heading).toBe("Harbour \\u{202e}2.0.0<img src=x onerror=alert(1)>\\u{200b}");
  await visit.close();
});

test("a link that is no good says so in the server's words, and can be tried again", async () => {
  stage.server.brief = () => ({ status: 403, body: { error: "This link has expired." } });
  const visit = await stage.open("ben");
  await visit.page.getByRole("alert").getByText("This link has expired.").waitFor();
  stage.server.brief = () => ({ status: 200, body: stage.brief("ben") });
  await visit.page.getByRole("button", { name: "Try again" }).click();
  await visit.page.getByRole("button", { name: "Connect Test wallet" }).waitFor();
  await visit.close();
});
