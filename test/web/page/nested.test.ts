/** Owners of a Safe that is an owner sign on the page: the tree they see is the chain's, and what they sign counts on it. */

import { type Address, getAddress, hashTypedData, type TypedDataDefinition } from "viem";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { isFullySigned, safeOf, transactionById } from "../../../src/domain/ceremony.ts";
import { approvalsIn } from "../../../src/domain/nested-safes.ts";
import { embeddedPeople } from "../../../src/embedded/people.ts";
import type { SigningBrief } from "../../../src/web/brief.ts";
import { dismissDev, nestCouncil } from "../../ceremonies/nested-council.ts";
import { quorate } from "../../cli/run-quorate.ts";
import { type Somebody, walk } from "../../support/embedded.ts";
import { settleIncidents } from "../../support/settle-incidents.ts";
import { stranger } from "./lies.ts";
import { connect, type PageVisit, type Stage, serveEverybody, startStage } from "./stage.ts";

let stage: Stage;
let child: Address;
const open: PageVisit[] = [];
beforeAll(async () => {
  stage = await startStage(async (council) => {
    child = await nestCouncil(council.world);
    await settleIncidents(council);
  });
  serveEverybody(stage);
});
afterAll(() => stage?.stop());
afterEach(async () => {
  for (const visit of open.splice(0)) await visit.close();
  serveEverybody(stage);
});

async function visitAs(person: Somebody, lie?: (brief: SigningBrief) => SigningBrief): Promise<PageVisit> {
  if (lie !== undefined) stage.server.brief = () => ({ status: 200, body: lie(stage.brief(person)) });
  const visit = await stage.open(person);
  open.push(visit);
  return visit;
}

function approval() {
  const tx = transactionById(stage.state, "pilot/upgrade");
  const safe = tx && safeOf(stage.state, tx);
  const found = tx && safe && approvalsIn(tx.tx, safe)[1];
  if (tx === undefined || found === undefined) throw new Error("There is no child Safe.");
  return { tx, ...found };
}

const spelled = (text: string | null) => `0x${(text ?? "").replace(/\s/g, "").toLowerCase()}`;

test("the tree is read from the chain: who owns what, how many must sign, and where this signer does", async () => {
  const visit = await visitAs("caro");
  await connect(visit);
  await visit.page.getByText(/All \d+ comparisons agree\./).waitFor();
  const item = visit.page.locator(".item").first();
  const root = item.locator(".tree > .safe");
  expect(await root.locator("> p").textContent()).toMatch(/The council Safe|the council Safe/);
  expect(await root.locator("> p").textContent()).toContain("2 of 3 must sign");
  const node = root.locator(".safe");
  expect(await node.count()).toBe(1);
  expect(await node.locator("> p").textContent()).toContain(child);
  expect(await node.locator("> p").textContent()).toContain("2 of 3 must sign");
  expect(await node.locator("> p .tag").textContent()).toBe("you sign here");
  const owners = await node.locator("li > code").allTextContents();
  expect(owners).toEqual((["caro", "dev", "finn"] as const).map((who) => embeddedPeople[who].address));
  expect(await node.locator("li", { hasText: embeddedPeople.caro.address }).locator(".tag").textContent()).toBe("you");

  const { tx, domainHash, messageHash, hash } = approval();
  await node.locator("summary").click();
  expect((await node.locator("code.groups").allTextContents()).map(spelled)).toEqual([domainHash, messageHash, hash]);
  await root.locator("> details > summary").click();
  const own = (await root.locator("> details code.groups").allTextContents()).map(spelled);
  expect(own.at(-1)).toBe(tx.safeTxHash);
  // What is set out to be compared with the device is the child's message, in every kind of device.
  const compared = item.locator("dl.hashes:not(.tree dl)").first();
  for (const one of [domainHash, messageHash, hash])
    expect((await compared.locator("code.groups").allTextContents()).map(spelled)).toContain(one);
  // A containment comes out of the guardian Safe, which Caro owns herself.
  const direct = visit.page.locator(".item", { hasText: "containment/" }).first();
  await direct.evaluate((one) => one.querySelector("details")?.setAttribute("open", ""));
  expect(await direct.locator(".tree").count()).toBe(0);
});

test("the offline command of an item computes what the device shows", async () => {
  const visit = await visitAs("caro");
  await connect(visit);
  const item = visit.page.locator(".item").first();
  for (const summary of await item.locator("details details > summary").all()) await summary.click();
  const command = await item.getByLabel("Offline command", { exact: true }).inputValue();
  expect(command).toContain(`--via ${child}@1.4.1`);
  const offline = await quorate([...command.split(" ").slice(5), "--json"]);
  const { tx, domainHash, messageHash, hash } = approval();
  expect(JSON.parse(offline.stdout)).toMatchObject({
    safeTxHash: tx.safeTxHash,
    messages: [{ safe: child, domainHash, messageHash, hash }],
  });
});

