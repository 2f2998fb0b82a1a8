/** People sign a real ceremony in a real browser, and what they read there is what the chain and the domain say. */

import { type Address, createPublicClient, getAddress, http, keccak256, parseAbi } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isFullySigned, releaseSet, transactionById } from "../../../src/domain/ceremony.ts";
import { packageHash } from "../../../src/domain/release-package.ts";
import { recoverOwner } from "../../../src/domain/safe-signatures.ts";
import { safeTxHashes } from "../../../src/domain/safe-tx.ts";
import { quorate } from "../../cli/run-quorate.ts";
import type { Somebody } from "../../support/embedded.ts";
import { connect, type PageVisit, type Stage, serveEverybody, startStage } from "./stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
  serveEverybody(stage);
});
afterAll(() => stage?.stop());

const signers: Somebody[] = ["ben", "caro", "dev"];

/** Signs all that is asked, one by one, and reads each item as it stands on the page. */
async function signAll(visit: PageVisit): Promise<Map<string, Record<string, string>>> {
  const read = new Map<string, Record<string, string>>();
  const items = visit.page.locator(".item");
  const count = await items.count();
  for (let at = 0; at < count; at++) {
    const item = items.nth(at);
    const [id] = ((await item.locator("header p").textContent()) ?? "").split(" · ").slice(1);
    for (const summary of await item.locator("details details > summary").all()) await summary.click();
    read.set(id ?? "", await hashesOf(item));
    await item.getByRole("button", { name: `Sign ${at + 1}` }).click();
    await item.getByText("Signed and handed in.").waitFor();
    expect(await item.locator(".pill").textContent()).toBe(" Signed");
  }
  return read;
}

type Locator = ReturnType<PageVisit["page"]["locator"]>;

async function hashesOf(item: Locator): Promise<Record<string, string>> {
  const found = await item
    .locator(".hash")
    .evaluateAll((all) =>
      all.map((one) => [
        one.querySelector("dt")?.firstChild?.textContent ?? "",
        `0x${(one.querySelector("code")?.textContent ?? "").replaceAll(" ", "").toLowerCase()}`,
      ]),
    );
  const fields = await item
    .locator(".facts.ten .fact")
    .evaluateAll((all) =>
      all.map((one) => [one.querySelector("dt")?.textContent ?? "", one.querySelector("dd")?.textContent ?? ""]),
    );
  const calldata = await item.getByLabel("Calldata", { exact: true }).inputValue();
  const command = await item.getByLabel("Offline command", { exact: true }).inputValue();
  return { ...Object.fromEntries(found), ...Object.fromEntries(fields), calldata, command };
}

const abi = parseAbi([
  "function getTransactionHash(address to, uint256 value, bytes data, uint8 operation, uint256 safeTxGas, uint256 baseGas, uint256 gasPrice, address gasToken, address refundReceiver, uint256 nonce) view returns (bytes32)",
]);

async function expectTrue(id: string, page: Record<string, string>): Promise<void> {
  const { state, council } = stage;
  const { tx, operationId } = transactionById(state, id) ?? {};
  if (tx === undefined) throw new Error(`The ceremony has no ${id}.`);
  const { to, value, data, operation, safeTxGas, baseGas, gasPrice, gasToken, refundReceiver, nonce } = tx;
  const onChain = await createPublicClient({ transport: http(council.world.url) }).readContract({
    address: tx.safe,
    abi,
    functionName: "getTransactionHash",
    args: [to, value, data, operation, safeTxGas, baseGas, gasPrice, gasToken, refundReceiver, nonce],
  });
  const hashes = safeTxHashes(tx);
  expect(page.safeTxHash).toBe(onChain);
  expect([page["Domain hash"], page["Message hash"]]).toEqual([hashes.domainHash, hashes.messageHash]);
  expect(page["Operation id"]).toBe(operationId);
  expect(page.calldata).toBe(data);
  const length = ((data.length - 2) / 2).toString(16).padStart(64, "0");
  expect(page["Calldata digest"]).toBe(keccak256(`0x${length}${data.slice(2)}`));
  expect(page).toMatchObject({
    to,
    value: `${value} wei`,
    // Bound containments are checked and made in one transaction, through Safe's MultiSendCallOnly.
    operation: id.startsWith("containment/") ? "1 (DELEGATECALL)" : "0 (a plain call)",
    safeTxGas: "0",
    baseGas: "0",
    gasPrice: "0",
    gasToken,
    refundReceiver,
    nonce: String(nonce),
  });
  const offline = await quorate([...(page.command ?? "").split(" ").slice(5), "--json"]);
  expect(JSON.parse(offline.stdout)).toMatchObject(hashes);
}

