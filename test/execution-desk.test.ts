/** Links for the executor and links for an ending: whom they obey, when, and that no refusal uses anything up. */

import { createPublicClient, createWalletClient, http } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { foundry } from "viem/chains";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { embeddedPeople } from "../src/embedded/people.ts";
import { localWallet } from "../src/embedded/wallet.ts";
import type { SigningDesk } from "../src/signing-desk.ts";
import { aboutLink, type TransactionItem } from "../src/view.ts";
import { endingBrief, executionBrief } from "../src/web/brief.ts";
import { type Somebody, type Step, sentence, type TestCouncil, walk, wholeText } from "./support/embedded.ts";
import { type KeptCouncil, keepCouncil } from "./support/kept-council.ts";

let council: TestCouncil;
let desk: SigningDesk;

/** Each test of the group has a council whose ceremony came to there. */
function from(step: Step): void {
  let kept: KeptCouncil;
  beforeAll(async () => {
    kept = await keepCouncil({ signingPage: "https://quorate.example.org/sign" }, (first) => walk(first, step));
  });
  afterAll(() => kept?.stop());
  beforeEach(async () => {
    council = await kept.anew();
    if (council.quorate.desk === undefined) throw new Error("There is no desk.");
    desk = council.quorate.desk;
  });
  afterEach(() => council.stop());
}

async function linkOf(person: Somebody, command: string, options: Record<string, string> = {}) {
  const view = await council.ask(person, command, { ceremony: "UP-1", ...options });
  if (view.kind !== "wallet" || view.link === undefined) throw new Error(`${person} got no link: ${sentence(view)}`);
  return { token: view.link.split("#")[1] ?? "", items: view.items as TransactionItem[], said: aboutLink(view) };
}

/** As a wallet sends it by itself, past the program. */
async function sendFrom(person: Somebody, items: readonly TransactionItem[]): Promise<void> {
  const account = privateKeyToAccount(embeddedPeople[person].privateKey);
  const client = createWalletClient({ account, chain: foundry, transport: http(council.world.url) });
  const chain = createPublicClient({ transport: http(council.world.url), pollingInterval: 50 });
  for (const { call } of items) {
    const { to, data, value } = call;
    const hash = await client.sendTransaction({ to, data, value, gas: 8_000_000n });
    expect((await chain.waitForTransactionReceipt({ hash })).status).toBe("success");
  }
}

const executed = async () => (await council.history()).filter((one) => one.type === "legExecuted");

