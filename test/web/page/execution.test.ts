/** The executor's wallet sends from a link, in a real browser, what the council scheduled: nothing else, and only when it may. */

import { type Hex, pad } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { legById, proxyChanges } from "../../../src/domain/release-package.ts";
import { executeBatchData } from "../../../src/domain/timelock.ts";
import { timelockOf, upgradeBatch } from "../../../src/domain/transactions.ts";
import { embeddedPeople } from "../../../src/embedded/people.ts";
import { walk } from "../../support/embedded.ts";
import { type LinkedStage, startLinkedStage } from "./linked-stage.ts";
import type { PageVisit } from "./stage.ts";

let stage: LinkedStage;
let token: string;
beforeAll(async () => {
  stage = await startLinkedStage();
  await walk(stage.council, "ready");
  token = await stage.token("eve", "execute");
});
afterAll(() => stage?.stop());

const sendButton = ({ page }: PageVisit) => page.getByRole("button", { name: "Send 1", exact: true });
const refused = ({ page }: PageVisit) => page.getByRole("alert").first();

/** Asked of the page, and undone afterwards on the chain. */
async function withChain(method: string, params: unknown[], act: () => Promise<void>): Promise<void> {
  const { node } = stage.council.world;
  const snapshot = await node.request("evm_snapshot");
  await node.request(method, ...params);
  try {
    await act();
  } finally {
    await node.request("evm_revert", snapshot);
  }
}

async function agreed(): Promise<PageVisit> {
  const visit = await stage.connected("eve", token);
  await visit.page.getByText(/All \d+ comparisons agree\./).waitFor();
  return visit;
}

async function legAt(index: number) {
  const state = await stage.council.state();
  const leg = legById(state.package, state.package.phases[index]?.legs[0] ?? "");
  if (state.review === undefined) throw new Error("There is no review.");
  const anchor = { packageHash: state.packageHash, auditHead: state.review.auditHead };
  return { leg, data: executeBatchData(upgradeBatch(state.package, leg, anchor)) };
}

