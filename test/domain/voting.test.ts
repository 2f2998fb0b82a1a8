/** Votes and signatures: whose yes counts, and how often. */

import { describe, expect, it } from "vitest";
import { allRules } from "../../src/domain/decision.ts";
import type { Intent } from "../../src/domain/intent.ts";
import { missingInWords } from "../../src/domain/signing.ts";
import { countedApprovals } from "../../src/domain/voting.ts";
import { nextSteps } from "../../src/domain/why.ts";
import { by, type Ceremony } from "../support/ceremony-driver.ts";
import { ceremonyAt, given } from "../support/given.ts";
import { addressOf, EXPIRY, hashOf, mainnet, samplePolicy, walletOf } from "../support/sample-council.ts";

const approve = (who: string, platform?: string) => (it: Ceremony) => it.approve(who, platform);
const sign = (who: string, tx: string, wallet?: ReturnType<typeof walletOf>) => (it: Ceremony) =>
  it.sign(who, tx, wallet);
const deny = (who: string) => (): Intent => ({ kind: "deny", by: by(who), reason: "the audit is missing" });
const withdraw = (who: string) => (): Intent => ({ kind: "withdraw", by: by(who) });
const council = () => samplePolicy().chains[0]?.council ?? addressOf("none");

describe("what a ceremony waits for", () => {
  it("quotes a reason as a sentence, whether or not it ends in a full stop", () => {
    for (const reason of ["the audit is missing", "the audit is missing."]) {
      const { ceremony } = given("in review")
        .when(() => ({ kind: "deny", by: by("ben"), reason }))
        .then("denied");
      const [step] = nextSteps(ceremony.state, samplePolicy());
      expect(step?.sentence).toMatch(/^Denied: the audit is missing\. The denial has to be withdrawn/);
    }
  });
});

describe("approving", () => {
  it("counts people until the quorum is reached", () => {
    const { ceremony } = given("in review").when(approve("ben")).then("approved").isNow("in review");
    given(ceremony).when(approve("caro", "discord")).then("approved");
    given(ceremony).when(approve("dev", "slack")).then("approved", "quorumReached").isNow("approved");
    given(ceremony).when(approve("finn")).then("approved").isNow("approved");
  });

  it("counts one person once, on every platform together", () => {
    given("in review")
      .and((it) => it.must(it.approve("ben", "slack")))
      .when(approve("ben", "discord"))
      .refused("vote/again", /one person has one vote/);
  });

  it("is for approvers", () => {
    given("in review")
      .when(approve("eve"))
      .refused("role", /Ask Ada, Ben, Caro, Dev or Finn\.$/);
  });

  it("is not for who wrote it", () => {
    given("in review")
      .when(approve("ada"))
      .refused("separation/proposer-approves", /somebody else: Ben, Caro, Dev or Finn/);
  });

  it("is for what was shown", () => {
    given("in review")
      .when((it) => ({ ...it.approve("ben"), digest: hashOf("old") }) as Intent)
      .refused("vote/stale", /has changed since/);
    given("in review")
      .when((it) => ({ ...it.approve("ben"), digest: it.state.review?.digest }) as Intent)
      .then("approved");
  });

  it("ends with the review, to the second", () => {
    const later = (seconds: bigint) =>
      given("in review")
        .and((it) => it.passTime(seconds))
        .when(approve("ben"));
    later(EXPIRY - 1n).then("approved");
    later(EXPIRY).then("approved");
    later(EXPIRY + 1n).refused("vote/expired");
  });

  it("waits for one's own denial to be withdrawn", () => {
    given("in review")
      .and((it) => it.must(deny("ben")()))
      .when(approve("ben"))
      .refused("vote/denied");
  });

  it("needs a review", () => {
    const it = ceremonyAt("in review");
    it.current = { ...it.state, review: undefined };
    given(it).when(approve("ben")).refused("review/none");
    given(it).when(deny("ben")).refused("review/none");
    it.current = { ...it.state, status: "signing" };
    given(it)
      .when((one) => ({ kind: "schedule", by: by("ada"), safes: one.safes, legs: [] }))
      .refused("review/none");
  });
});

describe("denying", () => {
  it("blocks a quorum that was reached, and is lifted by withdrawing", () => {
    const { ceremony } = given("approved").when(deny("finn")).then("denied", "quorumLost").isNow("in review");
    given(ceremony).when(approve("finn")).refused("vote/denied");
    given(ceremony).when(withdraw("finn")).then("withdrawn", "quorumReached").isNow("approved");
  });

  it("takes one's approval back", () => {
    given("approved").when(deny("ben")).then("withdrawn", "denied", "quorumLost");
  });

  it("is once for each person, and for approvers and guardians", () => {
    given("in review")
      .and((it) => it.must(deny("gus")()))
      .when(deny("gus"))
      .refused("vote/again");
    given("in review").when(deny("eve")).refused("role");
  });

  it("is over once the schedules are being sent", () => {
    given("sending")
      .when(deny("finn"))
      .refused("deny/sending", /hold or cancel it/);
  });
});

