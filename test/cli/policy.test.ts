import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { jsonSchemas } from "../../src/policy-folder/json-schemas.ts";
import { change, copiedPolicies } from "../policy-folder/given-policy.ts";
import { quorate } from "./run-quorate.ts";

const folder = copiedPolicies();
afterAll(() => rmSync(join(folder, ".."), { recursive: true }));

test("a right policy is told with its hashes, by default the sample's", async () => {
  const { code, stdout, stderr } = await quorate(["policy", "validate"]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(
    /^The policy of Harbour security council, version 1, is right: 7 people, \d+ invariants, targets harbour\.\nAuthority {2}0x[0-9a-f]{64}\nInvariants 0x[0-9a-f]{64}\n$/,
  );
  const { stdout: json } = await quorate(["policy", "validate", folder, "--json"]);
  expect(JSON.parse(json)).toMatchObject({ ok: true, people: 7, targets: ["harbour"] });
});

test("a wrong one is told line by line, with exit code 1; QUORATE_POLICIES names it too", async () => {
  change(folder, "on-call.yaml", "sev3: [dev]", "sev3: [zoe]");
  const { code, stdout, stderr } = await quorate(["policy", "validate"], { QUORATE_POLICIES: folder });
  expect([code, stdout, stderr]).toEqual([1, "", "council/on-call.yaml: sev3: nobody in council.yaml is called zoe\n"]);
  expect(JSON.parse((await quorate(["policy", "validate", folder, "--json"])).stdout)).toEqual({
    ok: false,
    problems: ["council/on-call.yaml: sev3: nobody in council.yaml is called zoe"],
  });
});

test("a folder that is not there is wrong use", async () => {
  const { code, stderr } = await quorate(["policy", "validate", "nowhere"]);
  expect([code, stderr]).toEqual([2, "There is no folder nowhere.\n"]);
});

test("the schemas are printed by the names of their files", async () => {
  const { code, stdout } = await quorate(["policy", "schema"]);
  expect(code).toBe(0);
  expect(Object.keys(JSON.parse(stdout))).toEqual([...jsonSchemas().keys()]);
});
