/** Wallets linked and people frozen, over the composed program: what everybody sees, and what it does to ceremonies. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { authorityPolicyHash, personOfWallet } from "../../src/domain/policy.ts";
import { spareWallet } from "../../src/embedded/people.ts";
import { signMessage } from "../../src/embedded/wallet.ts";
import { openPeopleLog } from "../../src/people/people-log.ts";
import { verifyStore } from "../../src/store/audit.ts";
import { openStoreToRead } from "../../src/store/open-store.ts";
import type { View } from "../../src/view.ts";
import { type Somebody, sentence, type TestCouncil, walk, wholeText } from "../support/embedded.ts";
import { type KeptCouncil, keepCouncil } from "../support/kept-council.ts";
import { samplePolicy } from "../support/sample-policy.ts";

let council: TestCouncil;

/** Each test of the group has a council that came so far. */
function from(prepare: (first: TestCouncil) => Promise<unknown>): void {
  let kept: KeptCouncil;
  beforeAll(async () => {
    kept = await keepCouncil({}, prepare);
  });
  afterAll(() => kept?.stop());
  beforeEach(async () => {
    council = await kept.anew();
  });
  afterEach(() => council.stop());
}
const nothingYet = async () => undefined;

const spareOf = (person: Somebody) => spareWallet(person)?.address ?? "0x";

/** Asks for a link; the text that the person's spare wallet is to sign. */
async function askedText(person: Somebody, options = {}) {
  const view = await council.ask(person, "link", options);
  if (view.kind !== "wallet" || view.message === undefined) throw new Error(`No text to sign: ${sentence(view)}`);
  return view.message;
}

async function linkSpare(person: Somebody) {
  const outcome = await council.signMessage(`console:${person}`, await askedText(person));
  if (!outcome.ok) throw new Error(outcome.refusal.sentence);
  const id = council.people.state().links.at(-1)?.id ?? "";
  for (const admin of ["ada", "dev"] as const) await council.ask(admin, "link", { confirm: id });
  await council.quorate.settle();
}

const peopleCard = async (id: string) => {
  await council.quorate.settle();
  const card = council.cards.get(`people/${id}`);
  if (card === undefined) throw new Error(`No card of ${id} was shown.`);
  return card;
};
const said = async (view: Promise<View>) => sentence(await view);

