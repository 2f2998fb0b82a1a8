/** A server that lies: each lie is said in words, at the top, and nothing is asked of the wallet. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toJson } from "../../../src/domain/canonical.ts";
import { chainKnows, consistently, first, type Lie, lies, packageOf, stranger, withPackage } from "./lies.ts";
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

describe("found in what was sent", () => {
  test.each(lies)("%s", async (_name, lie, sentence) => {
    const visit = await visitWith(lie);
    const alert = visit.page.getByRole("alert").first();
    await alert.getByText("Do not sign. What you were sent does not add up.").waitFor();
    expect(await alert.textContent()).toContain(sentence);
    expect(await visit.page.getByRole("button", { name: /Connect|Sign \d/ }).count()).toBe(0);
    expect(visit.wallet.requests).toEqual([]);
    expect(visit.faults).toEqual([]);
    await visit.close();
  });
});

describe("found on the chain", () => {
  test.each(chainKnows)("%s", async (_name, lie, sentence) => {
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