describe("an execution link", () => {
  from("ready");

  test("comes beside what the wallet can do without it, and is read as often as one likes", async () => {
    const { token, items, said } = await linkOf("eve", "execute");
    expect(said).toContain("it lets your wallet send for 15 minutes, and /upgrade execute gives a new one.");
    expect(items).toHaveLength(1);
    const brief = executionBrief.parse(await desk.brief(token));
    expect(brief).toMatchObject({ ceremony: "UP-1", purpose: "upgrade", legs: ["pilot"], person: { id: "eve" } });
    expect(await desk.brief(token)).toEqual(await desk.brief(token));
    await expect(desk.ready(token)).resolves.toBeUndefined();
  });

  test("is the named executor's alone: who takes over makes it dead, and gives it back by handing over again", async () => {
    const { token } = await linkOf("eve", "execute");
    const other = await linkOf("gus", "execute");
    for (const act of [() => desk.brief(token), () => desk.ready(token)])
      await expect(act()).rejects.toThrow("The executor of UP-1 is Gus, not you.");
    await expect(desk.ready(other.token)).resolves.toBeUndefined();
    await linkOf("eve", "execute");
    await expect(desk.ready(token)).resolves.toBeUndefined();
  });

  test("lets nobody sign by it, and a signing link lets nobody send", async () => {
    const { token } = await linkOf("eve", "execute");
    const refusedAs = "This link is not for that: it is for /upgrade execute UP-1.";
    await expect(desk.signature(token, `0x${"ab".repeat(32)}`, "0x")).rejects.toThrow(refusedAs);
    await expect(desk.ready(token)).resolves.toBeUndefined();
  });

  test("stops with the ceremony, and goes on with it", async () => {
    const { token } = await linkOf("eve", "execute");
    await council.as("caro", "canary", { action: "hold", ceremony: "UP-1", reason: "wait" });
    for (const act of [() => desk.brief(token), () => desk.ready(token)])
      await expect(act()).rejects.toThrow("UP-1 is held: no upgrade is sent until it goes on.");
    await council.as("dev", "canary", { action: "start", ceremony: "UP-1", reason: "on" });
    await expect(desk.ready(token)).resolves.toBeUndefined();
  });

  test("lets a wallet send for 15 minutes; it can still be read, and a new one goes on", async () => {
    const { token } = await linkOf("eve", "execute");
    await council.advance(901n, 1);
    await expect(desk.ready(token)).rejects.toThrow(
      "The 15 minutes in which this link lets your wallet send are over; nothing was sent. Say /upgrade execute UP-1 in chat for a new one.",
    );
    expect(executionBrief.parse(await desk.brief(token)).legs).toEqual(["pilot"]);
    await expect(desk.ready((await linkOf("eve", "execute")).token)).resolves.toBeUndefined();
  });

  test("is worth nothing after the window, by block time", async () => {
    const { token } = await linkOf("eve", "execute");
    const { window } = (await council.state()).package.phases[0] ?? { window: { notAfter: 0n } };
    const { timestamp } = await council.chains.get("eip155:31337").head();
    // The watch is kept from ending the ceremony, as a slow one would.
    await council.quorate.watch.stop();
    await council.world.node.request("evm_setNextBlockTimestamp", `0x${(window.notAfter + 1n).toString(16)}`);
    await council.world.node.request("evm_mine");
    expect(window.notAfter).toBeGreaterThan(timestamp);
    await expect(desk.brief(token)).rejects.toThrow(`The window of pilot ended at block time ${window.notAfter}`);
  });

  test("cannot be guessed, and nothing that is told by it is believed", async () => {
    const { token } = await linkOf("eve", "execute");
    const wrong = [token.slice(0, -1), `${token}A`, token.replace(/^./, (first) => (first === "A" ? "B" : "A")), ""];
    for (const one of wrong) {
      await expect(desk.ready(one)).rejects.toThrow("This link is not known here.");
      await expect(desk.sent(one, "pilot")).rejects.toThrow("This link is not known here.");
    }
    // Said to be sent, and not there: nothing changes, and the link is not used up.
    await desk.sent(token, "pilot");
    await desk.sent(token, "main");
    expect((await council.state()).status).toBe("executing");
    await expect(desk.ready(token)).resolves.toBeUndefined();
  });

  test("what the wallet sends by itself is executed by that person, and the link is used up", async () => {
    const { token, items } = await linkOf("eve", "execute");
    await sendFrom("eve", items);
    await desk.sent(token, "pilot");
    const [one] = await executed();
    expect(one?.data).toMatchObject({
      leg: "pilot",
      by: { person: "eve", account: `wallet:${embeddedPeople.eve.address}` },
    });
    for (const act of [() => desk.brief(token), () => desk.ready(token)])
      await expect(act()).rejects.toThrow("Everything that this link was for has run. UP-1 is under its canary.");
    await expect(desk.sent(token, "pilot")).resolves.toBeUndefined();
  });

  test("what another person's wallet sends is shown as theirs, whoever was named", async () => {
    const { items } = await linkOf("eve", "execute");
    await sendFrom("gus", items);
    await council.quorate.settle();
    expect((await executed())[0]?.data).toMatchObject({ by: { person: "gus" } });
    expect((await council.thread()).join("\n")).toMatch(/The upgrade of pilot ran in block \d+, sent by Gus\./);
    // Who executed is looked at anew: she sent nothing, and is free of it.
    expect((await council.state()).executedLegs).toMatchObject([{ leg: "pilot", person: "gus" }]);
  });

  test("a rollback's link is for the rollback", async () => {
    await council.as("eve", "execute", { ceremony: "UP-1" });
    const { token, items, said } = await linkOf("eve", "rollback", { reason: "the leak is in the new code" });
    expect(said).toContain("/upgrade rollback gives a new one");
    expect(executionBrief.parse(await desk.brief(token))).toMatchObject({ purpose: "rollback", legs: ["pilot"] });
    await sendFrom("eve", items);
    await desk.sent(token, "pilot");
    expect((await council.state()).status).toBe("rolled back");
    await expect(desk.ready(token)).rejects.toThrow("Everything that this link was for has run.");
  });
});

describe("a link to an ending", () => {
  from("approved");

  test("asks for what makes signatures unusable, takes them once, and is bound as any other", async () => {
    for (const person of ["caro", "dev"] as const) await council.as(person, "sign", { ceremony: "UP-1" });
    const before = await linkOf("ben", "sign");
    await council.as("ada", "cancel", { ceremony: "UP-1", reason: "superseded" });
    await council.quorate.settle();
    const { token } = await linkOf("caro", "sign");
    const brief = endingBrief.parse(await desk.brief(token));
    expect(brief.status).toBe("cancelled");
    expect(brief.asked.every((id) => id.startsWith("reject/"))).toBe(true);
    // A link from before is of the same person and revision: it shows the ending now, and no release.
    expect(endingBrief.safeParse(await desk.brief(before.token)).success).toBe(true);
    const tx = (await council.state()).windDown?.transactions.find((one) => one.id === brief.asked[0]);
    if (tx === undefined) throw new Error("Nothing is asked.");
    const item = { kind: "signature", purpose: "", tx: tx.tx, hashes: { safeTxHash: tx.safeTxHash }, sentences: [] };
    const wallet = (person: Somebody) => localWallet(person, council.world.url).signTypedData(item as never);
    const others = await desk.signature(token, tx.safeTxHash, await wallet("dev"));
    expect(others).toMatchObject({ ok: false, refusal: { sentence: expect.stringContaining("is not linked to you") } });
    expect((await desk.signature(token, tx.safeTxHash, await wallet("caro"))).ok).toBe(true);
    await expect(desk.signature(token, tx.safeTxHash, await wallet("caro"))).rejects.toThrow("does not ask you");
    await council.advance(901n, 1);
    await expect(desk.signature(token, `0x${"ab".repeat(32)}`, "0x")).rejects.toThrow("The 15 minutes");
    expect(endingBrief.parse(await desk.brief(token)).asked).toHaveLength(brief.asked.length - 1);
  });

  test("there is none while nothing is to be signed", async () => {
    const { token } = await linkOf("caro", "sign");
    await walk(council, "scheduled", "approved");
    expect(wholeText(await council.ask("caro", "sign", { ceremony: "UP-1" }))).toContain(
      "There is nothing for you to sign",
    );
    await expect(desk.brief(token)).rejects.toThrow("UP-1 is scheduled: there is nothing to be signed now.");
  });
});