test("three people sign everything asked of them in three browsers, and the ceremony is fully signed", async () => {
  const visits = await Promise.all(signers.map((person) => stage.open(person)));
  const seen = await Promise.all(
    visits.map(async (visit) => {
      await connect(visit);
      return signAll(visit);
    }),
  );
  const [ben, caro] = seen;
  expect([...(ben?.keys() ?? [])]).toEqual(stage.brief("ben").asked);
  expect([...(caro?.keys() ?? [])]).toEqual(stage.brief("caro").asked);
  expect(caro?.size).toBe(6);
  for (const [id, page] of caro ?? []) await expectTrue(id, page);
  for (const id of ben?.keys() ?? []) expect(ben?.get(id)).toEqual(caro?.get(id));

  const state = await stage.council.state();
  expect(state.signatures).toHaveLength(4 + 6 + 6);
  expect(releaseSet(state).every((tx) => isFullySigned(state, tx))).toBe(true);
  for (const visit of visits) {
    await visit.page.getByText("Everything asked of you is signed.").waitFor();
    expect(await visit.page.locator(".pill.signed").count()).toBe(await visit.page.locator(".item").count());
    expect(visit.faults).toEqual([]);
    expect(visit.wallet.requests.map(({ method }) => method).filter((method) => /sign/i.test(method))).toEqual(
      Array(await visit.page.locator(".item").count()).fill("eth_signTypedData_v4"),
    );
    await visit.close();
  }
}, 120_000);

test("the page says at the top what is signed, shows its digest, and names what changes from what to what", async () => {
  const visit = await stage.open("caro");
  const { page } = visit;
  const text = (selector: string) => page.locator(selector).textContent();
  await connect(visit);
  expect(await text("h1")).toBe(stage.state.package.title);
  expect(await text(".lead")).toMatch(
    /^Once enough owners have signed, your six signatures can put the upgrade and its rollback into the timelock .* until its Safe uses that nonce \(transaction number\), even if UP-1 is cancelled\.$/,
  );
  const hashes = await page.locator("section[aria-labelledby=checks-title] code.groups").allTextContents();
  const spelled = hashes.map((one) => `0x${one.replace(/\s/g, "").toLowerCase()}`);
  expect(spelled).toEqual([stage.state.review?.digest, packageHash(stage.state.package)]);
  expect(hashes[0]).toMatch(/^([0-9A-F]{4}\s*){16}$/);
  for (const at of [0, 2])
    await page
      .locator(".item")
      .nth(at)
      .evaluate((item) => item.querySelector("details")?.setAttribute("open", ""));
  const changes = stage.state.package.legs.flatMap((leg) => leg.changes).filter((one) => one.kind === "proxy");
  for (const change of changes) {
    const block = await page.locator(".item .changes li", { hasText: change.proxy }).first().textContent();
    for (const part of [change.fromImplementation, change.toImplementation, change.toCodeHash, change.admin])
      if (part !== change.proxy) expect(block).toContain(part);
    expect(block).toContain("read from the chain");
    expect(block).toContain("the code there has it");
  }
  await visit.close();
});

test("a signature that the server refuses is said to be refused, in its words, and can be handed in again", async () => {
  const visit = await stage.open("ben", {
    before: async () => {
      stage.server.signature = () => ({ status: 409, body: { error: "Your signature is here already." } });
    },
  });
  await connect(visit);
  const item = visit.page.locator(".item").first();
  await item.getByRole("button", { name: "Sign 1" }).click();
  await item.getByText("The signature was made, but it was not taken. Your signature is here already.").waitFor();
  stage.server.signature = () => ({ status: 200, body: { taken: true } });
  await item.getByRole("button", { name: "Hand it in again" }).click();
  await item.getByText("Signed and handed in.").waitFor();
  expect(visit.wallet.signRequests()).toHaveLength(1);
  const last = stage.server.handedIn.at(-1);
  if (last === undefined) throw new Error("Nothing was handed in.");
  expect(last).toMatchObject({ token: "link-of-ben", tx: "pilot/upgrade" });
  expect(await recoverOwner(last.safeTxHash, last.signature)).toEqual({
    ok: true,
    owner: getAddress(visit.wallet.account()) as Address,
  });
  await visit.close();
});
