/** Who has which wallet, and who is frozen: the rules, one by one. */

import { describe, expect, it } from "vitest";
import { peopleNow } from "../../src/domain/people.ts";
import { decidePeople } from "../../src/domain/people-decide.ts";
import { authorityPolicyHash } from "../../src/domain/policy.ts";
import { PeopleDriver, proof, rolesWithAdmins } from "../support/people-driver.ts";
import { addressOf, hashOf, mainnet, rollup, samplePolicy, walletOf } from "../support/sample-council.ts";

const spare = addressOf("a spare wallet");
const other = addressOf("a wallet of nobody");
const linkWanted = {
  ...({ kind: "requestLink", tokenHash: hashOf("token"), nonceHash: hashOf("nonce") } as const),
  ...{ domain: "quorate.example.org", uri: "https://quorate.example.org/sign", chain: mainnet },
};

describe("a link", () => {
  it("is asked for, proved and confirmed by two admins: then the wallet is the person's", () => {
    const council = new PeopleDriver();
    const before = authorityPolicyHash(council.policy);
    const id = council.asksLink("ben");
    expect(council.proves("ben", id, other)).toEqual(["linkProved"]);
    expect(council.does("ada", { kind: "confirmLink", request: id })).toEqual(["linkConfirmed"]);
    expect(council.person("ben").wallets).not.toContain(other);
    expect(council.does("dev", { kind: "confirmLink", request: id })).toEqual(["linkConfirmed", "linked"]);
    expect(council.person("ben").wallets).toContain(other);
    expect(authorityPolicyHash(council.policy)).not.toBe(before);
  });

  it("is refused for an account of somebody else, and for a chain that the council has not", () => {
    const council = new PeopleDriver();
    const stranger = { person: "ben", account: "console:caro" };
    const decision = decidePeople(council.state, { ...linkWanted, by: stranger }, council.policy, council.now);
    expect(decision).toMatchObject({ ok: false, refusal: { code: "link/account" } });
    council.refused("ben", { ...linkWanted, chain: "eip155:5" }, "link/chain", /has no chain eip155:5: name one of/);
    expect(council.does("ben", { ...linkWanted, chain: rollup })).toEqual(["linkRequested"]);
  });

  it("needs a council with two admins besides the person", () => {
    const council = new PeopleDriver({ ...rolesWithAdmins, gus: ["executor"] });
    council.refused("ada", linkWanted, "people/admins", /takes 2 admins besides Ada, and there is only Dev/);
    expect(council.does("ben", linkWanted)).toEqual(["linkRequested"]);
  });

  it("asked for anew makes the one before useless", () => {
    const council = new PeopleDriver();
    const first = council.asksLink("ben");
    const second = council.asksLink("ben");
    council.refused("ben", proof(first, other), "link/expired", /you asked anew/);
    expect(council.proves("ben", second, other)).toEqual(["linkProved"]);
  });

  it("waits for admins before another can be asked for", () => {
    const council = new PeopleDriver();
    council.proved("ben", other);
    council.refused("ben", linkWanted, "link/pending", /waits for Ada, Dev or Gus already \(link-1\)/);
    expect(council.does("ben", { kind: "denyLink", request: "link-1", reason: "another one" })).toEqual(["linkDenied"]);
    expect(council.does("ben", linkWanted)).toEqual(["linkRequested"]);
  });

  it("is proved once: the same text a second time is a replay", () => {
    const council = new PeopleDriver();
    const id = council.proved("ben", other);
    council.refused("ben", proof(id, addressOf("another")), "link/used", /good for one signature/);
    council.does("ada", { kind: "denyLink", request: id, reason: "no" });
    council.refused("ben", proof(id, addressOf("another")), "link/used", /good for one signature/);
  });

  it("is proved within 15 minutes", () => {
    const council = new PeopleDriver();
    const id = council.asksLink("ben");
    council.passes(900n);
    expect(council.ask("ben", proof(id, other)).ok).toBe(true);
    council.passes(1n);
    council.refused("ben", proof(id, other), "link/expired", /15 minutes .* are over/);
    expect(council.does("ada", { kind: "expire" })).toEqual(["linkExpired"]);
    council.refused("ben", proof(id, other), "link/expired", /say \/upgrade link/);
  });

  it("is proved by who asked, and for nothing that nobody asked for", () => {
    const council = new PeopleDriver();
    const id = council.asksLink("ben");
    council.refused("caro", proof(id, other), "link/person", /asked for by somebody else/);
    council.refused("ben", proof("link-9", other), "link/unknown", /Nobody asked/);
  });

  it("takes no wallet that is somebody's, the program's or the council's", () => {
    const council = new PeopleDriver();
    const id = council.asksLink("ben");
    const [chain] = council.policy.chains;
    const gas = addressOf("gas");
    council.refused("ben", proof(id, walletOf("caro")), "link/wallet", /belongs to Caro, and a wallet is one person's/);
    council.refused("ben", proof(id, walletOf("ben")), "link/wallet", /linked to you already/);
    council.refused("ben", proof(id, gas, [gas]), "link/wallet", /pays gas/);
    for (const what of ["council", "guardian", "timelock", "preconditions"] as const)
      council.refused("ben", proof(id, chain?.[what] ?? gas), "link/wallet", /belongs to the whole council/);
    council.proved("caro", other);
    council.refused("ben", proof(id, other), "link/wallet", /is being linked to Caro already \(link-2\)/);
  });
});

describe("confirming", () => {
  it("is for admins other than the person, each of them once, whichever platform they use", () => {
    const council = new PeopleDriver();
    const id = council.proved("ada", other);
    const confirm = { kind: "confirmLink", request: id } as const;
    council.refused("ben", confirm, "role", /takes the role admin. Ask Dev or Gus/);
    council.refused("ada", confirm, "people/own", /takes 2 other admins. Ask Dev or Gus/);
    expect(council.does("dev", confirm)).toEqual(["linkConfirmed"]);
    expect(council.does("dev", confirm, "slack")).toBe("people/again");
    expect(council.does("dev", confirm, "discord")).toBe("people/again");
    expect(council.does("gus", confirm, "slack")).toEqual(["linkConfirmed", "linked"]);
  });

  it("waits for the wallet, and ends after 24 hours", () => {
    const council = new PeopleDriver();
    const id = council.asksLink("ben");
    council.refused("ada", { kind: "confirmLink", request: id }, "link/closed", /not signed by the wallet yet/);
    council.proves("ben", id, other);
    council.passes(86_401n);
    council.refused("ada", { kind: "confirmLink", request: id }, "link/expired", /not confirmed within 24 hours/);
    expect(council.does("ada", { kind: "expire" })).toEqual(["linkExpired"]);
    council.refused("ada", { kind: "confirmLink", request: id }, "link/closed", /is expired/);
    council.refused("ada", { kind: "confirmLink", request: "link-7" }, "link/closed", /There is no request link-7/);
  });

  it("does not count an admin who was frozen since", () => {
    const council = new PeopleDriver();
    const id = council.proved("ben", other);
    council.does("ada", { kind: "confirmLink", request: id });
    council.does("caro", { kind: "freeze", person: "ada", reason: "her phone is gone" });
    expect(council.does("dev", { kind: "confirmLink", request: id })).toEqual(["linkConfirmed"]);
    expect(council.does("gus", { kind: "confirmLink", request: id })).toEqual(["linkConfirmed", "linked"]);
  });

  it("ends with one denial, by an admin or by who asked", () => {
    const council = new PeopleDriver();
    const id = council.proved("ben", other);
    council.refused("caro", { kind: "denyLink", request: id, reason: "no" }, "role", /takes the role admin/);
    expect(council.does("gus", { kind: "denyLink", request: id, reason: "it is not his" })).toEqual(["linkDenied"]);
    council.refused("ada", { kind: "confirmLink", request: id }, "link/closed", /is denied/);
    council.refused("ada", { kind: "denyLink", request: id, reason: "no" }, "link/closed", /is denied/);
  });
});

describe("an unlink", () => {
  const wanted = (person: string) =>
    ({ kind: "requestUnlink", person, wallet: walletOf(person), reason: "lost" }) as const;

  it("by the person takes two admins; by an admin, one more", () => {
    const council = new PeopleDriver();
    expect(council.does("ben", wanted("ben"))).toEqual(["unlinkRequested"]);
    expect(council.does("ada", { kind: "confirmUnlink", request: "unlink-1" })).toEqual(["unlinkConfirmed"]);
    expect(council.does("dev", { kind: "confirmUnlink", request: "unlink-1" })).toEqual([
      "unlinkConfirmed",
      "unlinked",
    ]);
    expect(council.person("ben").wallets).not.toContain(walletOf("ben"));
    expect(council.does("ada", wanted("caro"))).toEqual(["unlinkRequested", "unlinkConfirmed"]);
    expect(council.does("gus", { kind: "confirmUnlink", request: "unlink-2" })).toEqual([
      "unlinkConfirmed",
      "unlinked",
    ]);
  });

  it("is refused to others, for a wallet that is not theirs, and twice", () => {
    const council = new PeopleDriver();
    council.refused("caro", wanted("ben"), "role", /takes the role admin/);
    council.refused("ben", { ...wanted("ben"), wallet: other }, "unlink/wallet", /not linked to you/);
    council.does("ben", wanted("ben"));
    council.refused("ada", wanted("ben"), "unlink/pending", /unlink-1 waits for Ada, Dev or Gus/);
    council.refused("ben", { kind: "confirmUnlink", request: "unlink-1" }, "role", /takes the role admin/);
    expect(council.does("ben", { kind: "denyUnlink", request: "unlink-1", reason: "found it" })).toEqual([
      "unlinkDenied",
    ]);
    council.refused("ada", { kind: "confirmUnlink", request: "unlink-1" }, "unlink/closed", /is denied/);
    council.refused("ada", { kind: "denyUnlink", request: "unlink-1", reason: "no" }, "unlink/closed", /is denied/);
  });

  it("ends after 24 hours", () => {
    const council = new PeopleDriver();
    council.does("ben", wanted("ben"));
    council.passes(86_401n);
    council.refused(
      "ada",
      { kind: "confirmUnlink", request: "unlink-1" },
      "unlink/expired",
      /not confirmed within 24 hours/,
    );
    expect(council.does("ada", { kind: "expire" })).toEqual(["unlinkExpired"]);
  });

  it("is undone by linking the wallet again", () => {
    const council = new PeopleDriver();
    council.does("ada", wanted("ben"));
    council.does("dev", { kind: "confirmUnlink", request: "unlink-1" });
    const id = council.proved("ben", walletOf("ben"));
    council.does("ada", { kind: "confirmLink", request: id });
    council.does("dev", { kind: "confirmLink", request: id });
    expect(council.person("ben").wallets).toContain(walletOf("ben"));
  });
});

describe("a freeze", () => {
  const freeze = (person: string) => ({ kind: "freeze", person, reason: "a stolen laptop" }) as const;

  it("is any one admin's or guardian's, at once, and everybody's own", () => {
    const council = new PeopleDriver();
    council.refused(
      "ben",
      freeze("caro"),
      "role",
      /freeze yourself, and nobody else.* Ask Ada, Dev, Gus, Caro or Finn/,
    );
    expect(council.does("finn", freeze("ben"))).toEqual(["frozen"]);
    expect(council.does("eve", freeze("eve"))).toEqual(["frozen"]);
    expect(council.person("ben").frozen).toBe(true);
    council.refused("ada", freeze("ben"), "freeze/again", /frozen already/);
    council.refused("ada", freeze("zoe"), "freeze/nobody", /Nobody in the council is called zoe/);
  });

  it("leaves the frozen nothing to do about people either", () => {
    const council = new PeopleDriver();
    council.does("caro", freeze("ada"));
    council.refused("ada", freeze("ben"), "person/frozen", /you can look at everything and do nothing/);
    council.refused("ada", linkWanted, "person/frozen", /ask Dev or Gus/);
    council.refused("ada", { kind: "unfreeze", person: "ada" }, "person/frozen", /Two admins can lift it/);
  });

  it("gives no power, so it leaves the policy's hash alone", () => {
    const council = new PeopleDriver();
    const before = authorityPolicyHash(council.policy);
    council.does("caro", freeze("ben"));
    expect(authorityPolicyHash(council.policy)).toBe(before);
  });

  it("is lifted by two admins, neither of them who froze or was frozen", () => {
    const council = new PeopleDriver();
    council.does("ada", freeze("ben"));
    const lift = { kind: "unfreeze", person: "ben" } as const;
    council.refused("caro", lift, "role", /takes the role admin. Ask Dev or Gus/);
    council.refused("ada", lift, "people/own", /You froze Ben, so it takes two other admins to lift it: Dev or Gus/);
    expect(council.does("dev", lift)).toEqual(["unfreezeSupported"]);
    expect(council.does("dev", lift, "slack")).toBe("people/again");
    expect(council.does("gus", lift)).toEqual(["unfreezeSupported", "unfrozen"]);
    expect(council.person("ben").frozen).toBe(false);
    council.refused("gus", lift, "unfreeze/none", /Ben is not frozen/);
    council.refused("gus", { kind: "unfreeze", person: "zoe" }, "unfreeze/none", /Nobody in the council is called zoe/);
  });

  it("begun again needs two admins again", () => {
    const council = new PeopleDriver();
    council.does("finn", freeze("ben"));
    council.does("dev", { kind: "unfreeze", person: "ben" });
    council.does("gus", { kind: "unfreeze", person: "ben" });
    council.does("finn", freeze("ben"));
    expect(council.does("gus", { kind: "unfreeze", person: "ben" })).toEqual(["unfreezeSupported"]);
    expect(council.person("ben").frozen).toBe(true);
  });
});

describe("the people who count", () => {
  it("follow the policy files where those give a linked wallet to somebody else", () => {
    const council = new PeopleDriver();
    const id = council.proved("ben", spare);
    council.does("ada", { kind: "confirmLink", request: id });
    council.does("dev", { kind: "confirmLink", request: id });
    const files = samplePolicy({ roles: rolesWithAdmins });
    const later = files.people.map((one) => (one.id === "caro" ? { ...one, wallets: [...one.wallets, spare] } : one));
    const now = peopleNow(later, council.state);
    expect(now.filter((one) => one.wallets.includes(spare)).map((one) => one.id)).toEqual(["caro"]);
  });
});