const first = (brief: SigningBrief, change: (safe: SigningBrief["safes"][number]) => object): SigningBrief => ({
  ...brief,
  safes: brief.safes.map((one) => (one.nested.length > 0 ? { ...one, ...change(one) } : one)) as SigningBrief["safes"],
});
const changed = (change: object) => (brief: SigningBrief) =>
  first(brief, ({ nested }) => ({ nested: nested.map((one) => ({ ...one, ...change })) }));

describe("a server that says otherwise is not believed", () => {
  const lies: [string, (brief: SigningBrief) => SigningBrief, RegExp][] = [
    [
      "no child",
      (brief) => first(brief, () => ({ nested: [] })),
      /is an owner of the council Safe .* the link leaves it out/,
    ],
    [
      "a child more",
      (brief) =>
        first(brief, ({ nested }) => ({
          nested: [...nested, { address: stranger, version: "1.4.1", threshold: 1, owners: [stranger] }],
        })),
      /0x1111.* is stated by the link, and the chain knows no such owner/,
    ],
    ["another threshold", changed({ threshold: 1 }), /is another on the chain: 1\.4\.1, and 2 of its 3 owners/],
    ["another version", changed({ version: "1.3.0" }), /is another on the chain: 1\.4\.1/],
    [
      "other owners",
      changed({ owners: [embeddedPeople.caro.address, embeddedPeople.dev.address] }),
      /is another on the chain/,
    ],
  ];
  test.each(lies)("%s", async (_name, lie, sentence) => {
    for (const person of ["caro", "ben"] as const) {
      const visit = await visitAs(person, lie);
      await connect(visit);
      const alert = visit.page.getByRole("alert").first();
      await alert.getByText("Do not sign. The chain or the wallet says something else.").waitFor();
      expect(await alert.textContent()).toMatch(sentence);
      expect(await visit.page.getByRole("button", { name: "Sign 1", exact: true }).isEnabled()).toBe(false);
      expect(visit.wallet.signRequests()).toEqual([]);
    }
  });

  test("a version that is a command is not even read", async () => {
    const visit = await visitAs("caro", changed({ version: "1.4.1 $(id)" }));
    await visit.page.getByRole("alert").getByText("a Safe's version is not written as numbers").waitFor();
    expect(visit.wallet.requests).toEqual([]);
  });
});

test("a child that changes while somebody reads stops the signature, before the wallet is asked", async () => {
  const visit = await visitAs("caro");
  await connect(visit);
  const { node } = stage.council.world;
  const snapshot = await node.request("evm_snapshot");
  await dismissDev(stage.council.world, child);
  await visit.page.getByRole("button", { name: "Sign 1", exact: true }).click();
  await visit.page
    .getByRole("alert")
    .getByText(/is another on the chain: 1\.4\.1, and 2 of its 2 owners/)
    .first()
    .waitFor();
  expect(visit.wallet.signRequests()).toEqual([]);
  await node.request("evm_revert", snapshot);
});

test("what is not an owner of any Safe in the tree cannot sign", async () => {
  const visit = await visitAs("gus", (brief) => ({ ...brief, asked: ["pilot/upgrade"] }));
  await connect(visit);
  await visit.page
    .getByRole("alert")
    .getByText(/is not an owner of the council Safe/)
    .first()
    .waitFor();
});

test("owners of the child sign its message on the page, and the council's transactions run", async () => {
  for (const person of ["ben", "caro", "dev"] as const) {
    const visit = await visitAs(person);
    await connect(visit);
    const items = visit.page.locator(".item");
    const count = await items.count();
    for (let at = 0; at < count; at += 1) {
      await items
        .nth(at)
        .getByRole("button", { name: `Sign ${at + 1}`, exact: true })
        .click();
      await items.nth(at).getByText("Signed and handed in.").waitFor();
    }
    const requests = visit.wallet.signRequests();
    expect(requests.every(({ method }) => method === "eth_signTypedData_v4")).toBe(true);
    const asked = requests.map(({ params }) => JSON.parse(String(params[1])) as TypedDataDefinition);
    const kinds = new Set(
      asked.map((one) => `${one.primaryType} of ${getAddress(String(one.domain?.verifyingContract))}`),
    );
    const { councilSafe, guardianSafe } = stage.council.world;
    if (person === "ben") expect(kinds).toEqual(new Set([`SafeTx of ${councilSafe}`]));
    else expect(kinds).toEqual(new Set([`SafeMessage of ${child}`, `SafeTx of ${guardianSafe}`]));
    if (person !== "ben") expect(asked.map((one) => hashTypedData(one))).toContain(approval().hash);
    expect(visit.faults).toEqual([]);
    const state = await stage.council.state();
    const { tx } = approval();
    expect(isFullySigned(state, tx)).toBe(person === "dev");
  }
  const state = await walk(stage.council, "scheduled", "signed");
  const council = await stage.council.chains.get("eip155:31337").safe(stage.council.world.councilSafe);
  expect(council.nonce).toBe(BigInt(state.onChain.length));
  expect(stage.council.faults).toEqual([]);
}, 120_000);
