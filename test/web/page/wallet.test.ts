/** Wallets that refuse, wait, lie or change their mind. */

import type { Page } from "playwright-core";
import { type Hex, hashTypedData, numberToHex, type TypedDataDefinition } from "viem";
import { sign } from "viem/accounts";
import { describe, expect, test } from "vitest";
import { embeddedPeople } from "../../../src/embedded/people.ts";
import { connect, type PageVisit } from "./stage.ts";
import type { WalletAnswer, WalletRequest } from "./test-wallet.ts";
import { visits } from "./visits.ts";

const { at, visitAs, connected } = visits();

const signButton = ({ page }: PageVisit) => page.getByRole("button", { name: /Sign 1|sign 1/ });
const firstItem = ({ page }: PageVisit) => page.locator(".item").first();

/** Answers signature requests in place of the wallet. */
function signingWith(answer: (data: TypedDataDefinition, visit: PageVisit) => Promise<WalletAnswer> | WalletAnswer) {
  return (visit: PageVisit) => {
    visit.wallet.instead = ({ method, params }: WalletRequest) =>
      method === "eth_signTypedData_v4" ? answer(JSON.parse(String(params[1])), visit) : undefined;
  };
}

const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

async function signature(data: TypedDataDefinition, privateKey: Hex, change = (text: Hex): Hex => text) {
  return { result: change(await sign({ hash: hashTypedData(data), privateKey, to: "hex" })) };
}

const highS = (text: Hex): Hex => {
  const s = numberToHex(order - BigInt(`0x${text.slice(66, 130)}`), { size: 32 }).slice(2);
  return `${text.slice(0, 66)}${s}${text.endsWith("1b") ? "1c" : "1b"}` as Hex;
};

describe("what a wallet answers", () => {
  const faults: [string, ReturnType<typeof signingWith>, string][] = [
    ["a refusal", signingWith(() => ({ error: { code: 4001, message: "no" } })), "You declined in the wallet."],
    [
      "a request that is open already",
      signingWith(() => ({ error: { code: -32002, message: "x" } })),
      "The wallet is already asking you something",
    ],
    [
      "a fault of its own",
      signingWith(() => ({ error: { code: -32603, message: "<b>x</b>" } })),
      "The wallet failed to answer.",
    ],
    [
      "a signature of somebody else",
      signingWith((data) => signature(data, embeddedPeople.dev.privateKey)),
      `The wallet returned a signature of ${embeddedPeople.dev.address}, and not of ${embeddedPeople.ben.address}`,
    ],
    [
      "a signature over something else",
      signingWith((data) =>
        signature(
          { ...data, message: { ...data.message, nonce: "99" } } as TypedDataDefinition,
          embeddedPeople.ben.privateKey,
        ),
      ),
      "The wallet returned a signature of 0x",
    ],
    [
      "a signature with a high s",
      signingWith((data) => signature(data, embeddedPeople.ben.privateKey, highS)),
      "The signature has a high s (EIP-2)",
    ],
    [
      "a signature that ends in 0 or 1",
      signingWith((data) =>
        signature(
          data,
          embeddedPeople.ben.privateKey,
          (text) => `${text.slice(0, 130)}0${text.endsWith("1b") ? 0 : 1}` as Hex,
        ),
      ),
      "The signature ends in v = ",
    ],
    [
      "a signature by eth_sign",
      signingWith((data) => signature(data, embeddedPeople.ben.privateKey, (text) => `${text.slice(0, 130)}1f` as Hex)),
      "The signature was made with eth_sign",
    ],
    ["half a signature", signingWith(() => ({ result: "0x1234" })), "The signature is malformed"],
    [
      "no text at all",
      signingWith(() => ({ result: { signature: "0x" } })),
      "The wallet answered with something that is no signature.",
    ],
  ];

  test.each(faults)("%s is not handed in, is said in words, and can be tried again", async (_name, act, sentence) => {
    const visit = await connected();
    const before = at.stage.server.handedIn.length;
    act(visit);
    await signButton(visit).click();
    const alert = firstItem(visit).getByRole("alert");
    await alert.waitFor();
    expect(await alert.textContent()).toContain(sentence);
    // The focus is where the news is.
    expect(await alert.evaluate((element) => element.closest("[tabindex]") === document.activeElement)).toBe(true);
    expect(at.stage.server.handedIn).toHaveLength(before);
    await visit.page.getByRole("button", { name: "Try again: sign 1" }).waitFor();
    expect(visit.wallet.signRequests().map(({ method }) => method)).toEqual(["eth_signTypedData_v4"]);
  });

  test("nothing for five minutes ends the wait, and what comes later is thrown away", async () => {
    let answer: (value: WalletAnswer) => void = () => undefined;
    const visit = await connected("ben", { before: (page) => page.clock.install() });
    const late = new Promise<WalletAnswer>((resolve) => {
      answer = resolve;
    });
    signingWith(() => late)(visit);
    const before = at.stage.server.handedIn.length;
    await signButton(visit).click();
    await visit.page.getByText("Your wallet asks you now.").waitFor();
    await visit.page.clock.fastForward("05:01");
    await firstItem(visit).getByRole("alert").getByText("The wallet did not answer within 5 minutes.").waitFor();
    const [asked] = visit.wallet.signRequests();
    answer(await signature(JSON.parse(String(asked?.params[1])), embeddedPeople.ben.privateKey));
    await visit.page.evaluate(() => new Promise(requestAnimationFrame));
    expect(at.stage.server.handedIn).toHaveLength(before);
    expect(await firstItem(visit).locator(".pill").textContent()).toContain("Not signed");
  });

  test("a signer who stops waiting gets no further, whatever the wallet does then", async () => {
    let answer: (value: WalletAnswer) => void = () => undefined;
    const visit = await connected();
    const late = new Promise<WalletAnswer>((resolve) => {
      answer = resolve;
    });
    signingWith(() => late)(visit);
    const before = at.stage.server.handedIn.length;
    await signButton(visit).click();
    await visit.page.getByRole("button", { name: "Stop waiting" }).click();
    await firstItem(visit).getByRole("alert").getByText("You stopped waiting.").waitFor();
    const [asked] = visit.wallet.signRequests();
    answer(await signature(JSON.parse(String(asked?.params[1])), embeddedPeople.ben.privateKey));
    await visit.page.getByRole("button", { name: "Try again: sign 1" }).waitFor();
    await visit.page.evaluate(() => new Promise(requestAnimationFrame));
    expect(at.stage.server.handedIn).toHaveLength(before);
  });

  test("a refusal that comes after the signer stopped waiting changes nothing", async () => {
    let answer: (value: WalletAnswer) => void = () => undefined;
    const visit = await connected();
    const late = new Promise<WalletAnswer>((resolve) => {
      answer = resolve;
    });
    signingWith(() => late)(visit);
    await signButton(visit).click();
    await visit.page.getByRole("button", { name: "Stop waiting" }).click();
    answer({ error: { code: 4001, message: "no" } });
    await visit.page.evaluate(() => new Promise(requestAnimationFrame));
    await visit.page.evaluate(() => new Promise(requestAnimationFrame));
    expect(await firstItem(visit).getByRole("alert").textContent()).toContain("You stopped waiting.");
  });

  test("no account is a sentence, and not the end", async () => {
    const visit = await visitAs("ben");
    visit.wallet.instead = ({ method }) =>
      method === "eth_requestAccounts" ? { error: { code: 4001, message: "no" } } : undefined;
    await visit.page.getByRole("button", { name: "Connect Test wallet" }).click();
    await visit.page.getByRole("alert").getByText("You declined in the wallet.").waitFor();
    visit.wallet.instead = () => undefined;
    await connect(visit);
    await visit.page.getByText(/All \d+ comparisons agree\./).waitFor();
  });

  test("a wallet that only knows window.ethereum is offered under a label that says so", async () => {
    const visit = await visitAs("ben", { wallet: "old" });
    await visit.page.getByText("It did not announce itself (EIP-6963)").waitFor();
    await visit.page.getByRole("button", { name: "Connect A wallet that does not say its name" }).click();
    await visit.page.getByText(/All \d+ comparisons agree\./).waitFor();
  });
});

