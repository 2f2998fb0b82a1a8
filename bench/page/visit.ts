/** One visit to the signing page in a profile of its own, timed by the page's own clock. */

import type { Browser } from "playwright-core";

/** Milliseconds since the navigation started. */
export interface Visit {
  document: number;
  brief: number;
  /** The release's title and the connect button were on the screen, and the button's press had reached the wallet. */
  interactive: number;
}

/** Opens a private link with an empty cache and a wallet in the page. Throws where the page does not get that far. */
export async function visitPage(browser: Browser, link: string, title: string): Promise<Visit> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.addInitScript(waitForThePage, title);
    await page.goto(link, { waitUntil: "commit" });
    const visit = await page.waitForFunction(() => (globalThis as unknown as PageSide).visit);
    const found = await visit.jsonValue();
    if (found === undefined) throw new Error("The page told no times.");
    return found;
  } finally {
    await context.close();
  }
}

interface PageSide {
  visit: Visit | undefined;
}

/** Runs in the page before its own script: a wallet, and a hand that presses the button in the frame after it is drawn. */
function waitForThePage(title: string): void {
  const here = globalThis as unknown as PageSide;
  const ended = (part: string) =>
    performance.getEntries().find((one) => one.name.includes(part) && "responseEnd" in one) as
      | PerformanceResourceTiming
      | undefined;
  const request = async ({ method }: { method: string }) => {
    if (method === "eth_requestAccounts")
      here.visit ??= {
        document: ended("/sign")?.responseEnd ?? Number.NaN,
        brief: ended("/api/brief")?.responseEnd ?? Number.NaN,
        interactive: performance.now(),
      };
    return [];
  };
  const info = { uuid: "4b1c0c53-6f2a-4b0e-8a55-6f3a1c9d2e01", name: "A wallet", icon: "", rdns: "org.example.bench" };
  const detail = Object.freeze({ info: Object.freeze(info), provider: { request } });
  addEventListener("eip6963:requestProvider", () =>
    dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail })),
  );
  const look = () => {
    const button = [...document.querySelectorAll("button")].find((one) =>
      one.textContent?.includes("Connect A wallet"),
    );
    const shown = document.querySelector("h1")?.textContent === title;
    if (!shown || button === undefined || button.disabled) return;
    watcher.disconnect();
    requestAnimationFrame(() => setTimeout(() => button.click()));
  };
  const watcher = new MutationObserver(look);
  watcher.observe(document, { childList: true, subtree: true, characterData: true, attributes: true });
}
