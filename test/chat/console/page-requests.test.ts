import { describe, expect, it } from "vitest";
import { notice } from "../../../src/view.ts";
import { consolePage } from "./open-page.ts";
import { executorRequest, proposeForm, walletRequest } from "./sample-requests.ts";

const at = consolePage();
const { say, reply, dialog, button } = at;

describe("a form", () => {
  it("opens by itself, is filled in, and comes back filled in after a no", async () => {
    at.console.on("propose", ({ options }) =>
      options.rationale ? notice("bad", "At this address is no contract.") : proposeForm,
    );
    await say("propose");
    await dialog().getByText("What changes, in one line.").waitFor();
    await at.page.keyboard.type("Round shares down");
    await dialog().getByLabel("Lane").selectOption("emergency");
    await dialog().getByLabel("Rationale").fill("Solvency drifts by a wei.");
    await dialog().getByRole("button", { name: "Propose" }).click();
    await reply().getByText("At this address is no contract.").waitFor();
    expect(at.console.invocations[1]?.options).toMatchObject({
      target: "vault",
      title: "Round shares down",
      lane: "emergency",
    });
    await reply().getByRole("button", { name: "Edit and send again" }).click();
    expect(await dialog().getByLabel("Rationale").inputValue()).toBe("Solvency drifts by a wei.");
  });

  it("wants its required fields, and can be opened again", async () => {
    at.console.on("propose", () => proposeForm);
    await say("propose");
    await dialog().getByRole("button", { name: "Propose" }).click();
    expect(
      await dialog()
        .getByLabel("Title")
        .evaluate((field: HTMLInputElement) => field.validity.valueMissing),
    ).toBe(true);
    await dialog().getByRole("button", { name: "Cancel" }).click();
    await reply().getByRole("button", { name: "Fill in the form" }).click();
    await dialog().waitFor();
    expect(at.console.invocations).toHaveLength(1);
  });
});

describe("a text to be signed", () => {
  it("is shown line by line, with the wallet that signs it, and is handed over as it came", async () => {
    const text = "quorate.example.org wants you to sign in:\n0xB0b\n\nThe chat account is mine.";
    const wallet = "0xbf8c0B07B252FDD723B647dCC9EB97B3F4493519" as const;
    const message = { kind: "message" as const, purpose: "Prove it", wallet, text, sentences: ["It moves nothing."] };
    const asked = {
      kind: "wallet" as const,
      ceremony: "link-1",
      title: "Link a wallet",
      summary: "Read it.",
      items: [],
    };
    at.console.on("sign", () => ({ ...asked, message }));
    const signed: unknown[] = [];
    at.console.onSign((account, item) => {
      signed.push([account, item]);
      return notice("good", "Signed. Now two admins confirm.");
    });
    await say("sign UP-3");
    const region = at.page.getByRole("region", { name: "1 of 1: Prove it" });
    await region.getByText("The chat account is mine.").waitFor();
    await region.getByText(wallet).waitFor();
    await button("Sign with Ben's wallet").click();
    await region.getByText("Now two admins confirm").waitFor();
    expect(signed).toEqual([["console:ben", message]]);
  });
});