describe("account or chain changed", () => {
  const goOn = (page: Page) => page.getByRole("button", { name: "Go on with the wallet as it is now" });

  test("before signing: everything stops, and goes on when the person says so", async () => {
    const visit = await connected();
    await visit.wallet.switchTo(visit.page, { privateKey: embeddedPeople.dev.privateKey });
    await visit.page
      .getByText(
        `The wallet switched from the account ${embeddedPeople.ben.address} to ${embeddedPeople.dev.address}. Nothing more is asked of it until you go on.`,
      )
      .first()
      .waitFor();
    expect(await signButton(visit).isEnabled()).toBe(false);
    await goOn(visit.page).click();
    await visit.page
      .getByRole("alert")
      .getByText(/is not linked to Ben/)
      .waitFor();
    await visit.wallet.switchTo(visit.page, { privateKey: embeddedPeople.ben.privateKey });
    await goOn(visit.page).click();
    await visit.page.getByText(/All \d+ comparisons agree\./).waitFor();
    expect(visit.wallet.signRequests()).toEqual([]);
  });

  test("without a word of the wallet: found before it is asked", async () => {
    const visit = await connected();
    visit.wallet.privateKey = embeddedPeople.dev.privateKey;
    await signButton(visit).click();
    await visit.page.getByText("Nothing was asked of it.").first().waitFor();
    expect(visit.wallet.signRequests()).toEqual([]);
  });

  test("while the wallet asks: the signature is thrown away", async () => {
    const visit = await connected();
    const before = at.stage.server.handedIn.length;
    signingWith(async (data) => {
      const made = await signature(data, embeddedPeople.ben.privateKey);
      visit.wallet.privateKey = embeddedPeople.dev.privateKey;
      return made;
    })(visit);
    await signButton(visit).click();
    await visit.page.getByText("The signature that was under way was thrown away.").first().waitFor();
    expect(at.stage.server.handedIn).toHaveLength(before);
    expect(await firstItem(visit).locator(".pill").textContent()).toContain("Not signed");
  });

  test("to another chain: stops, offers to switch back, and goes on there", async () => {
    const visit = await connected();
    await visit.wallet.switchTo(visit.page, { chainId: 1 });
    await visit.page.getByText("The wallet switched from chain 31337 to chain 1.").first().waitFor();
    await goOn(visit.page).click();
    await visit.page.getByText("It is on chain 1, and this release is on chain 31337.").first().waitFor();
    expect(await signButton(visit).isEnabled()).toBe(false);
    await visit.page.getByRole("button", { name: "Switch the wallet to chain 31337" }).click();
    await visit.page.getByText(/All \d+ comparisons agree\./).waitFor();
  });
});
