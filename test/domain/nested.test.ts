/** A council with Safes among its owners, in decisions: what counts, who is asked, what is refused and in which words. */

import { describe, expect, test } from "vitest";
import { isFullySigned, transactionById } from "../../src/domain/ceremony.ts";
import type { NestedSafe } from "../../src/domain/events.ts";
import { parseEvent } from "../../src/domain/events.ts";
import type { Intent } from "../../src/domain/intent.ts";
import { type Policy, personById } from "../../src/domain/policy.ts";
import type { Address } from "../../src/domain/primitives.ts";
import { missingInWords, missingSignatures, places, signable, silentSafesOf } from "../../src/domain/signing.ts";
import { nextSteps } from "../../src/domain/why.ts";
import { Ceremony } from "../support/ceremony-driver.ts";
import { given, rulesWithout } from "../support/given.ts";
import { addressOf, hashOf, mainnet, walletOf } from "../support/sample-council.ts";

const council = addressOf(`council on ${mainnet}`);
const childAt = (name: string) => addressOf(`child Safe ${name}`);
const childOf = (name: string, people: string[], threshold: number, version = "1.4.1"): NestedSafe => ({
  ...{ address: childAt(name), version, threshold, owners: people.map((one) => walletOf(one)) },
});

/** A ceremony in review whose council Safe is owned as said. */
function reviewed(owners: Address[], threshold: number, nested: NestedSafe[], policy?: Policy): Ceremony {
  const it = new Ceremony(policy === undefined ? {} : { policy });
  it.changeSafe(mainnet, council, { owners, threshold, nested });
  return it.must(it.propose("ada")).must(it.check()).must(it.openReview());
}

const usual = () =>
  reviewed([walletOf("ben"), childAt("auditors")], 2, [childOf("auditors", ["caro", "dev", "finn"], 2)]);
const id = "vault/upgrade";
const through = (
  it: Ceremony,
  who: string,
  via: Address[] = [childAt("auditors")],
  tx = id,
  wallet?: Address,
): Intent => {
  const intent = it.sign(who, tx, wallet);
  return intent.kind === "sign" ? { ...intent, via } : intent;
};
const isSigned = (it: Ceremony) => {
  const tx = transactionById(it.state, id);
  return tx !== undefined && isFullySigned(it.state, tx);
};
const somebody = (it: Ceremony, who: string) => {
  const found = personById(it.policy, who);
  if (found === undefined) throw new Error(`There is no ${who}.`);
  return found;
};

describe("counting", () => {
  test("a child counts once its own threshold is reached, and as one owner", () => {
    const it = usual();
    it.must(through(it, "caro")).must(through(it, "dev")).must(through(it, "finn"));
    expect(isSigned(it)).toBe(false);
    it.must(it.sign("ben", id));
    expect(isSigned(it)).toBe(true);
    const short = usual();
    short.must(short.sign("ben", id)).must(through(short, "caro"));
    expect(isSigned(short)).toBe(false);
    expect(missingInWords(short.state, short.policy)[0]).toBe(
      `1 more signature for ${id}, from Dev or Finn; 1 of 2 of the Safe ${childAt("auditors")} have approved`,
    );
    expect(missingSignatures(short.state, short.policy)[0]).toMatchObject({ missing: 1, who: ["dev", "finn"] });
  });

  test("every signer counts as one approver, through whichever Safe", () => {
    const it = usual();
    it.must(it.sign("ben", id)).must(through(it, "caro")).must(through(it, "dev"));
    expect(it.state.quorumMet).toBe(true);
  });

  test("it cannot be scheduled while a child is not complete", () => {
    const it = usual();
    for (const { id: tx, tx: safeTx } of it.state.review?.transactions ?? []) {
      if (safeTx.safe !== council) for (const who of ["caro", "dev"]) it.must(it.sign(who, tx));
      else
        it.must(it.sign("ben", tx)).must({ ...(it.sign("caro", tx) as object), via: [childAt("auditors")] } as never);
    }
    it.must(it.approve("finn"));
    given(it)
      .when((one) => one.schedule("ada"))
      .refused("schedule/signatures", /1 of 2 of the Safe/);
    for (const { id: tx, tx: safeTx } of it.state.review?.transactions ?? [])
      if (safeTx.safe === council) it.must(through(it, "dev", undefined, tx));
    given(it)
      .when((one) => one.schedule("ada"))
      .then("scheduleRequested");
  });

  test("the card says who can still sign, and not who need not", () => {
    const it = usual();
    it.must(through(it, "caro")).must(through(it, "dev"));
    const [step] = nextSteps(it.state, it.policy).filter((one) => one.command === "sign");
    expect(missingSignatures(it.state, it.policy)[0]?.who).toEqual(["ben"]);
    expect(step?.who).toContain("ben");
  });
});

