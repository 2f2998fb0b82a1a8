/** A brief with one random change: the page refuses it, or shows exactly what follows from it, and nothing that was sent. */

import { calculateSafeTransactionHash } from "@safe-global/protocol-kit";
import fc from "fast-check";
import { decodeFunctionData, parseAbi } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toJson } from "../../../src/domain/canonical.ts";
import { zeroAddress } from "../../../src/domain/primitives.ts";
import type { SafeTx } from "../../../src/domain/safe-tx.ts";
import { inert } from "../../../src/web/page/plain-words.ts";
import { type Release, readBrief } from "../../../src/web/page/release.ts";
import { consistently } from "./lies.ts";
import { mutated, mutations } from "./lies-random.ts";
import { type PageVisit, type Stage, startStage } from "./stage.ts";

let stage: Stage;
let honest: Release;
beforeAll(async () => {
  stage = await startStage();
  honest = accepted(stage.brief("caro"));
});
afterAll(() => stage?.stop());

function accepted(brief: unknown): Release {
  const { release, problems } = readBrief(brief);
  if (release === undefined || problems.length > 0) throw new Error(problems.join(" "));
  return release;
}

/** Hashes, without what only names a person or a version: that is compared with wallet and chain. */
const computed = ({ transactions, digest, packageHash }: Release) => ({
  digest,
  packageHash,
  transactions: transactions.map(({ id, safeTxHash, operationId, tx: { safeVersion: _version, ...tx } }) => ({
    ...{ id, safeTxHash, operationId },
    ...tx,
  })),
});

test("one change, and the digest as it was: refused, or nothing of what is signed has changed", () => {
  let refused = 0;
  fc.assert(
    fc.property(mutations, (mutation) => {
      const brief = mutated(stage.brief("caro"), mutation);
      fc.pre(brief !== undefined);
      const { release, problems } = readBrief(brief);
      if (release === undefined || problems.length > 0) {
        refused += 1;
        expect(problems.length).toBeGreaterThan(0);
        for (const problem of problems) expect(problem).toMatch(/^[A-Z].*\.$/s);
        return;
      }
      expect(computed(release)).toEqual(computed(honest));
      const { evidenceHash, authorityPolicyHash, auditHead, revision, digest } = release.brief;
      expect({ evidenceHash, authorityPolicyHash, auditHead, revision, digest }).toEqual({
        evidenceHash: honest.brief.evidenceHash,
        authorityPolicyHash: honest.brief.authorityPolicyHash,
        auditHead: honest.brief.auditHead,
        revision: honest.brief.revision,
        digest: honest.digest,
      });
      for (const item of release.items)
        expect(item.hashes).toEqual(honest.items.find((one) => one.id === item.id)?.hashes);
    }),
    { numRuns: 200 },
  );
  expect(refused).toBeGreaterThan(100);
});

const timelockAbi = parseAbi([
  "function scheduleBatch(address[] targets, uint256[] values, bytes[] payloads, bytes32 predecessor, bytes32 salt, uint256 delay)",
]);

test("one change, and a digest that fits it: refused, or only what the package lists is signed, as plain calls", () => {
  let told = 0;
  fc.assert(
    fc.property(mutations, (mutation) => {
      const brief = mutated(stage.brief("caro"), mutation);
      fc.pre(brief !== undefined);
      const { release, problems } = readBrief(refitted(brief));
      if (release === undefined || problems.length > 0) return;
      told += 1;
      for (const { transaction, hashes, does } of release.items) {
        const { tx } = transaction;
        expect(hashes.safeTxHash).toBe(kitHash(tx));
        const prepared = release.pkg.containment.find((one) => `containment/${one.id}` === transaction.id);
        const operation = prepared?.bound === undefined ? 0 : 1;
        expect([tx.operation, tx.safeTxGas, tx.baseGas, tx.gasPrice]).toEqual([operation, 0n, 0n, 0n]);
        expect([tx.gasToken, tx.refundReceiver]).toEqual([zeroAddress, zeroAddress]);
        const leg = release.pkg.legs.find((one) => one.id === transaction.subject);
        if (transaction.purpose === "containment" || leg?.authority.kind !== "safe+timelock") {
          const own = prepared?.calls.map(({ to, value, data }) => ({ to, value, data, operation: 0 })) ?? [];
          if (prepared?.bound === undefined) {
            expect([tx.to, tx.value, tx.data]).toEqual(own.flatMap(({ to, value, data }) => [to, value, data]));
            continue;
          }
          // Which contract that is, the chain says: here it is only that nothing but checks stands before the call.
          const inside = does.nested.map(({ call }) => call);
          expect([tx.to, tx.value, inside.slice(-1)]).toEqual([prepared.bound.multiSend, 0n, own]);
          expect(new Set(inside.slice(0, -1).map((one) => `${one.to} ${one.operation}`))).toEqual(
            new Set([`${prepared.bound.preconditionsAt} 0`]),
          );
          continue;
        }
        expect([tx.to, tx.value]).toEqual([leg.authority.timelock, 0n]);
        const [targets, values, payloads] = decodeFunctionData({ abi: timelockAbi, data: tx.data }).args;
        const listed = transaction.purpose === "upgrade" ? leg.calls : leg.rollback.calls;
        const batch = targets.map((to, at) => ({ to, value: values[at], data: payloads[at] }));
        expect(batch.slice(-listed.length)).toEqual(listed.map(({ to, value, data }) => ({ to, value, data })));
        expect(new Set(targets.slice(0, -listed.length))).toEqual(new Set([leg.preconditionsAt]));
        expect(does.nested.map(({ call }) => call)).toEqual(batch.map((call) => ({ ...call, operation: 0 })));
      }
    }),
    { numRuns: 80 },
  );
  expect(told).toBeGreaterThan(0);
});