describe("a wallet", () => {
  from(nothingYet);

  test("is linked by its own signature and two admins, and everybody sees it", async () => {
    const before = authorityPolicyHash(council.policy);
    expect((await council.signMessage("console:ben", await askedText("ben"))).ok).toBe(true);
    const card = await peopleCard("link-1");
    expect(card).toMatchObject({ status: "waits for admins", title: "Ben links a wallet" });
    expect(wholeText(card)).toContain(spareOf("ben"));
    expect(authorityPolicyHash(council.policy)).toBe(before);
    expect(await said(council.ask("ben", "link", { confirm: "link-1" }))).toContain("takes the role admin");
    expect(await said(council.ask("ada", "link", { confirm: "link-1" }))).toContain("One more admin has to");
    expect(await said(council.ask("ada", "link", { confirm: "link-1" }))).toContain("one person counts once");
    expect(await said(council.ask("dev", "link", { confirm: "link-1" }))).toContain("is linked now");
    expect(personOfWallet(council.policy, spareOf("ben"))?.id).toBe("ben");
    expect(authorityPolicyHash(council.policy)).not.toBe(before);
    expect((await peopleCard("link-1")).status).toBe("linked");
    expect(wholeText(await council.ask("ben", "whoami"))).toMatch(/linked on \d{4}-\d\d-\d\d/);
  });

  test("is not linked by another text, another wallet, or a text that was signed before", async () => {
    const message = await askedText("ben");
    const { people } = council.quorate;
    const handIn = async (text: string, by: Somebody = "ben") =>
      people.proveText("console:ben", text, await signMessage(by, text));
    const changes: [string, string][] = [
      ["localhost wants", "evil.example.org wants"],
      ["URI: http://localhost/", "URI: http://localhost/x"],
      ["Chain ID: 31337", "Chain ID: 1"],
      ["Version: 1", "Version: 2"],
      ["I am ben", "I am caro"],
      ["console:ben", "console:caro"],
      ["Harbour security council", "Another council"],
      ["mine. I", "mine.  I"],
      [spareOf("ben"), spareOf("caro")],
      [spareOf("ben"), spareOf("ben").toLowerCase()],
    ];
    for (const [from, to] of changes) {
      const changed = message.text.replace(from, to);
      expect(changed).not.toBe(message.text);
      expect(await handIn(changed), to).toMatchObject({ ok: false });
    }
    expect(await handIn(`${message.text}\n`)).toMatchObject({ ok: false, refusal: { code: "link/text" } });
    const unknown = message.text.replace(/Nonce: ./, (found) => (found.endsWith("0") ? "Nonce: 1" : "Nonce: 0"));
    expect(await handIn(unknown)).toMatchObject({ ok: false, refusal: { code: "link/unknown" } });
    expect(await handIn(message.text, "caro")).toMatchObject({ ok: false, refusal: { code: "link/proof" } });
    expect(council.people.state().links.at(-1)?.status).toBe("open");
    expect((await handIn(message.text)).ok).toBe(true);
    expect(await handIn(message.text)).toMatchObject({ ok: false, refusal: { code: "link/used" } });
  });

  test("cannot be handed in by somebody else, nor after 15 minutes; then the card says that it is over", async () => {
    const { text } = await askedText("ben");
    const signature = await signMessage("ben", text);
    expect(await council.quorate.people.proveText("console:caro", text, signature)).toMatchObject({
      refusal: { code: "link/person" },
    });
    await council.advance(901n, 1);
    expect(await council.quorate.people.proveText("console:ben", text, signature)).toMatchObject({
      refusal: { code: "link/expired" },
    });
    await council.ask("caro", "link", { confirm: "link-1" });
    expect((await peopleCard("link-1")).status).toBe("expired");
  });

  test("of the council's Safe, of the program or of somebody else is refused", async () => {
    const { policy, chains } = council;
    const gas = chains.get("eip155:31337").gasAccount;
    const { text } = await askedText("ben", { wallet: gas });
    expect(text).toContain(gas);
    expect(await council.quorate.people.proveText("console:ben", text, await signMessage("ben", text))).toMatchObject({
      refusal: { code: "link/proof" },
    });
    const safe = policy.chains[0]?.council ?? "";
    const contract = await askedText("ben", { wallet: safe });
    const outcome = await council.signMessage("console:ben", contract);
    expect(outcome).toMatchObject({ ok: false, refusal: { sentence: expect.stringContaining("EIP-1271") } });
  });

  test("is taken away by two admins, and the whole log of people can be verified", async () => {
    const wallet = personOfWallet(council.policy, council.policy.people[1]?.wallets[0] ?? "")?.wallets[0] ?? "0x";
    expect(await said(council.ask("ben", "unlink", { wallet, reason: "the device is lost" }))).toContain("freeze");
    expect(await said(council.ask("ada", "unlink", { confirm: "unlink-1" }))).toContain("One more admin has to");
    expect(await said(council.ask("gus", "unlink", { confirm: "unlink-1" }))).toContain("is unlinked now");
    expect(personOfWallet(council.policy, wallet)).toBeUndefined();
    expect((await peopleCard("unlink-1")).status).toBe("unlinked");
    const read = await openStoreToRead({ dataDir: council.dataDir });
    expect(await verifyStore(read)).toMatchObject({ faults: [] });
    expect(await read.streamNames()).toContain("people");
    const again = await openPeopleLog(council.store, await samplePolicy());
    expect(personOfWallet(again.policy, wallet)).toBeUndefined();
    expect(again.state()).toEqual(council.people.state());
    await read.close();
  });
});

