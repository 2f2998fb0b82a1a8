/** The sources gate with three sources before one real chain, some of which lie, lag or are silent. */

import { type Abi, encodeFunctionData, parseAbi } from "viem";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { buildPackage } from "../../src/ceremonies/build-package.ts";
import { type OpenChains, openChains } from "../../src/chain/open.ts";
import { preconditionsCodeHash } from "../../src/chain/preconditions/preconditions.ts";
import type { Finding } from "../../src/domain/events.ts";
import { slots } from "../../src/domain/known-slots.ts";
import type { Policy } from "../../src/domain/policy.ts";
import { packageHash, proxyChanges, type ReleasePackage } from "../../src/domain/release-package.ts";
import { callTx } from "../../src/domain/safe-signatures.ts";
import { embeddedGasAccount } from "../../src/embedded/people.ts";
import { type StartedWorld, startWorld } from "../../src/embedded/world.ts";
import type { Subject } from "../../src/gates/gate.ts";
import { examine } from "../../src/gates/index.ts";
import { sourcesGate } from "../../src/gates/sources.ts";
import { type Fault, type FaultyRpc, startFaultyRpc } from "../support/faulty-rpc.ts";
import { expectFindingStyle } from "../support/house-style.ts";
import { sampleBuilds, samplePolicy } from "../support/sample-policy.ts";

const id = "eip155:31337";
const key = "s3cretKey";
const elsewhere = `0x${"0".repeat(24)}${"e5".repeat(20)}`;
let world: StartedWorld;
let rpcs: [FaultyRpc, FaultyRpc, FaultyRpc];
let chains: OpenChains;
let plain: Policy;
let policy: Policy;
let pkg: ReleasePackage;
const opened: OpenChains[] = [];

beforeAll(async () => {
  world = await startWorld();
  // What was set without a transaction is under a state root only with the next block.
  await world.node.request("anvil_mine", "0x3");
  const start = () => startFaultyRpc(world.url);
  rpcs = [await start(), await start(), await start()];
  chains = freshChains();
  plain = await samplePolicy();
  policy = asking(2, 3);
  const release = { kind: "target", target: "harbour", release: "2.0.0", implementations: {} } as const;
  const words = { title: "t", rationale: "r", lane: "routine" } as const;
  pkg = await buildPackage({ ...release, ...words }, plain, chains, sampleBuilds());
});
afterEach(async () => {
  await Promise.all(rpcs.map((one) => one.misbehave({ kind: "none" })));
});
afterAll(async () => {
  for (const one of opened) one.close();
  await Promise.all(rpcs.map((one) => one.stop()));
  await world.stop();
});

function freshChains(urls = rpcs.map((one) => `${one.url}/${key}`).join(", ")): OpenChains {
  const found = openChains({ rpc: { [id]: urls }, gasKey: embeddedGasAccount.privateKey, timeoutMs: 2_000 });
  opened.push(found);
  return found;
}

function asking(agree: number, of: number): Policy {
  return { ...plain, chains: plain.chains.map((one) => ({ ...one, sources: { agree, of } })) };
}

async function findings(given: { policy?: Policy; subject?: Subject; chains?: OpenChains } = {}): Promise<Finding[]> {
  const subject: Subject = given.subject ?? { kind: "package", package: pkg, packageHash: packageHash(pkg) };
  const input = {
    ...{ subject, policy: given.policy ?? policy, chains: given.chains ?? chains, builds: sampleBuilds() },
    ...{ preconditionsCodeHash, progress: () => undefined },
  };
  const { findings: found } = await examine(input, [sourcesGate]);
  for (const one of found) expectFindingStyle(one);
  return found;
}

const said = (found: readonly Finding[]) =>
  found.filter((one) => one.severity !== "info").map((one) => `${one.severity} ${one.code}: ${one.message}`);
const words = (found: readonly Finding[]) => found.map((one) => `${one.message} ${one.evidence} ${one.fix}`).join("\n");
const hostOf = (rpc: FaultyRpc) => new URL(rpc.url).host;

function vault() {
  const found = pkg.legs.flatMap(proxyChanges).find((one) => one.name === "vault");
  if (found === undefined) throw new Error("The sample upgrades the vault.");
  return found;
}

test("three honest sources agree, prove it, and nothing is said above info", async () => {
  const found = await findings();
  expect(found.map((one) => `${one.severity} ${one.code}`)).toEqual(["info sources/agreed"]);
  const evidence = found[0]?.evidence ?? "";
  expect(evidence).toContain(`proven against the block's state root by ${rpcs.map(hostOf).join(", ")}`);
});

