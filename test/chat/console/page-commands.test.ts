import { describe, expect, it } from "vitest";
import { notice } from "../../../src/view.ts";
import { consolePage } from "./open-page.ts";
import { card, hostileCard } from "./sample-cards.ts";

const at = consolePage();
const { line, say, reply, cardOf, dialog, button } = at;

describe("a newcomer", () => {
  it("is told where to begin, and one press puts the line there as the proposer", async () => {
    await at.page.getByRole("heading", { name: "Run your first upgrade ceremony" }).waitFor();
    await button(/As Ada: \/upgrade propose/).click();
    expect(await line().inputValue()).toBe("/upgrade propose");
    await line().press("Enter");
    await reply().getByText("propose ran for console:ada.").waitFor();
  });
});

describe("whoever is quick", () => {
  it("finds the cursor where the line was put before the page is painted", async () => {
    const begin = button(/As Ada: \/upgrade propose/);
    await begin.waitFor();
    const focused = await begin.evaluate(async (element) => {
      (element as HTMLElement).click();
      // Promises are kept before anything is painted, and before the next key.
      for (let nth = 0; nth < 20; nth += 1) await Promise.resolve();
      return document.activeElement?.getAttribute("role");
    });
    expect(focused).toBe("combobox");
  });
});

describe("people", () => {
  it("are switched between, and everything is done as the one chosen", async () => {
    await say("status");
    await reply().getByText("status ran for console:ben.").waitFor();
    await at.page.getByRole("radio", { name: "Caro" }).check({ force: true });
    await at.page.getByText("You are Caro").waitFor();
    await expect.poll(() => at.page.getByText("Only you can see this").count(), { timeout: 10_000 }).toBe(0);
    await say("status");
    await reply().getByText("status ran for console:caro.").waitFor();
    expect(at.page.url()).toMatch(/#caro$/);
    await at.page.getByRole("radio", { name: "Ben" }).check({ force: true });
    await reply().getByText("status ran for console:ben.").waitFor();
  });

  it("are the same after a reload, and a called one is a press away", async () => {
    await at.console.show(card({ mentions: ["caro", "ben"] }));
    await cardOf("UP-1").getByText("@Ben (you)").waitFor();
    await cardOf("UP-1").getByRole("button", { name: "@Caro" }).click();
    await at.page.reload();
    await at.page.getByText("You are Caro").waitFor();
  });
});

describe("a typed command", () => {
  it("is completed by the keyboard, from name to value", async () => {
    await line().pressSequentially("app");
    await at.page.getByRole("option", { name: "approve" }).waitFor();
    await line().press("Tab");
    await at.page.getByRole("option", { name: /UP-3/ }).waitFor();
    await line().press("ArrowDown");
    await line().press("ArrowDown");
    const chosen = at.page.getByRole("option", { selected: true });
    expect(await chosen.textContent()).toContain("UP-3");
    expect(await line().getAttribute("aria-activedescendant")).toBe(await chosen.getAttribute("id"));
    await line().press("Enter");
    expect(await line().inputValue()).toBe("approve UP-3 ");
    await at.page.getByRole("option", { name: "reason=" }).waitFor();
    await line().press("Escape");
    expect(await at.page.getByRole("option").count()).toBe(0);
    expect(await line().getAttribute("aria-expanded")).toBe("false");
    await line().press("Enter");
    await reply().getByText("approve ran for console:ben.").waitFor();
    expect(at.console.invocations[0]).toMatchObject({ command: "approve", options: { ceremony: "UP-3" } });
    await line().press("ArrowUp");
    expect(await line().inputValue()).toBe("approve UP-3 ");
  });

  it("is completed by a press on a suggestion", async () => {
    await line().pressSequentially("/upgrade exe");
    await at.page.getByRole("option", { name: "execute" }).click();
    expect(await line().inputValue()).toBe("/upgrade execute ");
    expect(await line().evaluate((element) => element === document.activeElement)).toBe(true);
  });

  it("shows what it is doing while it runs, and others can be sent meanwhile", async () => {
    const finish = Promise.withResolvers<void>();
    at.console.on("show", async (_, progress) => {
      progress("Reading the package");
      progress("Simulating on a fork…");
      await finish.promise;
      return notice("good", "The simulation went as declared.");
    });
    await say("show UP-1");
    const slow = at.page.getByRole("article", { name: "Private answer" }).first();
    await slow.getByText("Simulating on a fork…").waitFor();
    await slow.getByText("Reading the package").waitFor();
    await say("status");
    await reply().getByText("status ran for console:ben.").waitFor();
    await at.page.reload();
    await slow.getByText("Simulating on a fork…").waitFor();
    finish.resolve();
    await slow.getByText("The simulation went as declared.").waitFor();
    await slow.getByText("2 steps").waitFor();
  });

  it("that is mistyped is a press away from right", async () => {
    await say("aprove UP-1");
    await reply().getByText("There is no command “aprove”. Did you mean approve?").waitFor();
    await reply().getByRole("button", { name: "approve UP-1" }).click();
    await reply().getByText("approve ran for console:ben.").waitFor();
  });

  it("leaves an answer that can be dismissed", async () => {
    await say("status");
    await reply().getByRole("button", { name: "Dismiss" }).click();
    await expect.poll(() => at.page.getByRole("article").count(), { timeout: 10_000 }).toBe(0);
  });
});

describe("a button", () => {
  it("asks before it runs where it must, and says as whom", async () => {
    await at.console.show(card());
    await cardOf("UP-1").getByRole("button", { name: "Approve" }).click();
    await dialog().getByText("Any later edit voids your approval.").waitFor();
    await dialog().getByText("You do this as Ben").waitFor();
    expect(
      await dialog()
        .getByRole("button", { name: "Cancel" })
        .evaluate((each) => each === document.activeElement),
    ).toBe(true);
    await at.page.keyboard.press("Escape");
    await dialog().waitFor({ state: "detached" });
    expect(at.console.invocations).toEqual([]);
    await cardOf("UP-1").getByRole("button", { name: "Approve" }).click();
    await dialog().getByRole("button", { name: "Approve" }).click();
    await reply().getByText("approve ran for console:ben.").waitFor();
    expect(at.console.invocations).toMatchObject([
      { command: "approve", options: { ceremony: "UP-1" }, account: "console:ben" },
    ]);
  });
});

describe("without a mouse", () => {
  it("one switches person, approves on a card and reads the answer", async () => {
    await at.console.show(card());
    await cardOf("UP-1").waitFor();
    const focused = () =>
      at.page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent);
    await at.page.keyboard.press("Tab");
    await at.page.keyboard.press("ArrowDown");
    await at.page.getByText("You are Caro").waitFor();
    for (let presses = 0; presses < 20 && (await focused()) !== "Approve"; presses++)
      await at.page.keyboard.press("Tab");
    await at.page.keyboard.press("Enter");
    await dialog().waitFor();
    await at.page.keyboard.press("Tab");
    await at.page.keyboard.press("Enter");
    await reply().getByText("approve ran for console:caro.").waitFor();
    expect(await focused()).toBe("Approve");
    await at.page.keyboard.press("/");
    await at.page.keyboard.type("status");
    await at.page.keyboard.press("Enter");
    await reply().getByText("status ran for console:caro.").waitFor();
  });
});

describe("on a phone", () => {
  it("everything is within reach", async () => {
    await at.page.setViewportSize({ width: 390, height: 844 });
    await at.console.show(card());
    await at.console.show(hostileCard);
    await cardOf("UP-9").waitFor();
    expect(await at.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    expect(
      await at.page.locator(".timeline").evaluate((each) => each.scrollWidth - each.clientWidth),
    ).toBeLessThanOrEqual(0);
    await button("Acting as Ben").click();
    await at.page.getByText("Eve", { exact: true }).click();
    await at.page.getByText("You are Eve").waitFor();
    await button("Acting as Eve").waitFor();
  });
});
