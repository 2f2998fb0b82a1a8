/** What the page says from the draft to the signatures, and after an end that leaves signatures behind. */

import { keccak256 } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sentence, walk } from "../../support/embedded.ts";
import { everythingSent, privateTexts } from "./private.ts";
import { part, textOf } from "./reading.ts";
import { type Stage, startStage } from "./stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(async () => {
  expect(stage.faults).toEqual([]);
  await stage.stop();
});

const read = async (id: string, ceremony?: string) => part(await stage.page(ceremony), id);

describe("a draft", () => {
  test("says what it will run, and that it is unchecked", async () => {
    await stage.council.as("ada", "propose", {
      target: "harbour",
      release: "2.0.0",
      rationale: "Rounds shares down.\n\nSee the audit.",
    });
    await stage.council.quorate.settle();
    expect(await read("top")).toMatch(
      /^Quorate · Harbour security council · Embedded \(eip155:31337\) UP-1 · Upgrade harbour to 2\.0\.0 • drafted It has to be checked/,
    );
    expect(await read("check")).toBe("Check It has not been checked yet.");
    expect(await read("votes")).toContain("The review has not been opened, so nobody has voted.");
    expect(await read("signatures")).toContain("There is nothing to sign yet");
    expect(await read("canary")).toContain("Nothing has been executed yet, so nothing is measured.");
    const html = await stage.page();
    expect(html).toContain("Rounds shares down.\n\nSee the audit.");
    const [checked] = /<li[^>]* aria-current="step">[\s\S]*?<\/li>/.exec(html) ?? [];
    expect(textOf(checked ?? "")).toBe("▸ Checked waited for now");
  });

  test("shows every contract before and after with its code hash, and each call as a sentence over its bytes", async () => {
    const [html, { package: pkg }] = await Promise.all([stage.page(), stage.council.state()]);
    const will = part(html, "package");
    for (const leg of pkg.legs) {
      for (const change of leg.changes)
        if (change.kind === "proxy")
          for (const value of [change.proxy, change.fromImplementation, change.fromCodeHash, change.toImplementation])
            expect(will).toContain(value);
      for (const call of [...leg.calls, ...leg.rollback.calls]) expect(html).toContain(call.data);
    }
    expect(will).toMatch(/Point the beacon 0x\w+ at the code at 0x\w+: every proxy of it changes\./);
    expect(will).toMatch(/Pilot pool \(0x\w+\) runs 0x\w+ again code hash 0x/);
    expect(will).toContain("enforced by: bot");
    expect(will).toContain("enforced by: chain");
    expect(will).toContain("pause-pilot (asset): Pause the pilot pool");
    expect(will).toContain("The rollback is prescheduled, and dies by itself after 20");
  });
});

