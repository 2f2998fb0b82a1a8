/** An owner that is a smart account signs on the page: its bytes are believed only where the Safe takes them. */

import { type Address, type Hex, hashTypedData, type TypedDataDefinition } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { transactionById } from "../../../src/domain/ceremony.ts";
import { replaceBen } from "../../ceremonies/nested-council.ts";
import { passkeySignature, smartAccountCode, smartSignature } from "../../ceremonies/nested-smart-account.ts";
import { settleIncidents } from "../../support/settle-incidents.ts";
import { connect, type PageVisit, type Stage, startStage } from "./stage.ts";

let stage: Stage;
let account: Address;
beforeAll(async () => {
  const code = await smartAccountCode(true);
  stage = await startStage(async (council) => {
    account = await replaceBen(council.world, code);
    await settleIncidents(council);
  });
});
afterAll(() => stage?.stop());

/** The wallet of the account: its address, and what `make` makes of what is to be signed. */
async function visitWith(make: (hash: Hex) => Promise<Hex>): Promise<PageVisit> {
  const brief = stage.brief("ben");
  const person = { ...brief.person, wallets: [account] };
  stage.server.brief = () => ({ status: 200, body: { ...brief, person, asked: ["pilot/upgrade"] } });
  stage.server.handedIn.length = 0;
  const visit = await stage.open("ben");
  visit.wallet.instead = async ({ method, params }) => {
    if (method === "eth_accounts" || method === "eth_requestAccounts") return { result: [account] };
    if (method !== "eth_signTypedData_v4") return undefined;
    return { result: await make(hashTypedData(JSON.parse(String(params[1])) as TypedDataDefinition)) };
  };
  await connect(visit);
  await visit.page.getByText(/All \d+ comparisons agree\./).waitFor();
  await visit.page.getByRole("button", { name: "Sign 1", exact: true }).click();
  return visit;
}

test("its bytes are handed in where the Safe takes them", async () => {
  const visit = await visitWith(smartSignature);
  await visit.page.getByText("Signed and handed in.").waitFor();
  const wanted = transactionById(stage.state, "pilot/upgrade")?.safeTxHash ?? "0x";
  expect(stage.server.handedIn).toMatchObject([{ safeTxHash: wanted, signature: await smartSignature(wanted) }]);
  await visit.close();
});

test.each<[string, (hash: Hex) => Promise<Hex>, RegExp]>([
  ["bytes over something else", () => smartSignature(`0x${"12".repeat(32)}`), /is malformed/],
  ["the bare signature of its key", passkeySignature, /returned a signature of 0x.*, and not of 0x/],
  ["nothing that is bytes", async () => "0xzz", /is malformed/],
])("%s: thrown away, and handed in nowhere", async (_name, make, words) => {
  const visit = await visitWith(make);
  await visit.page.locator(".item").getByText(words).waitFor();
  expect(stage.server.handedIn).toEqual([]);
  await visit.close();
});
