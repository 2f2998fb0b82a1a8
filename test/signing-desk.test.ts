import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { toJson } from "../src/domain/canonical.ts";
import { allRules } from "../src/domain/decision.ts";
import type { Policy } from "../src/domain/policy.ts";
import { localWallet } from "../src/embedded/wallet.ts";
import { createSigningDesk, type SigningDesk } from "../src/signing-desk.ts";
import { signingBrief } from "../src/web/brief.ts";
import { type Somebody, sentence, type TestCouncil, walk } from "./support/embedded.ts";
import { type KeptCouncil, keepCouncil } from "./support/kept-council.ts";

const page = "https://quorate.example.org/sign";
let kept: KeptCouncil;
let council: TestCouncil;
let desk: SigningDesk;
beforeAll(async () => {
  kept = await keepCouncil({ signingPage: page }, (first) => walk(first, "approved"));
});
afterAll(() => kept?.stop());
beforeEach(async () => {
  council = await kept.anew();
  if (council.quorate.desk === undefined) throw new Error("There is no desk.");
  desk = council.quorate.desk;
});
afterEach(() => council.stop());

/** The token of the link that `/upgrade sign` answers with. */
async function linkOf(person: Somebody): Promise<string> {
  const view = await council.ask(person, "sign", { ceremony: "UP-1" });
  if (view.kind !== "wallet" || view.link === undefined) throw new Error(`${person} got no link: ${sentence(view)}`);
  expect(view.link).toMatch(/^https:\/\/quorate\.example\.org\/sign#[A-Za-z0-9_-]{43}$/);
  return view.link.split("#")[1] ?? "";
}

/** What the person's wallet signs for the next transaction that the link asks for. */
async function nextSignature(person: Somebody, token: string) {
  const { asked } = await signingBriefBy(token);
  const tx = (await council.state()).review?.transactions.find((one) => one.id === asked[0]);
  if (tx === undefined) throw new Error("Nothing is asked for.");
  const { safeTxHash } = tx;
  const item = { kind: "signature", purpose: "", tx: tx.tx, hashes: { safeTxHash }, sentences: [] } as never;
  return { tx: tx.id, safeTxHash, signature: await localWallet(person, council.world.url).signTypedData(item) };
}

const signingBriefBy = async (token: string) => signingBrief.parse(await desk.brief(token));

async function signNext(person: Somebody, token: string) {
  const { safeTxHash, signature } = await nextSignature(person, token);
  return desk.signature(token, safeTxHash, signature);
}

const signaturesNow = async () => (await council.state()).signatures.length;

describe("a private link", () => {
  test("is read as often as one likes, and takes every signature it asks for", async () => {
    const token = await linkOf("caro");
    const first = await signingBriefBy(token);
    expect(first).toEqual(await desk.brief(token));
    expect(first).toMatchObject({ ceremony: "UP-1", revision: 1, person: { id: "caro", name: "Caro" } });
    expect(first.digest).toBe((await council.state()).review?.digest);
    for (const left of first.asked.map((_, index) => first.asked.length - index)) {
      expect((await signingBriefBy(token)).asked).toHaveLength(left);
      expect((await signNext("caro", token)).ok).toBe(true);
    }
    await expect(desk.brief(token)).rejects.toThrow("Everything that this link was for is signed.");
    expect(await signaturesNow()).toBe(first.asked.length);
  });

  test("is bound to its person: another's wallet gives nothing by it", async () => {
    const token = await linkOf("caro");
    const { safeTxHash, signature } = await nextSignature("dev", await linkOf("dev"));
    const outcome = await desk.signature(token, safeTxHash, signature);
    expect(outcome).toMatchObject({
      ok: false,
      refusal: { sentence: expect.stringContaining("is not linked to you") },
    });
    expect(await signaturesNow()).toBe(0);
    expect((await signNext("caro", token)).ok).toBe(true);
  });

  test("is bound to its revision", async () => {
    const token = await linkOf("caro");
    const { safeTxHash, signature } = await nextSignature("caro", token);
    await council.as("ada", "propose", { target: "harbour", release: "2.0.0", title: "Again", revises: "UP-1" });
    const refused = "This link was for revision 1 of UP-1, which is at revision 2 now.";
    await expect(desk.brief(token)).rejects.toThrow(refused);
    await expect(desk.signature(token, safeTxHash, signature)).rejects.toThrow(refused);
    expect(await signaturesNow()).toBe(0);
  });

  test("is bound to its digest: what is voted on anew is compared anew", async () => {
    const token = await linkOf("caro");
    const { safeTxHash, signature } = await nextSignature("caro", token);
    const { policy, store, world, quorate } = council;
    const review = (await council.state()).review;
    if (review === undefined) throw new Error("There is no review.");
    const anew = createSigningDesk({
      ...{ policy, rules: allRules, links: store, clock: world.time, intake: quorate.intake, page },
      load: async (id) => {
        const state = await quorate.ledger.load(id);
        return state && { ...state, review: { ...review, digest: `0x${"d1".repeat(32)}` } };
      },
      now: (state) => quorate.ledger.now(state.package),
      observe: (id) => quorate.watch.observe(id),
    });
    const refused = "What is voted on and signed in UP-1 is another than when this link was made";
    await expect(anew.brief(token)).rejects.toThrow(refused);
    await expect(anew.signature(token, safeTxHash, signature)).rejects.toThrow(refused);
    expect((await desk.signature(token, safeTxHash, signature)).ok).toBe(true);
  });

  test("takes signatures for 15 minutes; reading is not hurried, and a new link goes on", async () => {
    const token = await linkOf("caro");
    await council.advance(901n, 1);
    await expect(signNext("caro", token)).rejects.toThrow(
      "The 15 minutes in which this link takes signatures are over",
    );
    expect((await signingBriefBy(token)).asked.length).toBeGreaterThan(0);
    expect(await signaturesNow()).toBe(0);
    expect((await signNext("caro", await linkOf("caro"))).ok).toBe(true);
  });

  test("cannot be guessed, shortened or made up", async () => {
    const token = await linkOf("caro");
    const wrong = [
      token.slice(0, -1),
      `${token}A`,
      token.replace(/^./, (first) => (first === "A" ? "B" : "A")),
      "",
      "../UP-1",
    ];
    for (const one of wrong) await expect(desk.brief(one)).rejects.toThrow("This link is not known here.");
  });

  test("lies in the database as a hash alone", async () => {
    const token = await linkOf("caro");
    const rows = JSON.stringify(toJson(await council.history()));
    expect(rows).not.toContain(token);
    expect(await council.store.link(`0x${Buffer.from(token, "base64url").toString("hex")}`)).toBeUndefined();
  });

  test("is for signing alone: it lets no wallet send anything", async () => {
    const token = await linkOf("caro");
    await expect(desk.ready(token)).rejects.toThrow("This link is not for that: it is for /upgrade sign UP-1.");
    await expect(desk.sent(token, "pilot")).rejects.toThrow("This link is not for that");
    expect((await signNext("caro", token)).ok).toBe(true);
  });

  test("asks only for what the person may sign: the author's own link has no release in it", async () => {
    const view = await council.ask("ada", "sign", { ceremony: "UP-1" });
    expect(view.kind).toBe("notice");
  });

  test("takes each signature once, and none that it does not ask this person for", async () => {
    const token = await linkOf("caro");
    const { safeTxHash, signature } = await nextSignature("caro", token);
    expect((await desk.signature(token, safeTxHash, signature)).ok).toBe(true);
    const before = await council.history();
    await expect(desk.signature(token, safeTxHash, signature)).rejects.toThrow("does not ask you for a signature");
    await expect(desk.signature(token, `0x${"ab".repeat(32)}`, signature)).rejects.toThrow("does not ask you");
    expect(await council.history()).toEqual(before);
  });

  test("is dead once its account belongs to somebody else", async () => {
    const token = await linkOf("caro");
    const { policy } = council;
    const moved: Policy = {
      ...policy,
      people: policy.people.map((one) => ({
        ...one,
        accounts: one.accounts.map((account) =>
          account.replace(/^console:(caro|dev)$/, (_, who) => (who === "caro" ? "console:dev" : "console:caro")),
        ),
      })),
    };
    const { store, world, quorate } = council;
    const later = createSigningDesk({
      ...{ policy: moved, rules: allRules, links: store, clock: world.time, intake: quorate.intake, page },
      load: (id) => quorate.ledger.load(id),
      now: (state) => quorate.ledger.now(state.package),
      observe: (id) => quorate.watch.observe(id),
    });
    await expect(later.brief(token)).rejects.toThrow("does not belong to the same person any more");
  });
});