describe("who is asked", () => {
  test("owners of a child, once; not those who own nothing", () => {
    const it = usual();
    const asked = (who: string) => signable(it.state, somebody(it, who), it.policy).some((one) => one.id === id);
    expect(["ben", "caro", "dev", "finn", "eve", "gus"].filter(asked)).toEqual(["ben", "caro", "dev", "finn"]);
    it.must(through(it, "caro"));
    expect(asked("caro")).toBe(false);
  });

  test("an author signs through a child no more than directly", () => {
    const it = reviewed([walletOf("ben"), childAt("auditors")], 2, [childOf("auditors", ["ada", "caro", "dev"], 2)]);
    given(it)
      .when((one) => through(one, "ada"))
      .refused("separation/proposer-signs");
  });

  test("a child that cannot be asked off-chain is named, with the way out", () => {
    const it = reviewed([walletOf("ben"), walletOf("caro"), walletOf("dev"), childAt("modern")], 2, [
      childOf("modern", ["finn"], 1, "1.5.0"),
    ]);
    expect(places(it.state, somebody(it, "finn"), transactionById(it.state, id) as never)).toEqual([]);
    expect(silentSafesOf(it.state, somebody(it, "finn"))).toMatchObject([{ child: { version: "1.5.0" } }]);
    expect(silentSafesOf(it.state, somebody(it, "ben"))).toEqual([]);
  });
});

describe("the review", () => {
  const opened = (owners: Address[], threshold: number, nested: NestedSafe[]) => {
    const it = new Ceremony();
    it.changeSafe(mainnet, council, { owners, threshold, nested });
    it.must(it.propose("ada")).must(it.check());
    return given(it).when((one) => one.openReview());
  };

  test("is not opened where the tree can never be completed", () => {
    const both = [childAt("a"), childAt("b")];
    opened([walletOf("ben"), childAt("a")], 2, [childOf("a", ["caro", "dev"], 2)]).then("reviewOpened");
    // Caro signs once: not for both Safes.
    opened(both, 2, [childOf("a", ["caro"], 1), childOf("b", ["caro"], 1)]).refused("review/unsatisfiable");
    opened(both, 2, [childOf("a", ["caro"], 1), childOf("b", ["caro", "dev"], 1)]).then("reviewOpened");
    // An author's signature is not taken, so the child lacks one.
    opened(both, 2, [childOf("a", ["ada", "caro"], 2), childOf("b", ["dev"], 1)]).refused("review/unsatisfiable");
  });

  test("is not opened where a Safe that is needed cannot be asked, and says what its owners can do", () => {
    opened([walletOf("ben"), childAt("modern")], 2, [childOf("modern", ["caro"], 1, "1.5.0")]).refused(
      "review/unsatisfiable",
      /cannot sign for 0x.*: its owners can have it approve the hash on the chain/,
    );
  });

  test("is void for a signature where a child has changed since, and for the schedule too", () => {
    const change = (it: Ceremony, by: Partial<NestedSafe>) =>
      it.changeSafe(mainnet, council, { nested: [{ ...childOf("auditors", ["caro", "dev", "finn"], 2), ...by }] });
    const changes: Partial<NestedSafe>[] = [
      { threshold: 1 },
      { owners: [walletOf("caro"), walletOf("finn")] },
      { owners: [walletOf("caro"), walletOf("dev"), walletOf("finn"), addressOf("stranger")] },
      { version: "1.3.0" },
      { address: addressOf("another") },
    ];
    for (const one of changes) {
      given(usual())
        .and((it) => change(it, one))
        .when((it) => it.sign("ben", id))
        .refused("integrity/safe-owners");
      given(usual())
        .and((it) => ["ben", "caro", "dev"].forEach((who) => void it.must(it.approve(who))))
        .and((it) => change(it, one))
        .when((it) => it.schedule("ada"))
        .refused("integrity/safe-owners");
    }
    // The same owners in another order are the same owners.
    given(usual())
      .and((it) => change(it, { owners: ["finn", "caro", "dev"].map((who) => walletOf(who)) }))
      .when((it) => it.sign("ben", id))
      .then("signed");
  });
});

