/** A server that lies in words, hides something in them, or changes its mind: the page keeps to what it computed. */

import { getAddress } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { proxyChanges } from "../../../src/domain/release-package.ts";
import { recoverOwner } from "../../../src/domain/safe-signatures.ts";
import type { SigningBrief } from "../../../src/web/brief.ts";
import { readBrief } from "../../../src/web/page/release.ts";
import { consistently, first, type Lie, packageOf, withPackage } from "./lies.ts";
import { script } from "./lies-random.ts";
import { connect, type PageVisit, type Stage, startStage } from "./stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage?.stop());

async function visitWith(lie: Lie, person: "ben" | "caro" = "ben"): Promise<PageVisit> {
  stage.server.brief = () => ({ status: 200, body: lie(stage.brief(person)) });
  return stage.open(person);
}

/** Everything on the page, folded away or not. */
const textOf = async ({ page }: PageVisit) => (await page.locator("body").textContent()) ?? "";

const safeTxHashesOn = ({ page }: PageVisit) =>
  page
    .locator(".hash", { hasText: "safeTxHash" })
    .locator("code")
    .evaluateAll((list) => list.map((one) => `0x${(one.textContent ?? "").replace(/\s/g, "").toLowerCase()}`));

const hashesOf = (brief: unknown) => readBrief(brief).release?.items.map((item) => item.hashes.safeTxHash) ?? [];

describe("lies in words", () => {
  const soothing = "Only a comment is changed";

  test("what calls are said to do is not shown: the page says what their bytes do", async () => {
    const visit = await visitWith(
      consistently(
        withPackage((pkg) => {
          for (const leg of pkg.legs) for (const call of [...leg.calls, ...leg.rollback.calls]) call.purpose = soothing;
          for (const one of pkg.containment) {
            one.action = soothing;
            first(one.calls).purpose = soothing;
          }
          for (const leg of pkg.legs) leg.expects.authority = [soothing];
        }),
      ),
      "caro",
    );
    await visit.page.getByRole("button", { name: "Connect Test wallet" }).waitFor();
    const text = await textOf(visit);
    expect(text).not.toContain(soothing);
    const { release } = readBrief(stage.brief("caro"));
    for (const { does } of release?.items ?? [])
      for (const part of [does, ...does.nested]) expect(text).toContain(part.sentence);
    await visit.close();
  });

  test("a name that is another contract's stands beside the address that is called", async () => {
    const lie: Lie = consistently(
      withPackage((pkg) => {
        const [one, other] = pkg.legs.flatMap(proxyChanges).slice(1);
        if (one === undefined || other === undefined) throw new Error("There are too few changes.");
        [one.name, other.name] = [other.name, one.name];
      }),
    );
    const visit = await visitWith(lie, "caro");
    const changes = packageOf(lie(stage.brief("caro")) as SigningBrief).legs.flatMap(proxyChanges);
    await visit.page.getByRole("button", { name: "Connect Test wallet" }).waitFor();
    for (const { name, proxy } of changes) {
      const rows = visit.page.locator(".changes li", { hasText: proxy });
      expect(await rows.first().textContent()).toContain(name);
    }
    await visit.page.getByText("Names such as").waitFor();
    await visit.close();
  });

  test("texts of a package are shown with what would hide in them", async () => {
    const visit = await visitWith(
      consistently(
        withPackage((pkg) => {
          pkg.title = "Harbour \u202e2.0.0<img src=x onerror=alert(1)>\u200b";
        }),
      ),
    );
    const heading = visit.page.getByRole("heading", { level: 1, name: /Harbour/ });
    expect(await heading.textContent()).toBe("Harbour \\u{202e}2.0.0<img src=x onerror=alert(1)>\\u{200b}");
    await visit.close();
  });
});

