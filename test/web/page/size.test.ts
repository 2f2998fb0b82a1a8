/** The page's weight, measured on the file that is served. */

import { gunzipSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { pageFile } from "../../../src/web/page-file.ts";
import { mostScriptBytes, pageSize } from "./size.ts";

test("the script weighs less than 250 kB compressed, and the whole file not more than it must", async () => {
  const { html } = await pageFile();
  const { script, file } = pageSize(html);
  expect(mostScriptBytes).toBe(250_000);
  expect(script.gzip).toBeLessThan(mostScriptBytes);
  expect(script.brotli).toBeLessThan(script.gzip);
  // The figure is of what comes over the line: unpacked, it is the page.
  expect(gzipSync(html, { level: 9 })).toHaveLength(file.gzip);
  expect(gunzipSync(gzipSync(html, { level: 9 })).toString("utf8")).toBe(html);
  expect(script.plain).toBeGreaterThan(100_000);
  expect(file.plain - script.plain).toBeLessThan(30_000);
});

test("a page without a script is no light page", () => {
  expect(() => pageSize("<p>Nothing.</p>")).toThrow("The signing page has no script of its own.");
  expect(() => pageSize("<script> </script>")).toThrow("The signing page has no script of its own.");
});
