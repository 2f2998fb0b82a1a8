/** `quorate check` from end to end: what it takes, what it prints, and what it exits with. */

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { zeroHash } from "../../src/domain/primitives.ts";
import { scheduleBatchData } from "../../src/domain/timelock.ts";
import { type StartedWorld, startWorld } from "../../src/embedded/world.ts";
import { upgradeVault } from "../embedded/upgrades.ts";
import { quorate } from "./run-quorate.ts";

const folder = mkdtempSync(join(tmpdir(), "quorate-check-"));
const built = join(folder, "package.json");
let world: StartedWorld;
/** No GAS_KEY: checking only reads. */
let configured: Record<string, string>;

beforeAll(async () => {
  world = await startWorld();
  configured = { RPC_31337: world.url };
  const words = ["package", "build", "--target", "harbour", "--release", "2.0.0", "--title", "Honest", "--out", built];
  expect((await quorate(words, configured)).code).toBe(0);
});
afterAll(async () => {
  await world.stop();
  rmSync(folder, { recursive: true });
});

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

const check = (path: string, ...flags: string[]) => quorate(["check", path, ...flags], configured);

interface Report {
  verdict: string;
  packageHash?: string;
  findings: Record<"code" | "gate" | "severity" | "message" | "evidence" | "fix", string>[];
  seconds: number;
}

async function reported(path: string, ...flags: string[]): Promise<Report & { code: number | null }> {
  const { code, stdout } = await check(path, "--json", ...flags);
  return { code, ...(JSON.parse(stdout) as Report) };
}

const refusals = ({ findings }: Report) => findings.filter((one) => one.severity === "refuse").map((one) => one.code);

describe("a release package", () => {
  test("that is honest passes, for people and for machines", async () => {
    const { code, stdout } = await check(built);
    const report = await reported(built);
    expect(report).toMatchObject({ code: 0, verdict: "pass" });
    expect(refusals(report)).toEqual([]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^PASSED\. Nothing speaks against it\.\nPackage hash 0x[0-9a-f]{64}\n/);
    expect(stdout).toContain(`Package hash ${report.packageHash}`);
    expect(stdout).toMatch(/\n[\d.]+ seconds\.\n$/);
    expect(Object.keys(report).sort()).toEqual(["code", "findings", "packageHash", "seconds", "verdict"]);
    for (const one of report.findings) {
      expect(Object.keys(one).sort()).toEqual(["code", "evidence", "fix", "gate", "message", "severity"]);
      expect(one.code.startsWith(`${one.gate}/`)).toBe(true);
    }
    expect(report.seconds).toBeGreaterThan(0);
  });

  test("whose new code is not what it says is refused: first the refusals, with what was seen and how to mend it", async () => {
    const pkg = JSON.parse(readFileSync(built, "utf8"));
    pkg.legs[0].changes[0].toCodeHash = `0x${"ab".repeat(32)}`;
    const path = file("other-code.json", pkg);
    const { code, stdout } = await check(path);
    expect(code).toBe(1);
    const lines = stdout.split("\n");
    expect(lines[0]).toBe("REFUSED. It must not proceed.");
    expect(lines.find((one) => /^[x?] /.test(one))).toMatch(/^x .+ {2}\[[a-z]+\/[a-z-]+\]$/);
    expect(stdout).toContain("[preflight/to]");
    expect(stdout).toMatch(/\n {4}Seen: .+\n {4}To mend: .+\./);
  });

  test("is judged by the policies that are named", async () => {
    const policies = join(folder, "policies");
    cpSync("policies", policies, { recursive: true });
    const chains = join(policies, "chains.yaml");
    const council = new RegExp(world.councilSafe, "i");
    writeFileSync(chains, readFileSync(chains, "utf8").replace(council, "0x1111111111111111111111111111111111111111"));
    const report = await reported(built, "--policies", policies);
    expect(report).toMatchObject({ code: 1, verdict: "refuse" });
    const nowhere = await check(built, "--policies", join(folder, "nowhere"));
    expect([nowhere.code, nowhere.stdout]).toEqual([2, ""]);
  });
});

describe("a Safe transaction", () => {
  test("that is a DELEGATECALL is refused, and has no package hash", async () => {
    const zero = "0x0000000000000000000000000000000000000000";
    const gas = { safeTxGas: "0", baseGas: "0", gasPrice: "0", gasToken: zero, refundReceiver: zero };
    const safeTx = { to: world.vault, value: "0", data: "0x12345678", operation: 1, ...gas, nonce: 0 };
    const report = await reported(
      file("tx.json", { chainId: 31337, safe: world.councilSafe, safeVersion: "1.4.1", safeTx }),
    );
    expect(report).toMatchObject({ code: 1, verdict: "refuse" });
    expect(report.packageHash).toBeUndefined();
    expect(refusals(report)).toContain("envelope/delegatecall");
  });
});