describe("a ceremony under way", () => {
  from((first) => walk(first, "approved"));

  test("loses every vote when a wallet is linked, says so, and goes on with a revision", async () => {
    await linkSpare("ben");
    const state = await council.state();
    expect(state).toMatchObject({ status: "checked", approvals: [] });
    expect((await council.card()).summary).toContain("takes a new revision");
    expect((await council.thread()).at(-1)).toContain("/upgrade propose revises=UP-1");
    const view = await council.as("ada", "propose", {
      target: "harbour",
      release: "2.0.0",
      title: "Again",
      revises: "UP-1",
    });
    expect(sentence(view)).not.toContain("was not revised");
    await council.as("ada", "check", { ceremony: "UP-1" });
    expect((await council.state()).status).toBe("in review");
  });

  test("in the timelock stays there and refuses at its next step; a rollback still works later", async () => {
    await walk(council, "ready", "approved");
    await linkSpare("ben");
    expect((await council.state()).status).toBe("ready");
    expect(await said(council.as("eve", "execute", { ceremony: "UP-1" }))).toContain("authority policy has changed");
  });

  test("loses the quorum when an approver is frozen, and gets it back", async () => {
    await walk(council, "signed", "approved");
    expect(await said(council.ask("caro", "freeze", { person: "ben", reason: "a stolen laptop" }))).toContain(
      "Ben is frozen",
    );
    await council.quorate.settle();
    expect((await council.state()).status).toBe("in review");
    const card = await council.card();
    expect(wholeText(card)).toContain(
      "given by Ben, frozen: they do not count for the quorum. The Safe still counts them",
    );
    expect(wholeText(card)).toContain("2 of 3");
    expect(await said(council.as("ada", "schedule", { ceremony: "UP-1" }))).toContain("is in review");
    expect((await peopleCard("freeze-1")).status).toBe("frozen");
    for (const admin of ["ada", "gus"] as const) await council.ask(admin, "unfreeze", { person: "ben" });
    await council.quorate.settle();
    expect((await peopleCard("freeze-1")).status).toBe("lifted");
    expect((await council.state()).quorumMet).toBe(true);
  });

  test("is not executed by a frozen executor, nor with approvals of somebody frozen since", async () => {
    await walk(council, "ready", "approved");
    await council.ask("dev", "freeze", { person: "eve", reason: "she does not answer" });
    expect(await said(council.as("eve", "execute", { ceremony: "UP-1" }))).toContain("You are frozen");
    await council.ask("finn", "freeze", { person: "ben", reason: "a stolen laptop" });
    expect(await said(council.as("gus", "execute", { ceremony: "UP-1" }))).toContain("Ben was frozen since");
    expect((await council.state()).status).toBe("ready");
  });
});

describe("somebody frozen", () => {
  from((first) => walk(first, "in review"));

  test("can look at everything, and is told who froze them and why", async () => {
    await council.ask("caro", "freeze", { person: "ben", reason: "a stolen laptop" });
    for (const command of ["approve", "deny", "sign", "withdraw", "link", "freeze", "cancel"])
      expect(await said(council.ask("ben", command, command === "freeze" ? { person: "ada" } : {})), command).toContain(
        "You are frozen",
      );
    expect(await said(council.ask("ben", "status", { ceremony: "UP-1" }))).toContain("UP-1");
    const me = wholeText(await council.ask("ben", "whoami"));
    expect(me).toContain("by Caro (freeze-1): a stolen laptop");
  });

  test("in the middle of signing hands in nothing more", async () => {
    await walk(council, "approved", "in review");
    const view = await council.ask("dev", "sign", { ceremony: "UP-1" });
    if (view.kind !== "wallet") throw new Error(sentence(view));
    const [first, second] = view.items;
    if (first === undefined || second === undefined) throw new Error("There is too little to sign.");
    expect((await council.sign("console:dev", "UP-1", first)).ok).toBe(true);
    await council.ask("gus", "freeze", { person: "dev", reason: "he asked for it by phone" });
    expect(await council.sign("console:dev", "UP-1", second)).toMatchObject({
      ok: false,
      refusal: { code: "person/frozen" },
    });
  });

  test("by themself is frozen too, and cannot lift it", async () => {
    expect(await said(council.ask("eve", "freeze", { person: "eve", reason: "my bag is gone" }))).toContain(
      "Eve is frozen",
    );
    expect(await said(council.ask("eve", "unfreeze", { person: "eve" }))).toContain("You are frozen");
    expect(council.people.state().freezes).toHaveLength(1);
  });
});

describe("a start", () => {
  from(nothingYet);

  test("with what the log says of people: linked wallets, freezes, and nothing to do again", async () => {
    await linkSpare("ben");
    await council.ask("caro", "freeze", { person: "eve", reason: "she does not answer" });
    const again = await openPeopleLog(council.store, await samplePolicy());
    expect(personOfWallet(again.policy, spareOf("ben"))?.id).toBe("ben");
    expect(again.policy.people.find((one) => one.id === "eve")?.frozen).toBe(true);
    expect(authorityPolicyHash(again.policy)).toBe(authorityPolicyHash(council.policy));
  });

  test("is refused where the log of people was tampered with", async () => {
    await linkSpare("ben");
    const { store } = council;
    const tampered = {
      append: store.append,
      async read(stream: string, after?: number) {
        const events = await store.read(stream, after);
        return events.map((one) => (one.type === "linked" ? { ...one, data: { ...one.data, person: "caro" } } : one));
      },
    };
    await expect(openPeopleLog(tampered, await samplePolicy())).rejects.toThrow(
      /is not to be trusted: it has been tampered with: event \d+ \(linked\) does not match its hash/,
    );
  });
});