function kitHash({ chain, safe, safeVersion, nonce, ...fields }: SafeTx): string {
  const theirs = { ...(toJson(fields) as object), nonce: String(nonce) };
  const id = BigInt(chain.slice("eip155:".length));
  return calculateSafeTransactionHash(safe, theirs as never, safeVersion, id);
}

/** With the digest that follows from the rest of it. */
const refitted = (brief: unknown) => consistently(() => brief)(stage.brief("caro"));

describe("in the browser", () => {
  test("a dozen random changes are refused in the page's words, or their own hashes are shown", async () => {
    stage.server.brief = () => ({ status: 200, body: stage.brief("caro") });
    const visit = await stage.open("caro");
    const sound: unknown[] = [];
    const fitting: unknown[] = [];
    const refused: unknown[] = [];
    const few = 4;
    for (const mutation of fc.sample(mutations, 1000)) {
      const brief = mutated(stage.brief("caro"), mutation);
      if (brief === undefined) continue;
      const list = readBrief(brief).problems.length === 0 ? sound : refused.length < few ? refused : fitting;
      if (list.length >= few) continue;
      const told = list === fitting ? refitted(brief) : brief;
      if (list !== fitting || readBrief(told).problems.length === 0) list.push(told);
      if ([sound, fitting, refused].every((one) => one.length === few)) break;
    }
    const all = [...sound, ...fitting, ...refused];
    expect(all).toHaveLength(3 * few);
    for (const [at, brief] of all.entries()) await shown(visit, brief, at);
    expect(await visit.page.evaluate(() => "pwned" in globalThis)).toBe(false);
    expect(visit.faults).toEqual([]);
    await visit.close();
  });
});

async function shown({ page, wallet }: PageVisit, brief: unknown, at: number): Promise<void> {
  stage.server.brief = () => ({ status: 200, body: brief });
  await page.goto("about:blank");
  await page.goto(`${stage.server.url}/sign#${at}`);
  const { release, problems } = readBrief(JSON.parse(JSON.stringify(brief)));
  if (release === undefined || problems.length > 0) {
    const alert = page.getByRole("alert").first();
    await alert.getByText("Do not sign. What you were sent does not add up.").waitFor();
    for (const problem of problems) expect(await alert.textContent()).toContain(inert(problem));
    expect(await page.getByRole("button", { name: /Connect|Sign \d/ }).count()).toBe(0);
    expect(wallet.requests).toEqual([]);
    return;
  }
  await page.getByRole("button", { name: "Connect Test wallet" }).waitFor();
  const hashes = await page
    .locator(".item .hashes:not(details details .hashes) code.groups")
    .evaluateAll((list) => list.map((one) => `0x${(one.textContent ?? "").replace(/\s/g, "").toLowerCase()}`));
  const own = release.items.flatMap(({ hashes: { safeTxHash, domainHash, messageHash } }) => [
    safeTxHash,
    domainHash,
    messageHash,
  ]);
  expect(new Set(hashes)).toEqual(new Set(own));
  expect(hashes).toHaveLength(own.length);
}