describe("what is honest passes with the policy alone: no builds, and nothing to weigh", () => {
  const zero = "0x0000000000000000000000000000000000000000";
  const weighed = ({ findings }: Report) =>
    findings.filter((one) => one.severity !== "info").map((one) => `${one.severity} ${one.code}`);
  const alone = () => {
    const policies = join(folder, "policy-alone");
    cpSync("policies", policies, { recursive: true, filter: (from) => !from.endsWith("builds") });
    return policies;
  };

  test("a schedule of an upgrade", async () => {
    const calls = [upgradeVault(world, world.implementations.vaultV2, 10)].map((one) => ({ ...one, value: 0n }));
    const data = scheduleBatchData({ calls, predecessor: zeroHash, salt: zeroHash }, 172_800n);
    const gas = { safeTxGas: "0", baseGas: "0", gasPrice: "0", gasToken: zero, refundReceiver: zero };
    const safeTx = { to: world.timelock, value: "0", data, operation: 0, ...gas, nonce: 0 };
    const path = file("schedule.json", { chainId: 31337, safe: world.councilSafe, safeVersion: "1.4.1", safeTx });
    const report = await reported(path, "--policies", alone());
    expect([report.code, report.verdict, weighed(report)]).toEqual([0, "pass", []]);
    expect(report.findings.map((one) => one.code)).toEqual(
      expect.arrayContaining(["artefact/source-not-asked", "layout/not-asked"]),
    );
  });

  test("a pause by the guardians, from a file of the Transaction Builder", async () => {
    const path = file("pause.json", {
      ...{ version: "1.0", chainId: "31337", createdAt: 1 },
      meta: { name: "Pause the vault", createdFromSafeAddress: world.guardianSafe },
      transactions: [{ to: world.vault, value: "0", data: "0x8456cb59" }],
    });
    const report = await reported(path, "--policies", alone());
    expect([report.code, report.verdict, weighed(report)]).toEqual([0, "pass", []]);
  });
});

describe("a file of the Transaction Builder", () => {
  const batch = (...transactions: object[]) => ({
    ...{ version: "1.0", chainId: "31337", createdAt: 1 },
    meta: { name: "A batch", createdFromSafeAddress: world.councilSafe },
    transactions,
  });
  const call = (more: object = {}) => ({ to: world.vault, value: "0", data: "0xdeadbeef", ...more });

  test("with one transaction is that call", async () => {
    const report = await reported(file("one.json", batch(call())));
    expect(report.code).toBe(1);
    expect(refusals(report)).toContain("decode/unknown-function");
    expect(refusals(report)).not.toContain("envelope/delegatecall");
  });

  test("with several is what Safe{Wallet} makes of it: a DELEGATECALL, which policy has to name", async () => {
    const two = file("two.json", batch(call(), call()));
    const named = await reported(two);
    expect([named.code, refusals(named)]).toEqual([1, expect.arrayContaining(["decode/unknown-function"])]);
    expect(refusals(named)).not.toContain("envelope/delegatecall");
    const policies = join(folder, "nothing-named");
    cpSync(join(import.meta.dirname, "../../policies"), policies, { recursive: true });
    const chains = join(policies, "chains.yaml");
    writeFileSync(chains, readFileSync(chains, "utf8").replace(/^ *multiSendCallOnly:.*\n/m, ""));
    const report = await reported(two, "--policies", policies);
    expect(report.code).toBe(1);
    expect(refusals(report)).toEqual(expect.arrayContaining(["envelope/delegatecall", "decode/unknown-function"]));
  });

  test("that shows one call and encodes another is refused before anything is asked", async () => {
    const contractMethod = { name: "pause", inputs: [], payable: false };
    const lie = call({ contractMethod, contractInputsValues: {} });
    const report = await reported(file("lie.json", batch(lie)));
    expect([report.code, refusals(report)]).toEqual([1, ["decode/stated-otherwise"]]);
  });

  test("with a name in place of an address is refused, and what looks alike is spelt out", async () => {
    const report = await reported(file("name.json", batch(call({ to: "v\u0430ult.eth" }))));
    expect([report.code, refusals(report)]).toEqual([1, ["text/not-an-address"]]);
    expect(report.findings[0]?.evidence).toBe('"v\\u{430}ult.eth"');
  });
});

describe("what cannot be checked exits with 2 and one sentence, and prints no verdict", () => {
  test.each<[string, () => string, RegExp]>([
    ["a file that is not there", () => join(folder, "nothing.json"), /cannot be read: there is no such file\.$/],
    ["no JSON", () => file("text.json", "{"), /is not JSON\.$/],
    ["JSON that is no object", () => file("list.json", "[]"), /there is nothing to check in it\.$/],
    ["something else", () => file("else.json", { hello: 1 }), /is neither a release package, nor /],
    ["half a package", () => file("half.json", { schema: "quorate/package/1" }), /is not a release package/],
    ["a batch without transactions", () => file("empty.json", { chainId: "1", transactions: [] }), /meta|transactions/],
  ])("%s", async (_what, path, sentence) => {
    const { code, stdout, stderr } = await check(path(), "--json");
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr.trimEnd()).toMatch(sentence);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  test("no RPC", async () => {
    const { code, stdout, stderr } = await quorate(["check", built]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^No chain is configured: set RPC_/);
  });
});