describe("a script in every text", () => {
  test("each string in turn is refused by name, or is a text that nothing is computed from", () => {
    const honest = hashesOf(stage.brief("caro"));
    const taken: string[] = [];
    for (const [path, told] of withScripts(stage.brief("caro"))) {
      const { release, problems } = readBrief(told);
      if (problems.length > 0) continue;
      taken.push(path);
      expect(release?.items.map((item) => item.hashes.safeTxHash)).toEqual(honest);
    }
    // The digest binds every text of the package, so this is all that one string alone can change.
    expect(taken).toEqual(["person.name"]);
  });

  test("all texts at once: none becomes an element, and nothing runs", async () => {
    const visit = await visitWith(
      consistently((brief) => {
        const pkg = packageOf(brief);
        Object.assign(pkg, { title: script, rationale: script });
        for (const leg of pkg.legs) for (const call of [...leg.calls, ...leg.rollback.calls]) call.purpose = script;
        for (const one of pkg.containment) {
          one.action = script;
          first(one.calls).purpose = script;
        }
        for (const one of pkg.phases) one.exposure.routes = [script];
        const told = withPackage((to) => Object.assign(to, pkg))(brief) as SigningBrief;
        return { ...told, person: { ...brief.person, name: "<i onclick=alert(1)>Caro</i>" } };
      }),
      "caro",
    );
    const { page } = visit;
    // Before the brief is there, another heading says so.
    const heading = page.getByRole("heading", { level: 1, name: "onerror" });
    expect(await heading.textContent()).toBe(script);
    await connect(visit);
    await page.getByText(/All \d+ comparisons agree\./).waitFor();
    expect(await page.locator("img[onerror], i[onclick], #app script").count()).toBe(0);
    expect(await page.evaluate(() => "pwned" in globalThis)).toBe(false);
    expect(await textOf(visit)).toContain("UP-1 · revision 1 · for <i onclick=alert(1)>Caro</i>");
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test("what is refused is repeated as text alone", async () => {
    const version = (brief: SigningBrief) => ({
      ...brief,
      asked: [script.slice(0, 100)],
      safes: brief.safes.map((one) => ({ ...one, nonce: "1" })),
    });
    const visit = await visitWith(version);
    await visit.page
      .getByRole("alert")
      .getByText(`called ${script.slice(0, 100)}`)
      .waitFor();
    expect(await visit.page.locator("img[onerror], #app script").count()).toBe(0);
    expect(await visit.page.evaluate(() => "pwned" in globalThis)).toBe(false);
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test("a sentence of the server is a text too", async () => {
    stage.server.brief = () => ({ status: 403, body: { error: `${script}\u202e` } });
    const visit = await stage.open("ben");
    await visit.page.getByRole("alert").getByText("onerror").waitFor();
    expect(await textOf(visit)).toContain(`${script}\\u{202e}`);
    expect(await visit.page.locator("img[onerror], #app script").count()).toBe(0);
    await visit.close();
  });
});

/** The brief with a script in place of one string, for each of its strings; with where that is. */
function withScripts(brief: SigningBrief): [string, unknown][] {
  const text = JSON.stringify(brief);
  const paths: string[][] = [];
  const walk = (value: unknown, here: string[]): void => {
    if (typeof value === "string") paths.push(here);
    else if (typeof value === "object" && value !== null)
      for (const [key, one] of Object.entries(value)) walk(one, [...here, key]);
  };
  walk(brief, []);
  return paths.map((path) => {
    const copy = JSON.parse(text);
    const parent = path.slice(0, -1).reduce((inside, key) => inside[key], copy);
    parent[path.at(-1) ?? ""] = "<script>1</script>";
    return [path.join("."), copy];
  });
}

describe("a server that answers differently the second time", () => {
  test("is asked once: what was shown and compared is what is signed", async () => {
    const brief = stage.brief("ben");
    let answers = 0;
    stage.server.brief = () => {
      answers += 1;
      return { status: 200, body: answers === 1 ? brief : { ...brief, asked: [...brief.asked].reverse() } };
    };
    // It may answer what it likes to a signature.
    stage.server.signature = () => ({ status: 200, body: { taken: true, brief: { asked: [] }, safeTxHash: "0x00" } });
    const visit = await stage.open("ben");
    await connect(visit);
    const shown = await safeTxHashesOn(visit);
    expect(shown).toEqual(hashesOf(brief));
    await visit.page.getByRole("button", { name: "Sign 1", exact: true }).click();
    await visit.page.getByText("Signed and handed in.").first().waitFor();
    expect(answers).toBe(1);
    expect(await safeTxHashesOn(visit)).toEqual(shown);
    const last = stage.server.handedIn.at(-1);
    if (last === undefined) throw new Error("Nothing was handed in.");
    expect(last.safeTxHash).toBe(shown[0]);
    expect(await recoverOwner(last.safeTxHash, last.signature)).toEqual({
      ok: true,
      owner: getAddress(visit.wallet.account()),
    });
    await visit.close();
  });

  test("loaded again, nothing of the first answer is left", async () => {
    const told = consistently(
      withPackage((pkg) => {
        pkg.rationale = "Another reason.";
      }),
    )(stage.brief("ben"));
    let answers = 0;
    stage.server.brief = () => {
      answers += 1;
      return { status: 200, body: answers === 1 ? stage.brief("ben") : told };
    };
    const visit = await stage.open("ben");
    await visit.page.getByRole("button", { name: "Connect Test wallet" }).waitFor();
    const before = await safeTxHashesOn(visit);
    await visit.page.reload();
    await visit.page.getByText("Another reason.").waitFor();
    const after = await safeTxHashesOn(visit);
    expect(after).toEqual(hashesOf(told));
    for (const hash of after) expect(before).not.toContain(hash);
    await visit.close();
  });

  test("an answer that is none is a sentence", async () => {
    const visit = await visitWith((brief) => brief);
    for (const body of [null, 7, "signed", [], { signing: true }]) {
      stage.server.brief = () => ({ status: 200, body });
      await visit.page.reload();
      await visit.page.getByRole("alert").getByText("What there is to sign came malformed").waitFor();
    }
    expect(visit.wallet.requests).toEqual([]);
    await visit.close();
  });
});

test("a link that is no good says so in the server's words, and can be tried again", async () => {
  stage.server.brief = () => ({ status: 403, body: { error: "This link has expired." } });
  const visit = await stage.open("ben");
  await visit.page.getByRole("alert").getByText("This link has expired.").waitFor();
  stage.server.brief = () => ({ status: 200, body: stage.brief("ben") });
  await visit.page.getByRole("button", { name: "Try again" }).click();
  await visit.page.getByRole("button", { name: "Connect Test wallet" }).waitFor();
  // Another link in the same tab is another visit.
  stage.server.brief = (token) => ({ status: 200, body: stage.brief(token === "link-of-caro" ? "caro" : "ben") });
  await visit.page.goto(`${stage.server.url}/sign#link-of-caro`);
  await visit.page.getByText("for Caro").waitFor();
  const asked = stage.server.asked.length;
  await visit.page.goto(`${stage.server.url}/sign#`);
  await visit.page.getByRole("alert").getByText("This link is not whole").waitFor();
  expect(stage.server.asked).toHaveLength(asked);
  await visit.close();
});
