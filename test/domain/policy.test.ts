/** Who is who, and what gives power. */

import { describe, expect, it } from "vitest";
import { toJson } from "../../src/domain/canonical.ts";
import {
  authorityPolicyHash,
  metricsHash,
  namesOf,
  type Policy,
  personOfAccount,
  personOfWallet,
  policy as policySchema,
} from "../../src/domain/policy.ts";
import { addressOf, samplePolicy, walletOf } from "../support/sample-council.ts";

const sample = samplePolicy();
const [ada, ben, ...rest] = sample.people;
if (ada === undefined || ben === undefined) throw new Error("Ada and Ben are in the council.");
const faults = (change: Partial<Policy>) => {
  const parsed = policySchema.safeParse({ ...(toJson(sample) as object), ...(toJson(change) as object) });
  return parsed.success ? [] : parsed.error.issues.map((one) => `${one.path.join(".")}: ${one.message}`);
};

describe("one human is one person", () => {
  it.each([
    ["an account", { accounts: [...ben.accounts, "slack:ada"] }, "people.1.accounts: slack:ada belongs to ada already"],
    ["a wallet", { wallets: [walletOf("ada")] }, `people.1.wallets: ${walletOf("ada")} belongs to ada already`],
    [
      "a wallet in another spelling",
      { wallets: [walletOf("ada").toLowerCase()] },
      `people.1.wallets: ${walletOf("ada")} belongs to ada already`,
    ],
    ["an id", { id: "ada" }, "people.1.id: two people are called ada"],
    ["the program's own name", { id: "quorate" }, "people.1.id: quorate is the program itself"],
  ])("policy refuses %s twice", (_what, change, fault) => {
    expect(faults({ people: [ada, { ...ben, ...change } as typeof ben, ...rest] })).toEqual([fault]);
  });

  it("who has several accounts and wallets is one person", () => {
    expect(faults({})).toEqual([]);
    for (const account of ["console:ben", "slack:ben", "discord:ben"])
      expect(personOfAccount(sample, account)?.id).toBe("ben");
    for (const wallet of [walletOf("ben"), walletOf("ben", 2).toLowerCase()])
      expect(personOfWallet(sample, wallet)?.id).toBe("ben");
    expect(personOfAccount(sample, "slack:mallory")).toBeUndefined();
    expect(personOfWallet(sample, addressOf("stranger"))).toBeUndefined();
  });
});

