import { describe, expect, test } from "vitest";
import { allTransactions, schedules, transactionById } from "../../src/domain/ceremony.ts";
import { chainPolicy } from "../../src/domain/chain-policy.ts";
import { publicSignatures, safeWalletLink } from "../../src/domain/mirroring.ts";
import { authorityPolicyHash } from "../../src/domain/policy.ts";
import { ceremonyAt } from "../support/given.ts";
import { samplePolicy } from "../support/sample-council.ts";

const people = (state: ReturnType<typeof ceremonyAt>["state"], tx: string) => {
  const found = transactionById(state, tx);
  if (found === undefined) throw new Error(`There is no ${tx}.`);
  return publicSignatures(state, found).map((one) => one.person);
};

describe("what Safe's public service may be given", () => {
  const signing = ceremonyAt("signing");
  const [schedule] = schedules(signing.state);
  const id = schedule?.id ?? "";

  test("of a schedule, all but the signature that completes it", () => {
    expect(signing.state.signatures.filter((one) => one.tx === id)).toHaveLength(3);
    expect(people(signing.state, id)).toEqual(["ben", "caro"]);
  });

  test("all of it once the council has it sent", () => {
    expect(people(ceremonyAt("sending").state, id)).toEqual(["ben", "caro", "dev"]);
  });

  test("of a containment nothing, ever", () => {
    for (const stage of ["signing", "sending", "canary", "contained"] as const)
      for (const tx of allTransactions(ceremonyAt(stage).state).filter((one) => one.purpose === "containment"))
        expect(people(ceremonyAt(stage).state, tx.id)).toEqual([]);
  });

  test("of a presigned rollback nothing before somebody asks for it", () => {
    const { state } = signing;
    const legs = state.package.legs.map((leg) => ({
      ...leg,
      rollback: { ...leg.rollback, mode: "presigned" as const },
    }));
    const late = { ...state, package: { ...state.package, legs }, scheduleRequestedBy: "ada" };
    const [leg] = legs;
    const rollback = `${leg?.id}/rollback`;
    expect(people(late, rollback)).toEqual([]);
    const rollbackBy = { person: "eve", legs: [leg?.id ?? ""], reason: "it lost money", readied: false };
    expect(people({ ...late, rollbackBy }, rollback)).toEqual(["ben", "caro", "dev"]);
  });

  test("of what makes the rest unusable, all", () => {
    const ended = ceremonyAt("cancelled");
    ended.must(ended.windDown());
    ended.signAll("caro").signAll("dev");
    const [one] = ended.state.windDown?.transactions ?? [];
    expect(people(ended.state, one?.id ?? "")).toEqual(["caro", "dev"]);
  });

  test("and the link to it is there with the first of them, where the chain has a short name", () => {
    const { policy, state } = signing;
    const [chain, ...rest] = policy.chains;
    if (chain === undefined || schedule === undefined) throw new Error("The sample has a chain and a schedule.");
    const transactionService = { url: "https://safe.example/api", delegate: false };
    const named = { ...policy, chains: [{ ...chain, shortName: "eth", transactionService }, ...rest] };
    const { safe } = schedule.tx;
    const link = `https://app.safe.global/transactions/tx?safe=eth:${safe}&id=multisig_${safe}_${schedule.safeTxHash}`;
    expect(safeWalletLink(state, schedule, named)).toBe(link);
    expect(safeWalletLink(state, schedule, policy)).toBeUndefined();
    expect(safeWalletLink({ ...state, signatures: [] }, schedule, named)).toBeUndefined();
    expect(safeWalletLink(ceremonyAt("scheduled").state, schedule, named)).toBeUndefined();
  });
});

describe("a chain's Transaction Service in policy", () => {
  const [chain] = samplePolicy().chains;
  const faults = (url: string, environment = "production") => {
    const parsed = chainPolicy.safeParse({ ...chain, lowGas: "1", environment, transactionService: { url } });
    return parsed.success ? [] : parsed.error.issues.map((one) => `${one.path.join(".")}: ${one.message}`);
  };

  test("is an https address; http only where the chain is local", () => {
    expect(faults("https://api.safe.global/tx-service/eth/api")).toEqual([]);
    expect(faults("http://127.0.0.1:8000/api", "local")).toEqual([]);
    expect(faults("http://127.0.0.1:8000/api")).toEqual([
      "transactionService.url: it must be https: a key and signatures travel there",
    ]);
    for (const url of [
      "ftp://x/api",
      "https://user:word@safe.example/api",
      "https://safe.example/api?key=1",
      "https://[x/api",
    ])
      expect(faults(url), url).not.toEqual([]);
  });

  test("gives no power: it is no part of the authority policy's hash", () => {
    const policy = samplePolicy();
    const transactionService = { url: "https://safe.example/api", delegate: true };
    const chains = policy.chains.map((one) => ({ ...one, shortName: "eth", transactionService }));
    expect(authorityPolicyHash({ ...policy, chains })).toBe(authorityPolicyHash(policy));
  });
});