describe("the page refuses to ask the wallet", () => {
  test("where the code was exchanged: it says so, and in the chain's own words that the batch would revert", async () => {
    const visit = await agreed();
    const [change] = proxyChanges((await legAt(0)).leg);
    await withChain("anvil_setCode", [change?.toImplementation, "0x6001600155"], async () => {
      await sendButton(visit).click();
      await refused(visit).getByText("Do not send. The chain or the wallet says something else.").waitFor();
      const said = await refused(visit).textContent();
      expect(said).toContain(`The new code of ${change?.name} at ${change?.toImplementation} has the code hash`);
      expect(said).toMatch(
        /pilot would revert as a whole, so there is nothing to send: the precondition asks for other code at 0x/,
      );
    });
    expect(visit.wallet.sendRequests()).toEqual([]);
    await visit.page.getByRole("button", { name: "Read the chain again" }).click();
    await visit.page.getByText(/All \d+ comparisons agree\./).waitFor();
    await visit.close();
  });

  test("where a proxy was changed meanwhile", async () => {
    const [change] = proxyChanges((await legAt(1)).leg);
    const visit = await agreed();
    const implementationSlot = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc";
    const [pilot] = proxyChanges((await legAt(0)).leg);
    if (change === undefined || pilot === undefined) throw new Error("Nothing changes.");
    const [account, slot] =
      pilot.proxyKind === "beacon" ? [pilot.admin, pad("0x1", { size: 32 })] : [pilot.proxy, implementationSlot];
    await withChain("anvil_setStorageAt", [account, slot, pad(change.toImplementation as Hex)], async () => {
      await sendButton(visit).click();
      await refused(visit).getByText(`${pilot.name} runs`, { exact: false }).first().waitFor();
      expect(await refused(visit).textContent()).toContain("somebody changed it");
    });
    expect(visit.wallet.sendRequests()).toEqual([]);
    await visit.close();
  });

  test("outside the window, by the chain's clock, and says when it was or will be", async () => {
    const { window } = (await stage.council.state()).package.phases[0] ?? { window: { notBefore: 0n, notAfter: 0n } };
    for (const [time, said] of [
      [
        window.notAfter + 60n,
        /The window of pilot ended at .* UTC; by the chain's clock it is .*\. It can never run any more\./,
      ],
      [window.notBefore - 7200n, /The window of pilot opens at .* UTC, in 2 h; by the chain's clock it is/],
    ] as const) {
      const visit = await agreed();
      visit.wallet.instead = ({ method }) =>
        method === "eth_getBlockByNumber" ? { result: { timestamp: `0x${time.toString(16)}` } } : undefined;
      await sendButton(visit).click();
      await refused(visit).getByText("Do not send. The chain or the wallet says something else.").waitFor();
      expect(await refused(visit).textContent()).toMatch(said);
      await visit.page.getByText(/The window of pilot (is over|opens in 2 h)\./).waitFor();
      expect(visit.wallet.sendRequests()).toEqual([]);
      await visit.close();
    }
  });

  test("for another's wallet, which may not execute either", async () => {
    const visit = await stage.open("ben", token);
    await visit.page.getByRole("button", { name: "Connect Test wallet" }).click();
    await refused(visit).getByText("Do not send. The chain or the wallet says something else.").waitFor();
    const said = await refused(visit).textContent();
    expect(said).toMatch(/The wallet's account 0x\w+ is not linked to Eve, for whom this link was made\./);
    expect(said).toContain("it holds no EXECUTOR_ROLE");
    expect(said).toContain("does not hold EXECUTOR_ROLE");
    expect(await sendButton(visit).isEnabled()).toBe(false);
    await visit.close();
  });

  test("once account or chain changed between reading and sending", async () => {
    for (const [to, said] of [
      [{ privateKey: embeddedPeople.gus.privateKey }, /The wallet switched from the account/],
      [{ chainId: 1 }, /The wallet switched from chain 31337 to chain 1\./],
    ] as const) {
      const visit = await agreed();
      // Silently: no event tells the page, so it has to ask.
      Object.assign(visit.wallet, to);
      await sendButton(visit).click();
      await visit.page.getByText("Stopped.").waitFor();
      expect(await visit.page.locator(".verdict").textContent()).toMatch(said);
      expect(visit.wallet.sendRequests()).toEqual([]);
      await visit.close();
    }
  });

  test("while the ceremony is on hold, which only the program knows", async () => {
    const visit = await agreed();
    await stage.council.as("caro", "canary", { action: "hold", ceremony: "UP-1", reason: "wait" });
    await sendButton(visit).click();
    await visit.page.getByText(/Nothing was asked of your wallet\. UP-1 is held/).waitFor();
    expect(visit.wallet.sendRequests()).toEqual([]);
    await stage.council.as("dev", "canary", { action: "start", ceremony: "UP-1", reason: "on" });
    await visit.close();
  });

  test("after the link's 15 minutes, although it can still be read", async () => {
    const visit = await agreed();
    const { server } = stage;
    server.ready = () => ({
      status: 403,
      body: { error: "The 15 minutes in which this link lets your wallet send are over." },
    });
    await sendButton(visit).click();
    await visit.page.getByText(/Nothing was asked of your wallet\. The 15 minutes/).waitFor();
    server.ready = () => ({ status: 500, body: "broken" });
    await visit.page.getByRole("button", { name: "Try again: send 1" }).click();
    await visit.page.getByText("Nothing was asked of your wallet. The server refused.").waitFor();
    expect(visit.wallet.sendRequests()).toEqual([]);
    stage.serveTruth();
    await visit.close();
  });
});

test("the page shows the batch call by call, what changes, when it can run, and the numbers to compare", async () => {
  const visit = await agreed();
  const { page } = visit;
  const state = await stage.council.state();
  const { leg } = await legAt(0);
  expect(await page.locator("h1").textContent()).toBe(`Execute pilot: ${state.package.title}`);
  const item = page.locator(".item").first();
  const text = (await item.textContent()) ?? "";
  const calls = await item.locator(".calls li").allTextContents();
  expect(calls).toHaveLength(leg.preconditions.filter((one) => one.enforcedBy === "chain").length + leg.calls.length);
  expect(calls.join()).toMatch(/Revert everything if it is later than/);
  for (const change of proxyChanges(leg)) {
    expect(text).toContain(change.fromImplementation);
    expect(text).toContain(change.toImplementation);
  }
  expect(text).toContain("read from the chain");
  const operation = state.review?.transactions.find((one) => one.id === "pilot/upgrade")?.operationId ?? "";
  expect(text.replace(/\s/g, "")).toContain(operation.slice(2).toUpperCase());
  await page.getByText(/The window of pilot is open for another 6 days 2\d h/).waitFor();
  expect(await page.locator("section[aria-labelledby=checks-title]").textContent()).toMatch(/Ready since/);
  expect(visit.wallet.requests.map(({ method }) => method)).not.toContain("eth_sendTransaction");
  await visit.close();
});

test("what the wallet declines is not sent, and can be tried again", async () => {
  const visit = await agreed();
  visit.wallet.instead = ({ method }) =>
    method === "eth_sendTransaction" ? { error: { code: 4001, message: "no" } } : undefined;
  await sendButton(visit).click();
  await visit.page.getByText("You declined in the wallet.").waitFor();
  visit.wallet.instead = ({ method }) => (method === "eth_sendTransaction" ? { result: "0x12" } : undefined);
  await visit.page.getByRole("button", { name: "Try again: send 1" }).click();
  await visit.page.getByText("The wallet answered with something that is no transaction hash.").waitFor();
  await visit.close();
});

test("one transaction, exactly the batch, ends as executed by that person; the page and the card say so", async () => {
  const visit = await agreed();
  const { leg, data } = await legAt(0);
  await sendButton(visit).click();
  await visit.page.getByText("It ran: read back from the timelock.").waitFor();
  await visit.page.getByText("Everything that you were to send has run.").waitFor();
  const from = embeddedPeople.eve.address;
  expect(visit.wallet.sendRequests()).toEqual([
    { method: "eth_sendTransaction", params: [{ from, to: timelockOf(leg).timelock, value: "0x0", data }] },
  ]);
  expect(visit.faults).toEqual([]);
  await visit.close();
  // Nobody handed anything in: the watch found it, because the page said that there is something to look at.
  await expect.poll(async () => (await stage.council.state()).status).toBe("canary");
  const executed = (await stage.council.history()).find((one) => one.type === "legExecuted");
  expect(executed?.data).toMatchObject({
    leg: "pilot",
    purpose: "upgrade",
    by: { person: "eve", account: `wallet:${from}` },
  });
  expect((await stage.council.thread()).join("\n")).toMatch(/The upgrade of pilot ran in block \d+, sent by Eve\./);
  await expect(stage.desk.brief(token)).rejects.toThrow(
    "Everything that this link was for has run. UP-1 is under its canary.",
  );
});

test("a rollback is sent from a link too", async () => {
  const back = await stage.token("eve", "rollback", { ceremony: "UP-1", reason: "the leak is in the new code" });
  const visit = await stage.connected("eve", back);
  await visit.page.getByText(/All \d+ comparisons agree\./).waitFor();
  expect(await visit.page.locator(".lead").textContent()).toMatch(/puts .* back to the code from before/);
  await sendButton(visit).click();
  await visit.page.getByText("Rolled back: everything that you were to send has run.").waitFor();
  await expect.poll(async () => (await stage.council.state()).status).toBe("rolled back");
  await visit.close();
});
