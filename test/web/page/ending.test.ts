/** What is left of a cancelled ceremony is made unusable from links, in real browsers, until nothing can run any more. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { endingBrief } from "../../../src/web/brief.ts";
import { type Somebody, walk } from "../../support/embedded.ts";
import { type LinkedStage, startLinkedStage } from "./linked-stage.ts";
import type { PageVisit } from "./stage.ts";

let stage: LinkedStage;
beforeAll(async () => {
  stage = await startLinkedStage();
  await walk(stage.council, "scheduled");
  // Superseded before it ran: four operations stand in the timelock, and two containments are signed.
  await stage.council.as("finn", "cancel", { ceremony: "UP-1", reason: "superseded" });
  await stage.council.quorate.settle();
});
afterAll(() => stage?.stop());

const tokenOf = (person: Somebody) => stage.token(person, "sign");

async function signAll(visit: PageVisit): Promise<void> {
  const items = visit.page.locator(".item");
  const count = await items.count();
  expect(count).toBeGreaterThan(0);
  for (let at = 0; at < count; at++) {
    await items
      .nth(at)
      .getByRole("button", { name: `Sign ${at + 1}` })
      .click();
    await items.nth(at).getByText("Signed and handed in.").waitFor();
  }
}

test("the page says what each signature makes unusable and what stays, computed from package and chain", async () => {
  const visit = await stage.connected("dev", await tokenOf("dev"));
  const { page } = visit;
  await page.getByText(/All \d+ comparisons agree\./).waitFor();
  const state = await stage.council.state();
  expect(await page.locator("h1").textContent()).toBe(`Make what is left unusable: ${state.package.title}`);
  expect(await page.locator(".lead").textContent()).toBe(
    "Once enough owners have signed, your four signatures for UP-1 take pilot/upgrade, pilot/rollback, main/upgrade and main/rollback out of the timelock, so that nobody can run them.",
  );
  const meaning = (await page.locator("section[aria-labelledby=meaning-title]").textContent()) ?? "";
  expect(meaning).toContain("Cancel pilot/rollback in the timelock: pilot/rollback can never run");
  expect(meaning).toContain("What has run stays as it is");
  expect(await page.locator(".item").count()).toBe(state.windDown?.transactions.length);
  for (const [at, one] of (state.windDown?.transactions ?? []).entries()) {
    const item = page.locator(".item").nth(at);
    await item.evaluate((node) => node.querySelector("details")?.setAttribute("open", ""));
    const text = ((await item.textContent()) ?? "").replace(/\s/g, "");
    expect(text).toContain(one.safeTxHash.slice(2).toUpperCase());
    expect(text).toContain(one.operationId);
  }
  const [first] = state.windDown?.transactions ?? [];
  await page.getByText(`Nonce ${first?.tx.nonce} of the guardian Safe`).first().waitFor({ state: "attached" });
  expect(visit.faults).toEqual([]);
  await visit.close();
});

test("a nonce that is used, an operation that is gone, and a guardian that may not cancel stop the signature", async () => {
  const { node } = stage.council.world;
  const brief = endingBrief.parse(await stage.desk.brief(await tokenOf("dev")));
  const [cancel] = brief.transactions;
  if (cancel === undefined) throw new Error("Nothing is to be cancelled.");
  const nonceSlot = `0x${"5".padStart(64, "0")}`;
  const [operation] = (await stage.council.state()).windDown?.transactions ?? [];
  const timelockAbi = { pending: "0x584b153e", role: "0x91d14854" };
  const cases: [string, (visit: PageVisit) => Promise<void>, RegExp][] = [
    [
      "nonce",
      async () =>
        void (await node.request("anvil_setStorageAt", cancel.tx.safe, nonceSlot, `0x${"9".padStart(64, "0")}`)),
      /Nonce \d+ of the guardian Safe .* was used by something else, and the operation still waits/,
    ],
    [
      "operation",
      async ({ wallet }) => {
        wallet.instead = ({ method, params }) =>
          method === "eth_call" && (params[0] as { data: string }).data.startsWith(timelockAbi.pending)
            ? { result: `0x${"0".repeat(64)}` }
            : undefined;
      },
      new RegExp(
        `No operation ${operation?.operationId} waits in the timelock .*: pilot/upgrade has run, or was cancelled already`,
      ),
    ],
    [
      "role",
      async ({ wallet }) => {
        wallet.instead = ({ method, params }) =>
          method === "eth_call" && (params[0] as { data: string }).data.startsWith(timelockAbi.role)
            ? { result: `0x${"0".repeat(64)}` }
            : undefined;
      },
      /may not cancel in this timelock: it does not hold CANCELLER_ROLE/,
    ],
  ];
  for (const [what, change, said] of cases) {
    const visit = await stage.connected("dev", await tokenOf("dev"));
    await visit.page.getByText(/All \d+ comparisons agree\./).waitFor();
    const snapshot = await node.request("evm_snapshot");
    await change(visit);
    await visit.page.getByRole("button", { name: "Sign 1", exact: true }).click();
    const alert = visit.page.getByRole("alert").first();
    await alert.getByText("Do not sign. The chain or the wallet says something else.").waitFor();
    expect(await alert.textContent(), what).toMatch(said);
    expect(visit.wallet.signRequests(), what).toEqual([]);
    await node.request("evm_revert", snapshot);
    await visit.close();
  }
});

test("a block between two reads of one look warns nobody: it is looked at again", async () => {
  const visit = await stage.connected("dev", await tokenOf("dev"));
  const { page, wallet } = visit;
  await page.getByText(/All \d+ comparisons agree\./).waitFor();
  let mixed = 0;
  // As where the cancellation ran after its Safe's nonce was read: whether the first operation waits is asked first.
  wallet.instead = ({ method, params }) => {
    const isAsked = method === "eth_call" && (params[0] as { data: string }).data.startsWith("0x584b153e");
    if (!isAsked || mixed > 0) return undefined;
    mixed += 1;
    return { result: `0x${"0".repeat(64)}` };
  };
  await page.getByRole("button", { name: "Sign 1", exact: true }).click();
  await page.locator(".item").nth(0).getByText("Signed and handed in.").waitFor();
  expect(mixed).toBe(1);
  expect(await page.getByText("Do not sign.").count()).toBe(0);
  await visit.close();
});

test("two guardians sign it all from their links, the gas key sends it, and nothing is left that could run", async () => {
  const before = (await stage.council.card()).sections[0];
  expect(before?.title).toBe("Still executable by anyone");
  expect(before?.lines).toEqual(
    expect.arrayContaining(["pilot/upgrade (in the timelock)", "main/rollback (in the timelock)"]),
  );
  const tokens: string[] = [];
  for (const person of ["dev", "caro"] as const) {
    const token = await tokenOf(person);
    tokens.push(token);
    const visit = await stage.connected(person, token);
    await signAll(visit);
    await visit.page.getByText("Everything asked of you is signed.").waitFor();
    expect(visit.faults).toEqual([]);
    await visit.close();
  }
  const card = await stage.council.card();
  expect(card.sections.map((one) => one.title)).not.toContain("Still executable by anyone");
  for (const token of tokens)
    await expect(stage.desk.brief(token)).rejects.toThrow(
      "Everything that this link was for is signed. UP-1 is cancelled.",
    );
  expect((await stage.council.ask("gus", "sign", { ceremony: "UP-1" })).kind).toBe("notice");
});