describe("the authority policy's hash", () => {
  const [chain, ...chains] = sample.chains;
  const [target] = sample.targets;
  if (chain === undefined || target === undefined) throw new Error("There are a chain and a target.");
  const ofBen = (change: Partial<typeof ben>) => ({ people: [ada, { ...ben, ...change }, ...rest] });
  const ofRoutine = (change: Partial<typeof sample.lanes.routine>) => ({
    lanes: { ...sample.lanes, routine: { ...sample.lanes.routine, ...change } },
  });

  it.each<[string, Partial<Policy>]>([
    ["the version", { council: { ...sample.council, version: 2 } }],
    ["a person", { people: [ada, ...rest] }],
    ["an account", ofBen({ accounts: ["slack:other"] })],
    ["a wallet", ofBen({ wallets: [walletOf("other")] })],
    ["a role", ofBen({ roles: ["approver"] })],
    ["the quorum", ofRoutine({ quorum: 2 })],
    ["the delay", ofRoutine({ minDelay: 1n })],
    ["the expiry", ofRoutine({ approvalExpiry: 1n })],
    ["the window", ofRoutine({ window: 1n })],
    ["whether authors may sign", ofRoutine({ proposerMaySign: true })],
    ["the council Safe", { chains: [{ ...chain, council: addressOf("x") }, ...chains] }],
    ["the guardian Safe", { chains: [{ ...chain, guardian: addressOf("x") }, ...chains] }],
    ["the timelock", { chains: [{ ...chain, timelock: addressOf("x") }, ...chains] }],
    ["the Preconditions contract", { chains: [{ ...chain, preconditions: addressOf("x") }, ...chains] }],
    ["the gas key as executor", { chains: [{ ...chain, executor: "gas-key" }, ...chains] }],
    ["how many sources agree", { chains: [{ ...chain, sources: { agree: 2, of: 3 } }, ...chains] }],
    ["the environment", { chains: [{ ...chain, environment: "production" }, ...chains] }],
    ["a phase", { targets: [{ ...target, phases: target.phases.slice(1) }] }],
    [
      "a containment",
      { targets: [{ ...target, containment: target.containment.map((one) => ({ ...one, action: "Nothing" })) }] },
    ],
    [
      "a proxy",
      { targets: [{ ...target, contracts: target.contracts.map((one) => ({ ...one, proxy: addressOf("x") })) }] },
    ],
    ["a workspace", { workspaces: { slack: [{ name: "x", team: "T1", external: false }], discord: [] } }],
    [
      "a workspace that becomes external",
      { workspaces: { slack: [{ name: "x", team: "T1", external: true }], discord: [] } },
    ],
    ["a guild", { workspaces: { slack: [], discord: [{ name: "x", guild: "112233445566778899" }] } }],
    ["a link", ofBen({ links: [{ account: "slack:T9:U9", message: "…", signature: "0x01" }] })],
  ])("changes with %s", (_what, change) => {
    expect(authorityPolicyHash({ ...sample, ...change })).not.toBe(authorityPolicyHash(sample));
  });

  it.each<[string, Partial<Policy>]>([
    ["a name", ofBen({ name: "Benjamin", organisation: "Elsewhere" })],
    [
      "the order of accounts and roles",
      ofBen({
        accounts: [...ben.accounts].reverse(),
        wallets: [...ben.wallets].reverse(),
        roles: [...ben.roles].reverse(),
      }),
    ],
    [
      "on-call and channels",
      {
        onCall: { ...sample.onCall, sev1: ["dev"], sev2: ["dev"], sev3: ["dev"] },
        channels: { routine: ["slack:C1"] },
      },
    ],
    [
      "an explorer and a chain's name",
      { chains: [{ ...chain, name: "Other", explorer: "https://example.org", lowGas: 1n }, ...chains] },
    ],
    ["a title", { targets: [{ ...target, title: "Other" }] }],
  ])("does not change with %s", (_what, change) => {
    expect(authorityPolicyHash({ ...sample, ...change })).toBe(authorityPolicyHash(sample));
  });
});

it("is the same as before a chain said who executes, where that is a person", () => {
  // Taken before `executor` was there: councils have signed over it.
  expect(authorityPolicyHash(sample)).toBe("0x5ec836128860e2682aeb51abfae4610fe51f10347947870b4f8760c7512e0a87");
});

describe("the metrics' hash", () => {
  const change = (with_: object) => ({ ...sample, metrics: sample.metrics.map((one) => ({ ...one, ...with_ })) });

  it("changes with what is measured, and not with texts", () => {
    for (const one of [
      { severity: 3 as const },
      { containment: "other" },
      { pass: { is: ">=" as const, value: 1n } },
      { maxBlockAge: 1n },
    ])
      expect(metricsHash(change(one))).not.toBe(metricsHash(sample));
    expect(metricsHash(change({ title: "Other", runbook: "Other", owner: "dev" }))).toBe(metricsHash(sample));
  });
});

describe("names in sentences", () => {
  it.each([
    [[], "nobody"],
    [["ben"], "Ben"],
    [["ben", "caro"], "Ben or Caro"],
    [["ben", "caro", "dev"], "Ben, Caro or Dev"],
    [["mallory"], "mallory"],
  ])("%o are %s", (ids, text) => {
    expect(namesOf(sample, ids)).toBe(text);
  });
});