describe("a signature", () => {
  test("for a Safe that does not lead there is refused", () => {
    const nested = [childOf("auditors", ["caro", "dev", "finn"], 2), childOf("strangers", ["caro", "dev"], 1)];
    const it = () => reviewed([walletOf("ben"), childAt("auditors")], 2, nested);
    for (const via of [[childAt("strangers")], [childAt("nowhere")], [childAt("auditors"), childAt("strangers")]])
      given(it())
        .when((one) => through(one, "caro", via))
        .refused("integrity/signature-owner", /does not lead to the Safe/);
    given(it())
      .when((one) => through(one, "gus"))
      .refused("integrity/signature-owner", /is not an owner of the Safe 0x/);
    given(it())
      .when((one) => one.sign("caro", id))
      .refused("integrity/signature-owner");
    given(it())
      .when((one) => through(one, "ben"))
      .refused("integrity/signature-owner");
  });

  test("of another Safe's owner gets through without the rule that refuses it", () => {
    const it = usual();
    it.rules = rulesWithout("signature-owner");
    given(it)
      .when((one) => through(one, "gus", [childAt("nowhere")]))
      .then("signed");
  });

  test("that would leave nobody for another Safe is not taken in the wrong place", () => {
    const nested = [childOf("a", ["caro"], 1), childOf("b", ["caro", "dev"], 1)];
    const it = () => reviewed([childAt("a"), childAt("b")], 2, nested);
    given(it())
      .when((one) => through(one, "caro", [childAt("b")]))
      .refused("signature/elsewhere", /Sign in another place instead/);
    given(it())
      .when((one) => through(one, "caro", [childAt("a")]))
      .then("signed");
    given(it())
      .and((one) => one.must(through(one, "caro", [childAt("a")])))
      .when((one) => through(one, "dev", [childAt("b")]))
      .then("signed");
  });

  test("is given once by a person, in one place, with one wallet", () => {
    const nested = [
      childOf("a", ["caro", "dev"], 1),
      { ...childOf("b", ["dev"], 1), owners: [walletOf("caro", 2), walletOf("dev")] },
    ];
    const it = reviewed([walletOf("caro"), childAt("a"), childAt("b")], 2, nested);
    it.must(it.sign("caro", id));
    given(it)
      .when((one) => through(one, "caro", [childAt("a")]))
      .refused("signature/again");
    given(it)
      .when((one) => through(one, "caro", [childAt("b")], id, walletOf("caro", 2)))
      .refused("signature/again");
  });
});

test("a log from before nesting was read still says what it said", () => {
  const safe = {
    address: council,
    chain: mainnet,
    version: "1.4.1",
    nonce: "7",
    threshold: 2,
    owners: [walletOf("ben")],
  };
  const hash = hashOf("any");
  const place = { seq: 1, at: 0n, hash };
  const review = {
    revision: 1,
    digest: hash,
    auditHead: hash,
    policyHash: hash,
    quorum: 3,
    transactions: [],
    expiresAt: "9",
  };
  expect(parseEvent({ type: "reviewOpened", data: { ...review, safes: [safe] }, ...place }).data).toMatchObject({
    safes: [{ threshold: 2, nested: [] }],
  });
  const by = { person: "ben", account: "console:ben" };
  const signed = { tx: id, safeTxHash: hash, owner: walletOf("ben"), signature: hash, by };
  expect(parseEvent({ type: "signed", data: signed, ...place }).data).toEqual(signed);
});
