/** A chain that says something else than the package, or that changes while somebody reads, or that cannot be read. */

import { keccak256, numberToHex, pad } from "viem";
import { expect, test } from "vitest";
import { proxyChanges } from "../../../src/domain/release-package.ts";
import { connect, type PageVisit } from "./stage.ts";
import { visits } from "./visits.ts";

const { at, visitAs, connected } = visits();

const signButton = ({ page }: PageVisit) => page.getByRole("button", { name: "Sign 1", exact: true });

async function chainWith(method: string, ...params: unknown[]): Promise<() => Promise<unknown>> {
  const { node } = at.stage.council.world;
  const snapshot = await node.request("evm_snapshot");
  await node.request(method, ...params);
  return () => node.request("evm_revert", snapshot);
}
const change = (name: string) => {
  const found = at.stage.state.package.legs.flatMap(proxyChanges).find((one) => one.name === name);
  if (found === undefined) throw new Error(`The package does not change ${name}.`);
  return found;
};
const slot = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc";

test("a proxy that was changed while somebody read stops the signature, before the wallet is asked", async () => {
  const visit = await connected();
  const vault = change("vault");
  const back = await chainWith("anvil_setStorageAt", vault.proxy, slot, pad(vault.toImplementation));
  await signButton(visit).click();
  await visit.page
    .getByRole("alert")
    .getByText(
      `vault runs ${vault.toImplementation} now, and the package says ${vault.fromImplementation}: it was changed meanwhile.`,
    )
    .waitFor();
  expect(visit.wallet.signRequests()).toEqual([]);
  await back();
  await visit.page.getByRole("button", { name: "Read the chain again" }).click();
  await visit.page.getByText(/All \d+ comparisons agree\./).waitFor();
});

test("code that is not the code of the package stops it too", async () => {
  const visit = await connected();
  const back = await chainWith("anvil_setCode", change("price-feed").toImplementation, "0x6001600155");
  await signButton(visit).click();
  await visit.page
    .getByRole("alert")
    .getByText(new RegExp(`The new code of price-feed .* has the code hash ${keccak256("0x6001600155")}`))
    .waitFor();
  expect(visit.wallet.signRequests()).toEqual([]);
  await back();
});

test("another owner or a used nonce stops it too", async () => {
  const visit = await connected();
  const safe = at.stage.state.package.legs[0]?.authority.safe;
  const back = await chainWith("anvil_setStorageAt", safe, numberToHex(5, { size: 32 }), numberToHex(4, { size: 32 }));
  await signButton(visit).click();
  await visit.page
    .getByRole("alert")
    .getByText(/the chain says 4, approved was 0\. Something else was run by this Safe/)
    .waitFor();
  expect(visit.wallet.signRequests()).toEqual([]);
  await back();
});

test.each(["eth_getCode", "eth_getStorageAt", "eth_call"])(
  "what cannot be read by %s is not verified, and nothing is signed",
  async (broken) => {
    const visit = await visitAs("ben");
    visit.wallet.instead = ({ method }) => (method === broken ? { error: { code: -32601, message: "no" } } : undefined);
    await connect(visit);
    await visit.page.getByText("Not verified. Signing stays off until everything could be read.").waitFor();
    expect(await visit.page.locator(".verdict li").count()).toBeGreaterThan(2);
    expect(await signButton(visit).isEnabled()).toBe(false);
    visit.wallet.instead = () => undefined;
    await visit.page.getByRole("button", { name: "Read the chain again" }).click();
    await visit.page.getByText(/All \d+ comparisons agree\./).waitFor();
  },
);

test("a wallet that does not answer is not waited for", async () => {
  const visit = await visitAs("ben", { before: (page) => page.clock.install() });
  visit.wallet.instead = ({ method }) => (method === "eth_getCode" ? new Promise(() => undefined) : undefined);
  await visit.page.getByRole("button", { name: "Connect Test wallet" }).click();
  await visit.page.getByText("Reading the chain through your wallet…").waitFor();
  await expect.poll(() => visit.wallet.requests.some(({ method }) => method === "eth_getCode")).toBe(true);
  await visit.page.clock.fastForward(10_001);
  await visit.page.getByText("Not verified. Signing stays off until everything could be read.").waitFor();
});