test("a single transaction is asked about as the package is", async () => {
  const pause = encodeFunctionData({ abi: parseAbi(["function pause()"]) as Abi, functionName: "pause" });
  const [where] = plain.chains;
  if (where === undefined) throw new Error("The sample has a chain.");
  const { guardian } = where;
  const tx = callTx({ chain: id, safe: guardian, safeVersion: "1.4.1", nonce: 0n, to: vault().proxy, data: pause });
  const subject = { kind: "transaction", tx } as const;
  expect((await findings({ subject })).map((one) => one.code)).toEqual(["sources/agreed"]);
  const code = { kind: "lie", method: "eth_getCode", result: "0x00", about: vault().proxy } as const;
  await rpcs[2].misbehave(code);
  expect(said(await findings({ subject }))).toEqual([expect.stringMatching(/^flag sources\/lies: /)]);
});

describe("one of three lies, is named, and the other two carry the check", () => {
  const slotLie: Fault = { kind: "lie", method: "eth_getStorageAt", about: slots.implementation, result: elsewhere };
  const cases: [string, () => Fault, RegExp, RegExp][] = [
    [
      "about a slot",
      () => slotLie,
      /sources\/lies: .* contradicts itself/,
      /its own proof shows something else at slot 0x3608/,
    ],
    [
      "about a slot, without proofs",
      () => ({ ...slotLie, withoutProofs: true }),
      /sources\/differs: .* says otherwise than the others about the implementation slot of/,
      /it says 0x0{24}(e5){20}, the others 0x/,
    ],
    [
      "about code",
      () => ({
        kind: "lie",
        method: "eth_getCode",
        about: vault().toImplementation,
        result: "0x6001",
        withoutProofs: true,
      }),
      /sources\/lies: .* contradicts itself/,
      /has another hash/,
    ],
    [
      "about a nonce, without proofs",
      () => ({
        kind: "lie",
        method: "eth_call",
        about: "0xaffed0e0",
        result: `0x${"7".padStart(64, "0")}`,
        withoutProofs: true,
      }),
      /sources\/differs: .* the nonce of the Safe/,
      /it says 0x0{63}7/,
    ],
    [
      "in a proof",
      () => ({ kind: "lie", method: "eth_getProof", result: { accountProof: ["0xc0"], storageProof: [] } }),
      /sources\/lies: .* contradicts itself/,
      /does not hold: its node 0x[0-9a-f]{64} is missing/,
    ],
    ["about its chain", () => ({ kind: "wrong chain", id: 5 }), /sources\/wrong-chain: /, /answers for eip155:5/],
  ];
  test.each(cases)("%s", async (_what, fault, message, evidence) => {
    await rpcs[1].misbehave(fault());
    const found = await findings({ chains: freshChains() });
    expect(said(found)).toEqual([expect.stringMatching(message)]);
    expect(said(found)[0]).toMatch(/^flag /);
    expect(words(found)).toContain(hostOf(rpcs[1]));
    expect(words(found)).toMatch(evidence);
    expect(words(found)).not.toContain(key);
    expect(found.at(-1)?.code).toBe("sources/agreed");
  });

  test("about the block", async () => {
    const header = (await world.node.request("eth_getBlockByNumber", "latest", false)) as Record<string, string>;
    const forged = { ...header, stateRoot: `0x${"5a".repeat(32)}` };
    await rpcs[1].misbehave({ kind: "lie", method: "eth_getBlockByHash", result: forged });
    const found = await findings();
    expect(said(found)).toEqual([expect.stringMatching(/^flag sources\/lies: /)]);
    expect(words(found)).toContain("does not have the hash");
  });

  test("about which block is the newest", async () => {
    const header = (await world.node.request("eth_getBlockByNumber", "latest", false)) as Record<string, string>;
    await rpcs[1].misbehave({
      kind: "lie",
      method: "eth_getBlockByNumber",
      result: { ...header, hash: `0x${"5a".repeat(32)}` },
    });
    const found = await findings();
    expect(said(found)).toEqual([
      expect.stringMatching(/^flag sources\/other-block: The source .* names a newest block/),
    ]);
    expect(words(found)).toContain(hostOf(rpcs[1]));
  });

  test("but not the first: everything else was read from it, so it refuses", async () => {
    await rpcs[0].misbehave({ ...slotLie, withoutProofs: true } as Fault);
    const refusals = said(await findings());
    await rpcs[0].misbehave(slotLie);
    expect(said(await findings())).toContainEqual(
      expect.stringMatching(/^refuse sources\/lies: .* everything else that was checked was read from it/),
    );
    expect(refusals[0]).toMatch(/^refuse sources\/differs: .* everything else that was checked was read from it/);
    expect(refusals.join()).toContain(hostOf(rpcs[0]));
  });
});

