import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packageHash, releasePackage } from "../../src/domain/release-package.ts";
import { type StartedWorld, startWorld } from "../../src/embedded/world.ts";
import { quorate } from "./run-quorate.ts";

const folder = mkdtempSync(join(tmpdir(), "quorate-package-"));
const built = join(folder, "built.json");
let world: StartedWorld;
/** No GAS_KEY: building a package only reads. */
let configured: Record<string, string>;

beforeAll(async () => {
  world = await startWorld();
  configured = { RPC_31337: world.url };
  const words = ["package", "build", "--target", "harbour", "--release", "2.0.0", "--title", "Honest", "--out", built];
  const { code, stdout, stderr } = await quorate(words, configured);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toBe(`Wrote ${built}.\nPackage hash ${hashOf(built)}\n`);
});
afterAll(async () => {
  await world.stop();
  rmSync(folder, { recursive: true });
});

const json = (path: string) => JSON.parse(readFileSync(path, "utf8"));
const hashOf = (path: string) => packageHash(releasePackage.parse(json(path)));

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

test("what was built is what the policy and the chain say, and its hash does not hang on spelling", async () => {
  const pkg = json(built);
  expect(pkg).toMatchObject({ title: "Honest", target: "harbour", lane: "routine" });
  expect(pkg.phases.map((one: { id: string }) => one.id)).toEqual(["pilot", "main"]);
  const shuffled = file("shuffled.json", Object.fromEntries(Object.entries(pkg).reverse()));
  const { code, stdout } = await quorate(["package", "hash", shuffled]);
  expect([code, stdout]).toEqual([0, `${hashOf(built)}\n`]);
});

test("without --out it is printed, and implementations may be named one by one", async () => {
  const implementation = json(built).legs[1].changes.find(
    (one: { name: string }) => one.name === "price-feed",
  ).toImplementation;
  const words = ["package", "build", "--target", "harbour", "--lane", "emergency"];
  const { code, stdout } = await quorate([...words, "--implementation", `price-feed=${implementation}`], configured);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    lane: "emergency",
    legs: [{ id: "main", changes: [{ name: "price-feed" }] }],
  });
});

test("show tells a person all that runs, with every hash in full", async () => {
  const pkg = json(built);
  const { stdout } = await quorate(["package", "show", built]);
  expect(stdout).toContain(`Package hash  ${hashOf(built)}`);
  for (const leg of pkg.legs) {
    for (const one of leg.changes) expect(stdout).toContain(`${one.toImplementation} (code ${one.toCodeHash})`);
    for (const call of [...leg.calls, ...leg.rollback.calls]) expect(stdout).toContain(`${call.data} to ${call.to}`);
  }
  for (const part of [
    "(enforced by: chain)",
    "(enforced by: bot)",
    "pause-vault: Pause the vault",
    "prescheduled, dies after",
  ])
    expect(stdout).toContain(part);
  expect(JSON.parse((await quorate(["package", "show", built, "--json"])).stdout)).toEqual({
    packageHash: hashOf(built),
    package: pkg,
  });
});

test("a package's own text cannot forge a line of what is shown", async () => {
  const hostile = file("hostile.json", { ...json(built), title: "Fine\u001b[2K\nPackage hash  0x00" });
  const { stdout } = await quorate(["package", "show", hostile]);
  expect(stdout).toContain("Fine\\u{1b}[2K\\u{a}Package hash  0x00\n");
  expect(stdout.match(/^Package hash/gm)).toHaveLength(1);
});

test("diff names the leaves that differ, and says when none does", async () => {
  const other = file("other.json", { ...json(built), lane: "emergency" });
  const { code, stdout } = await quorate(["package", "diff", built, other]);
  expect([code, stdout]).toEqual([
    0,
    `~ lane: routine → emergency\n\nbefore ${hashOf(built)}\nafter  ${hashOf(other)}\n`,
  ]);
  expect((await quorate(["package", "diff", built, built])).stdout).toBe(
    `The packages are the same: ${hashOf(built)}\n`,
  );
});

test("a no of the policy or the chain is exit code 1; what could not run is 2; each is one sentence", async () => {
  const build = (...words: string[]) => quorate(["package", "build", ...words], configured);
  const asked = async (ended: ReturnType<typeof quorate>) => {
    const { code, stdout, stderr } = await ended;
    expect(stdout).toBe("");
    return `${code} ${stderr}`;
  };
  expect(await asked(build("--target", "haven", "--release", "2.0.0"))).toBe(
    '1 There is no target "haven". Policy has harbour.\n',
  );
  expect(
    await asked(build("--target", "harbour", "--implementation", `vault=${world.timelock.slice(0, -1)}0`)),
  ).toMatch(/^1 The implementation of vault, .* is no address: the address has a wrong checksum/);
  expect(await asked(build("--target", "harbour", "--implementation", "vault"))).toBe(
    "2 An implementation is written CONTRACT=ADDRESS, such as vault=0x…, and not vault.\n",
  );
  expect(await asked(build("--target", "harbour", "--release", "2.0.0", "--lane", "fast"))).toMatch(
    /^2 .*routine.*emergency/,
  );
  expect(await asked(build("--release", "2.0.0"))).toMatch(/^2 required option '--target <id>' not specified/);
  expect(await asked(build("--target", "harbour", "--release", "2.0.0", "--out", join(folder, "no/where.json")))).toBe(
    `2 ${join(folder, "no/where.json")} cannot be written: there is no such folder.\n`,
  );
  const offline = quorate(["package", "build", "--target", "harbour", "--release", "2.0.0"]);
  expect(await asked(offline)).toMatch(/^2 No chain is configured: set RPC_/);
  expect(await asked(quorate(["package", "hash", "nowhere.json"]))).toBe(
    "2 nowhere.json cannot be read: there is no such file.\n",
  );
  const broken = file("broken.json", { ...json(built), legs: [] });
  expect(await asked(quorate(["package", "show", broken]))).toMatch(
    new RegExp(`^2 ${broken}: The package file is not a release package`),
  );
});