describe("withdrawing", () => {
  it("takes an approval back, and the quorum with it", () => {
    given("approved").when(withdraw("ben")).then("withdrawn", "quorumLost").isNow("in review");
  });

  it("needs something to withdraw", () => {
    given("in review").when(withdraw("finn")).refused("withdraw/nothing");
  });

  it("cannot take a signature back", () => {
    const it = given("signing").and((one) => one.must(withdraw("ben")()));
    it.when(withdraw("ben")).refused("withdraw/signature", /only its nonce can be used up/);
  });

  it("is over once the schedules are being sent", () => {
    given("sending").when(withdraw("ben")).refused("withdraw/sending");
  });
});

describe("signing", () => {
  it("counts as approving", () => {
    const { ceremony } = given("in review").when(sign("ben", "vault/upgrade")).then("signed");
    expect(countedApprovals(ceremony.state, ceremony.policy, allRules)).toEqual(["ben"]);
    ceremony.must(ceremony.approve("caro"));
    given(ceremony).when(sign("dev", "router/upgrade")).then("signed", "quorumReached").isNow("approved");
  });

  it("and approving count once together", () => {
    const { ceremony } = given("in review")
      .and((it) => it.must(it.approve("ben")))
      .when(sign("ben", "vault/upgrade"))
      .then("signed");
    expect(countedApprovals(ceremony.state, ceremony.policy, allRules)).toEqual(["ben"]);
  });

  it("a containment is no approval", () => {
    const { ceremony } = given("in review").when(sign("caro", "containment/pause-vault")).then("signed");
    expect(countedApprovals(ceremony.state, ceremony.policy, allRules)).toEqual([]);
  });

  it("starts after the quorum", () => {
    given("approved").when(sign("ben", "vault/upgrade")).then("signed").isNow("signing");
  });

  it("is once for each person, whichever of their wallets", () => {
    const owners = ["ben", "caro", "dev", "finn"].map((one) => walletOf(one));
    const it = ceremonyAt("checked").changeSafe(mainnet, council(), { owners: [...owners, walletOf("ben", 2)] });
    it.must(it.openReview()).must(it.sign("ben", "vault/upgrade"));
    given(it)
      .when(sign("ben", "vault/upgrade", walletOf("ben", 2)))
      .refused("signature/again", /whichever wallet/);
    given("approved")
      .and((it) => it.must(it.sign("ben", "vault/upgrade")))
      .when(sign("ben", "vault/upgrade"))
      .refused("signature/again", /one person signs once/);
  });

  it("of an author is taken where policy says so, and never counts towards the quorum", () => {
    given("approved").when(sign("ada", "vault/upgrade")).refused("separation/proposer-signs");
    const lenient = { policy: samplePolicy({ proposerMaySign: true }) };
    const { ceremony } = given("in review", lenient).when(sign("ada", "vault/upgrade")).then("signed");
    expect(countedApprovals(ceremony.state, ceremony.policy, allRules)).toEqual([]);
  });

  it("is of what is asked for, by people of the council", () => {
    given("approved")
      .when((it) => ({ ...it.sign("ben", "vault/upgrade"), tx: "vault/ghost" }) as Intent)
      .refused("signature/unknown");
    given("approved").when(sign("mallory", "vault/upgrade")).refused("signature/person");
  });

  it("ends with the review, to the second", () => {
    const later = (seconds: bigint, tx: string) =>
      given("approved")
        .and((it) => it.passTime(seconds))
        .when(sign("caro", tx));
    later(EXPIRY - 1n, "vault/upgrade").then("signed");
    later(EXPIRY, "vault/upgrade").then("signed");
    later(EXPIRY + 1n, "vault/upgrade").refused("signature/expired");
    later(EXPIRY + 1n, "containment/pause-vault").refused("signature/expired");
  });

  it.each(["canary", "rolled back", "cancelled", "expired"] as const)(
    "of a release is not taken when it is %s",
    (stage) => {
      given(stage)
        .when(sign("finn", "vault/upgrade"))
        .refused("signature/closed", /cannot be signed now/);
    },
  );

  it("is not taken for what was mined", () => {
    given("sending")
      .and((it) => it.observe({ what: "mined", tx: "vault/upgrade", hash: hashOf("x"), block: it.block(mainnet) }))
      .when(sign("finn", "vault/upgrade"))
      .refused("signature/mined");
  });

  it("of a wind-down is by the guardians, and starts anew where its nonce changed", () => {
    const cancelled = given("cancelled").and((it) => it.must(it.windDown()));
    const { ceremony } = cancelled.when(sign("caro", "cancel/vault/upgrade")).then("signed");
    given(ceremony).when(sign("ben", "cancel/vault/upgrade")).refused("integrity/signature-owner");
    ceremony.must(ceremony.sign("dev", "cancel/vault/upgrade"));
    const guardian = samplePolicy().chains[0]?.guardian ?? addressOf("none");
    ceremony.changeSafe(mainnet, guardian, { nonce: 8n }).must(ceremony.windDown());
    expect(missingInWords(ceremony.state, ceremony.policy)[0]).toBe(
      "2 more signatures for cancel/vault/upgrade, from Caro, Dev, Finn or Gus",
    );
  });
});