describe("a wallet request", () => {
  it("shows what to compare with the device, and signs all items with progress", async () => {
    at.console.on("sign", () => walletRequest);
    const finish = Promise.withResolvers<void>();
    at.console.onSign(async (_, item, progress) => {
      progress("Waiting for the wallet…");
      if (item.purpose === "Pause the vault") await finish.promise;
      return notice("good", `Signed: ${item.purpose}.`);
    });
    await say("sign UP-3");
    const first = at.page.getByRole("region", { name: "1 of 4: Schedule the upgrade" });
    await first.getByText("Call 3: ProxyAdmin.upgradeAndCall(vault, Vault 1.2.0, migrate(2)).").waitFor();
    const [item] = walletRequest.items;
    if (item?.kind !== "signature") throw new Error("the sample's first item is a signature");
    for (const hash of [item.hashes.domainHash, item.hashes.messageHash, item.hashes.safeTxHash]) {
      const shown = first.locator(".device-hash", { hasText: hash.slice(2, 6).toUpperCase() });
      expect(await shown.first().textContent()).toBe(hash.slice(2).toUpperCase());
    }
    expect(await first.textContent()).toContain(item.tx.safe);
    expect(await first.textContent()).toContain("eip155:31337");
    await first.getByText("12", { exact: true }).waitFor();

    await button("Sign with Ben's wallet").click();
    await dialog().getByText("2 of 4 done").waitFor();
    await at.page.getByRole("region", { name: "3 of 4" }).getByText("Waiting for the wallet…").waitFor();
    finish.resolve();
    await dialog().getByText("4 of 4 done").waitFor();
    await first.getByText("Signed: Schedule the upgrade.").waitFor();
    expect(at.console.signed).toEqual(walletRequest.items.map((each) => `console:ben: ${each.purpose}`));
    await dialog().getByRole("button", { name: "Close" }).last().click();
    await reply().getByText("4 of 4 done").waitFor();
  });

  it("stops where the intake says no, and goes on from there", async () => {
    at.console.on("sign", () => walletRequest);
    let taken = true;
    at.console.onSign((_, item) =>
      taken && item.purpose === "Schedule the rollback"
        ? notice("bad", "Nonce 13 is taken.")
        : notice("good", "Signed."),
    );
    await say("sign UP-3");
    await button("Sign with Ben's wallet").click();
    await dialog().getByText("Nonce 13 is taken.").waitFor();
    await dialog().getByText("not accepted").waitFor();
    taken = false;
    await button("Sign with Ben's wallet").click();
    await dialog().getByText("4 of 4 done").waitFor();
  });

  it("names a transaction's parts before it is sent", async () => {
    at.console.on("execute", () => executorRequest);
    await say("execute UP-4");
    await dialog().getByText("Operation id").waitFor();
    await dialog().getByText("not sent").waitFor();
    await button("Send with Ben's wallet").click();
    await dialog().getByText("Signed: Execute the operation.").waitFor();
  });
});

describe("the chain's time", () => {
  it("is moved forward, with progress, for everybody", async () => {
    const finish = Promise.withResolvers<void>();
    at.console.onAdvance(async (seconds, progress) => {
      progress("Mining blocks…");
      await finish.promise;
      at.console.chainTime += seconds;
      return notice("good", "48 hours have passed.");
    });
    const before = new Date(Number(at.console.chainTime) * 1000).toISOString();
    await button(new RegExp(`${before.slice(11, 19)} UTC block 1,246`)).click();
    const panel = at.page.getByRole("region", { name: "Chain time" });
    await panel.getByRole("button", { name: "+48 h" }).click();
    await panel.getByText("Mining blocks…").waitFor();
    expect(await panel.getByRole("button", { name: "+1 h" }).isDisabled()).toBe(true);
    finish.resolve();
    await panel.getByText("48 hours have passed.").waitFor();
    await panel.getByText("It is 2 days ahead of your machine's.").waitFor();
    await at.page.keyboard.press("Escape");
    await panel.waitFor({ state: "detached" });
    const after = new Date(Number(at.console.chainTime) * 1000).toISOString().slice(0, 10);
    await at.page.getByText(after).first().waitFor();
    await reply().getByText("Move time forward by 48 h").waitFor();
    await reply()
      .getByText(/^1 step, \d+ s$/)
      .waitFor();
  });

  it("takes any span", async () => {
    await button(/block 1,246/).click();
    const panel = at.page.getByRole("region", { name: "Chain time" });
    await panel.getByLabel("Amount").fill("90");
    await panel.getByLabel("Unit").selectOption("minutes");
    const before = at.console.chainTime;
    await panel.getByRole("button", { name: "Move" }).click();
    await expect.poll(() => at.console.chainTime - before, { timeout: 10_000 }).toBe(5400n);
  });
});
