/** A server that lies: each lie is said in words, at the top, and nothing is asked of the wallet. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toJson } from "../../../src/domain/canonical.ts";
import { readBrief } from "../../../src/web/page/release.ts";
import { chainKnows, consistently, first, type Lie, lies, packageOf, stranger } from "./lies.ts";
import { addedFields, fieldLies, fieldsOnTheChain, places } from "./lies-fields.ts";
import { connect, type PageVisit, type Stage, startStage } from "./stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage?.stop());

/** Loads the page anew, with another brief. */
async function again({ page }: PageVisit, brief: unknown, token: string): Promise<void> {
  stage.server.brief = () => ({ status: 200, body: brief });
  await page.goto("about:blank");
  await page.goto(`${stage.server.url}/sign#${encodeURIComponent(token)}`);
}

async function visitWith(lie: Lie, person: "ben" | "caro" = "ben"): Promise<PageVisit> {
  stage.server.brief = () => ({ status: 200, body: lie(stage.brief(person)) });
  return stage.open(person);
}

describe("found in what was sent", () => {
  let visit: PageVisit;
  beforeAll(async () => {
    visit = await visitWith((brief) => brief);
  });
  afterAll(() => visit?.close());

  test.each([...lies, ...fieldLies])("%s", async (name, lie, sentence) => {
    await again(visit, lie(stage.brief("ben")), name);
    const alert = visit.page.getByRole("alert").first();
    await alert.getByText("Do not sign. What you were sent does not add up.").waitFor();
    expect(await alert.textContent()).toContain(sentence);
    expect(await visit.page.getByRole("button", { name: /Connect|Sign \d/ }).count()).toBe(0);
    expect(visit.wallet.requests).toEqual([]);
    expect(visit.faults).toEqual([]);
  });

  test.each(places)("fields added to %s are refused, and are shown nowhere", async (name, add) => {
    const brief = stage.brief("ben");
    for (const [field, value] of Object.entries(addedFields)) {
      const told = add(brief, { [field]: value });
      // What has such a field anyway gains none.
      if (JSON.stringify(told).length === JSON.stringify(brief).length) continue;
      expect(readBrief(told), `${field} in ${name}`).toMatchObject({ release: undefined });
    }
    await again(visit, add(brief, addedFields), name);
    await visit.page
      .getByRole("alert")
      .getByText(/ malformed: /)
      .waitFor();
    const text = (await visit.page.locator("body").textContent()) ?? "";
    expect(text).not.toContain("Nothing of importance");
    expect(text.replace(/\s/g, "").toLowerCase()).not.toContain("5a".repeat(32));
    expect(visit.wallet.requests).toEqual([]);
  });
});

describe("found on the chain", () => {
  test.each([...chainKnows, ...fieldsOnTheChain])("%s", async (_name, lie, sentence) => {
    const visit = await visitWith(lie);
    await connect(visit);
    const alert = visit.page.getByRole("alert").first();
    await alert.getByText("Do not sign. The chain or the wallet says something else.").waitFor();
    expect(await alert.textContent()).toMatch(sentence);
    for (const button of await visit.page.getByRole("button", { name: /^Sign \d/ }).all())
      expect(await button.isEnabled()).toBe(false);
    expect(visit.wallet.signRequests()).toEqual([]);
    await visit.close();
  });

  test("a Safe where there is none is not verified, and that is enough not to sign", async () => {
    const visit = await visitWith(
      consistently((brief) => {
        const pkg = packageOf(brief);
        const council = first(pkg.legs).authority.safe;
        for (const leg of pkg.legs) leg.authority.safe = stranger;
        const safes = brief.safes.map((one) => (one.address === council ? { ...one, address: stranger } : one));
        return { ...brief, package: toJson(pkg), safes };
      }) as Lie,
    );
    await connect(visit);
    await visit.page.getByText("Not verified. Signing stays off until everything could be read.").waitFor();
    await visit.page
      .getByText(/Owners and threshold of the council Safe \(0x1111.*: not read\./)
      .first()
      .waitFor();
    expect(await visit.page.getByRole("button", { name: "Sign 1" }).isEnabled()).toBe(false);
    await visit.close();
  });
});
