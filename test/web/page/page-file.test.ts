/** The page as a file: the same bytes every time, nobody else asked, and the same work from disk. */

import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Hex } from "../../../src/domain/primitives.ts";
import { recoverOwner } from "../../../src/domain/safe-signatures.ts";
import { embeddedPeople } from "../../../src/embedded/people.ts";
import { pageFile } from "../../../src/web/page-file.ts";
import { connect, type Stage, serveEverybody, startStage } from "./stage.ts";
import { plugIn } from "./test-wallet.ts";

let stage: Stage;
let folder: string;
beforeAll(async () => {
  stage = await startStage();
  serveEverybody(stage);
  folder = await mkdtemp(join(tmpdir(), "quorate-page-"));
  await writeFile(join(folder, "sign.html"), stage.file.html);
});
afterAll(async () => {
  await stage?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe("the file", () => {
  test("is the same at every start, and states its own hash", async () => {
    const again = await pageFile();
    expect(again).toEqual(stage.file);
    expect(again.sha256).toBe(createHash("sha256").update(again.html, "utf8").digest("hex"));
  });

  test("has the hash that the release notes name: else put the new one there", async () => {
    const notes = await readFile(new URL("../../../CHANGELOG.md", import.meta.url), "utf8");
    expect(/Signing page: `([0-9a-f]{64})`/.exec(notes)?.[1]).toBe(stage.file.sha256);
  });

  test("allows by its policy its own script and style, by their hashes, and nothing else", () => {
    const { html, csp } = stage.file;
    const hashOf = (tag: string) => {
      const inside = html.split(`<${tag}>`)[1]?.split(`</${tag}>`)[0] ?? "";
      return `'sha256-${createHash("sha256").update(inside).digest("base64")}'`;
    };
    expect(csp.split("; ")).toEqual([
      "default-src 'none'",
      `script-src ${hashOf("script")}`,
      `style-src ${hashOf("style")}`,
      "connect-src 'self'",
      "img-src data:",
      "base-uri 'none'",
      "form-action 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
      "frame-ancestors 'none'",
    ]);
    expect(html).toContain(`content="${csp.replace("; frame-ancestors 'none'", "")}"`);
  });

  test("is made of its own folder, the domain, its briefs, the text of a link, preact and viem alone", async () => {
    const own = new URL("../../../src/web/page/", import.meta.url);
    const files = (await readdir(own)).filter((name) => /\.tsx?$/.test(name));
    const imports = await Promise.all(
      files.map(async (name) =>
        [...(await readFile(new URL(name, own), "utf8")).matchAll(/(?:from|import) "([^"]+)"/g)].map(
          (match) => match[1],
        ),
      ),
    );
    expect(imports.flat().length).toBeGreaterThan(50);
    for (const name of imports.flat())
      expect(name).toMatch(
        /^(\.\/[a-z-]+\.tsx?|\.\.\/\.\.\/domain\/[a-z-]+\.ts|\.\.\/(linking-)?brief\.ts|\.\.\/\.\.\/link-message\.ts|preact|preact\/hooks|viem)$/,
      );
  });
});

test("asks its own server for two things, and nobody else for anything", async () => {
  const requested: string[] = [];
  const visit = await stage.open("ben", {
    before: async (page) => void page.on("request", (request) => void requested.push(request.url())),
  });
  await connect(visit);
  await visit.page.getByRole("button", { name: "Sign 1" }).click();
  await visit.page.getByText("Signed and handed in.").first().waitFor();
  const { url } = stage.server;
  expect(requested.filter((one) => !one.startsWith("data:"))).toEqual([
    `${url}/sign`,
    `${url}/api/brief`,
    `${url}/api/signature`,
  ]);
  // Neither the policy nor trusted types was broken, and nothing was written to the console.
  expect(visit.faults).toEqual([]);
  expect(await visit.page.locator("header.top").textContent()).toContain(`Loaded from ${url}`);
  await visit.close();
});

test("says how to check the page itself", async () => {
  const visit = await stage.open("ben");
  await visit.page.getByRole("heading", { name: "Is this page the real one?" }).click();
  expect(await visit.page.getByRole("textbox", { name: "Command that computes the page's SHA-256" }).inputValue()).toBe(
    `curl -s '${stage.server.url}/sign' | sha256sum`,
  );
  await visit.close();
});

describe("from disk", () => {
  async function fromDisk() {
    const page = await (await stage.browser.newContext()).newPage();
    page.setDefaultTimeout(15_000);
    const requested: string[] = [];
    page.on("request", (request) => void requested.push(request.url()));
    const wallet = await plugIn(page, stage.council.world.url, embeddedPeople.dev.privateKey);
    await page.goto(pathToFileURL(join(folder, "sign.html")).href);
    return { page, wallet, requested, faults: [], close: () => page.context().close() };
  }

  test("takes a pasted brief, signs, and shows the signature to copy", async () => {
    const visit = await fromDisk();
    const { page } = visit;
    const brief = stage.brief("dev");
    await page.getByLabel("The brief, as JSON").fill("{ half");
    await page.getByRole("button", { name: "Read the brief" }).click();
    await page.getByText("This is not JSON.").waitFor();
    await page.getByLabel("The brief, as JSON").fill(JSON.stringify(brief));
    await page.getByRole("button", { name: "Read the brief" }).click();
    await connect(visit);
    for (let at = 1; at <= brief.asked.length; at++) {
      await page.getByRole("button", { name: `Sign ${at}`, exact: true }).click();
      const item = page.locator(".item").nth(at - 1);
      await item.getByText("Signed. It was handed in nowhere").waitFor();
      const signature = (await item.getByLabel("signature", { exact: true }).inputValue()) as Hex;
      const hash = stage.state.review?.transactions.find((tx) => tx.id === brief.asked[at - 1])?.safeTxHash ?? "0x";
      expect(await recoverOwner(hash, signature)).toEqual({ ok: true, owner: embeddedPeople.dev.address });
    }
    expect(visit.requested.every((url) => /^(file|data):/.test(url))).toBe(true);
    expect(await page.locator("header.top").textContent()).toContain(`Loaded from ${join(folder, "sign.html")}`);
    await visit.close();
  });

  test("takes a brief that is opened or dropped as a file", async () => {
    const visit = await fromDisk();
    const text = JSON.stringify(stage.brief("dev"));
    await visit.page
      .getByLabel("Open a file")
      .setInputFiles({ name: "brief.json", mimeType: "application/json", buffer: Buffer.from(text) });
    await visit.page.getByRole("button", { name: "Connect Test wallet" }).waitFor();
    await visit.page.reload();
    await visit.page.getByLabel("The brief, as JSON").waitFor();
    const data = await visit.page.evaluateHandle((brief) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([brief], "brief.json"));
      return transfer;
    }, text);
    await visit.page.dispatchEvent("form", "drop", { dataTransfer: data });
    await visit.page.getByRole("button", { name: "Connect Test wallet" }).waitFor();
    await visit.close();
  });

  test("believes a pasted brief no more than a sent one", async () => {
    const visit = await fromDisk();
    const brief = { ...stage.brief("dev"), revision: 9 };
    await visit.page.getByLabel("The brief, as JSON").fill(JSON.stringify(brief));
    await visit.page.getByRole("button", { name: "Read the brief" }).click();
    await visit.page.getByRole("alert").getByText("The approval digest does not fit").waitFor();
    expect(visit.wallet.requests).toEqual([]);
    await visit.close();
  });
});