describe("under review", () => {
  test("the findings stand by severity, with their gate, and the evidence is a file whose hash is stated", async () => {
    await stage.council.as("ada", "check");
    await stage.council.quorate.settle();
    expect(await read("check")).toMatch(/^Check ✓ PASSED for revision 1: \d+ notes.*For information \(\d+\) .+ gate, /);
    const { check, packageHash } = await stage.council.state();
    const file = async (name: string) =>
      new Uint8Array(await (await fetch(`${stage.address()}/${name}`)).arrayBuffer());
    expect(keccak256(await file("evidence.json"))).toBe(check?.evidenceHash);
    expect(keccak256(await file("package.json"))).toBe(packageHash);
    const verify = await read("verify");
    for (const hash of [packageHash, check?.evidenceHash, (await stage.council.state()).head])
      expect(verify).toContain(hash);
    expect(verify).toContain("npm run -s quorate -- package hash UP-1-package.json");
    expect(verify).toContain("npm run -s quorate -- audit verify");
  });

  test("votes are told with time and platform, denials with their reason, and what was withdrawn with both", async () => {
    await stage.council.as("ben", "deny", { reason: "The window is on a Sunday" });
    expect(await read("top")).toContain("Denied: The window is on a Sunday. The denial has to be withdrawn");
    expect(await read("votes")).toMatch(/Ben ✕ Denied The window is on a Sunday 20\S+ \S+ UTC Console/);
    await stage.council.as("ben", "withdraw");
    await walk(stage.council, "approved", "in review");
    const votes = await read("votes");
    expect(votes).toMatch(/Ben • Denied, not counted any more The window is on a Sunday 20\S+ \S+ UTC Console/);
    expect(votes).toContain("Ben • Withdrew the denial");
    expect(votes).toMatch(/Caro ✓ Approved 20\S+ \S+ UTC Console/);
    expect(votes).toContain("Quorum 3 people who did not write it For it now Ben, Caro, Dev");
  });

  test("the clocks that run are told in words and in UTC", async () => {
    const wanted = await read("wanted");
    expect(wanted).toMatch(
      /Review ends 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC \(in (\d+ days?( \d+ h)?|\d+ h( \d+ min)?)\)/,
    );
    expect(wanted).toMatch(/Window of pilot Opens in \d.*: 20\d\d-.* UTC to 20\d\d-.* UTC/);
    expect(wanted).toMatch(/Time on Embedded block \d+, 20\d\d-/);
  });

  test("a signature is told with its wallet, and its transaction with the hash as devices show it", async () => {
    await stage.council.as("ben", "sign");
    const html = await stage.page();
    const signatures = part(html, "signatures");
    expect(signatures).toMatch(/pilot\/upgrade ▸ 1 of 3 signatures • Not on the chain/);
    const { review } = await stage.council.state();
    const [tx] = review?.transactions ?? [];
    const grouped = (tx?.safeTxHash.slice(2).toUpperCase().match(/.{4}/g) ?? []).join(" ");
    expect(signatures).toContain(grouped);
    expect(signatures).toContain(`${tx?.tx.safe} on eip155:31337, nonce ${tx?.tx.nonce}`);
    const ben = stage.council.policy.people.find((one) => one.id === "ben");
    expect(signatures).toContain(`Signed by 1 Ben with ${ben?.wallets[0]}`);
  });
});

test("what is private is not there: signatures, accounts, deliveries", async () => {
  const sent = await everythingSent(stage);
  for (const text of await privateTexts(stage)) expect(sent).not.toContain(text);
});

test("a new revision shows what it changed, and what was signed before", async () => {
  const view = await stage.council.as("ada", "propose", {
    target: "harbour",
    release: "2.0.0",
    title: "Second try",
    revises: "UP-1",
  });
  expect(sentence(view)).toContain("UP-1");
  await stage.council.quorate.settle();
  const will = await read("package");
  expect(will).toMatch(/Revision 1: \d signatures given, 0x/);
  expect(will).toMatch(/What revision 2 changed \(\d+ fields?\)/);
  expect(will).toContain("~ title: Upgrade harbour to 2.0.0 → Second try");
  expect(await read("wanted")).toMatch(/Still executable by anyone .*pilot\/upgrade as it was signed before/);
  expect(await read("signatures")).toContain("Signed for an earlier review pilot/upgrade ✕ Still executable by anyone");
});

test("cancelled, it says what anybody could still send, and the way says where it stopped and by whom", async () => {
  await stage.council.as("ada", "cancel", { reason: "Superseded by events" });
  await stage.council.quorate.settle();
  const html = await stage.page();
  expect(part(html, "top")).toMatch(/! cancelled Still executable by anyone: pilot\/upgrade/);
  expect(part(html, "timeline")).toMatch(/! Cancelled stopped, 20\S+ \S+ UTC, by Ada – \S.* not reached/);
  expect(part(html, "history")).toContain("Ada cancelled: Superseded by events");
  // Something can still happen, so it may still be followed.
  expect(part(html, "top")).toContain("Keep it up to date");
});
