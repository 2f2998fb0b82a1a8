/** The signing page's own hashing, bundled as the page is and run in a real browser, for transactions that a test gives. */

import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { toJson } from "../../src/domain/canonical.ts";
import type { SafeTx } from "../../src/domain/safe-tx.ts";
import { bundleOptions } from "../../src/web/page-file.ts";
import { launchBrowser } from "./browser.ts";
import type { PageHashes } from "./in-browser/page-hashes.ts";

export interface BrowserHashes {
  /** What the page's code makes of each transaction, in their order; one call to the browser. */
  of(list: readonly SafeTx[]): Promise<PageHashes[]>;
  close(): Promise<void>;
}

/** Throws a sentence where no browser is installed. */
export async function openBrowserHashes(): Promise<BrowserHashes> {
  const [browser, script] = await Promise.all([launchBrowser(), bundled()]);
  const page = await browser.newPage();
  await page.evaluate(script);
  return {
    of: (list) =>
      page.evaluate(
        (given) => (globalThis as unknown as { pageHashes(list: unknown[]): PageHashes[] }).pageHashes(given),
        list.map((tx) => toJson(tx)),
      ),
    close: () => browser.close(),
  };
}

async function bundled(): Promise<string> {
  const entry = fileURLToPath(new URL("./in-browser/page-hashes.ts", import.meta.url));
  const { outputFiles } = await build({ ...bundleOptions, entryPoints: [entry] });
  const [file] = outputFiles;
  if (file === undefined) throw new Error("The page's hashing was not bundled.");
  return file.text;
}