describe("silence is no agreement", () => {
  test("two silent of three are refused", async () => {
    await rpcs[1].misbehave({ kind: "down" });
    await rpcs[2].misbehave({ kind: "slow" });
    const found = await findings();
    expect(said(found)).toEqual([expect.stringMatching(/^refuse sources\/silent: Only 1 of the 3 sources/)]);
    expect(words(found)).toContain("the connection was refused");
    expect(words(found)).not.toContain(key);
  });

  test("one silent of three is told, and the other two carry the check", async () => {
    await rpcs[2].misbehave({ kind: "down" });
    const found = await findings();
    expect(found.map((one) => `${one.severity} ${one.code}`)).toEqual([
      "info sources/one-silent",
      "info sources/agreed",
    ]);
  });

  test("a source that lags is silent, and no liar", async () => {
    await rpcs[2].misbehave({ kind: "lag", blocks: 3 });
    const found = await findings();
    expect(found.map((one) => `${one.severity} ${one.code}`)).toEqual([
      "info sources/one-silent",
      "info sources/agreed",
    ]);
    expect(found[0]?.evidence).toContain("it lags behind");
  });

  test("the first that does not know the block of the others is refused, and another one is told", async () => {
    const forgets: Fault = { kind: "lie", method: "eth_getBlockByHash", result: null };
    await rpcs[0].misbehave(forgets);
    const found = await findings();
    expect(said(found)).toEqual([
      expect.stringMatching(
        /^refuse sources\/first-silent: The source .* cannot be heard at the block that the others share/,
      ),
    ]);
    expect(said(found)[0]).toContain(hostOf(rpcs[0]));
    await rpcs[0].misbehave({ kind: "none" });
    await rpcs[1].misbehave(forgets);
    expect((await findings()).map((one) => `${one.severity} ${one.code}`)).toEqual([
      "info sources/one-silent",
      "info sources/agreed",
    ]);
  });

  test("where the first lags a little, all are asked at the block that it has", async () => {
    await rpcs[0].misbehave({ kind: "lag", blocks: 1 });
    const found = await findings();
    expect(found.map((one) => `${one.severity} ${one.code}`)).toEqual(["info sources/agreed"]);
  });

  test("fewer sources than policy asks for are refused, and two URLs of one host are one source", async () => {
    const one = `${rpcs[0].url}/${key}`;
    const found = await findings({ chains: freshChains(`${one} ${one}2`) });
    expect(said(found)).toEqual([
      "refuse sources/few: Policy asks for 3 sources of chain eip155:31337, and 1 of different hosts are configured.",
    ]);
    expect(words(found)).not.toContain(key);
  });
});

test("two who disagree are refused by what they disagree on, where both must agree", async () => {
  await rpcs[1].misbehave({
    kind: "lie",
    method: "eth_call",
    about: "0xe75235b8",
    result: `0x${"1".padStart(64, "0")}`,
  });
  const found = await findings({ policy: asking(2, 2), chains: freshChains(`${rpcs[0].url} ${rpcs[1].url}`) });
  expect(said(found)[0]).toMatch(/^refuse sources\/no-agreement: .* do not agree on the threshold of the Safe/);
  expect(found[0]?.evidence).toContain(`${hostOf(rpcs[1])}: 0x${"1".padStart(64, "0")}`);
});

test("what all agree on, and the package does not say, is refused", async () => {
  const legs = pkg.legs.map((leg) => ({
    ...leg,
    changes: leg.changes.map((one) =>
      one.kind === "proxy" ? { ...one, toCodeHash: `0x${"ab".repeat(32)}` as const } : one,
    ),
  }));
  const changed = { ...pkg, legs };
  const found = await findings({ subject: { kind: "package", package: changed, packageHash: packageHash(changed) } });
  expect(said(found)[0]).toMatch(/^refuse sources\/other-than-said: .* the code hash of the new implementation of/);
});

test("three that lie alike, and prove nothing, are believed: that is outside the model", async () => {
  for (const one of rpcs)
    await one.misbehave({
      kind: "lie",
      method: "eth_call",
      about: "0xaffed0e0",
      result: elsewhere,
      withoutProofs: true,
    });
  expect(said(await findings())).toEqual([]);
});

test("where policy asks for one source, that is said and nobody else is asked", async () => {
  const before = rpcs.map((one) => one.messages());
  const found = await findings({ policy: plain });
  expect(found.map((one) => `${one.severity} ${one.code}`)).toEqual(["info sources/one"]);
  expect(rpcs.map((one) => one.messages())).toEqual(before);
});

test("each further source is asked in two messages: for its newest block, and for everything else", async () => {
  await findings();
  const before = rpcs.map((one) => one.messages());
  const asked = rpcs[2].asked.length;
  await findings();
  const [first, ...others] = rpcs.map((one, index) => one.messages() - (before[index] ?? 0));
  expect(others).toEqual([2, 2]);
  expect(first).toBeLessThanOrEqual(8);
  expect(rpcs[2].asked.slice(asked, asked + 2)).toEqual(["eth_getBlockByNumber", "eth_getBlockByHash"]);
});

test("the gate refuses what it knows to be bad", () => {
  expect(sourcesGate.proof().map((one) => one.severity)).toContain("refuse");
});
