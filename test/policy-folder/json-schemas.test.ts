import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { jsonSchemas } from "../../src/policy-folder/json-schemas.ts";
import { samplePolicies } from "./given-policy.ts";

const schemaFolder = join(samplePolicies, "schema");
const files = (readdirSync(samplePolicies, { recursive: true }) as string[]).filter((file) => file.endsWith(".yaml"));

test("the checked-in schemas are what the shapes say: else run quorate policy schema --write", () => {
  expect(readdirSync(schemaFolder).sort()).toEqual([...jsonSchemas().keys()].sort());
  for (const [name, text] of jsonSchemas()) expect(readFileSync(join(schemaFolder, name), "utf8"), name).toBe(text);
});

/** The schema that the file's first line names for the editor. */
function validatorOf(file: string) {
  const [line = ""] = readFileSync(join(samplePolicies, file), "utf8").split("\n");
  const named = /^# yaml-language-server: \$schema=(\S+)$/.exec(line)?.[1];
  if (named === undefined) throw new Error(`${file} names no schema.`);
  const path = relative(schemaFolder, normalize(join(samplePolicies, dirname(file), named)));
  const text = jsonSchemas().get(path);
  if (text === undefined) throw new Error(`${file} names ${named}, which is not there.`);
  return new Ajv({ strict: true, allErrors: true }).compile(JSON.parse(text));
}

describe("each sample file", () => {
  test("there are some of every kind", () => {
    expect(files.length).toBeGreaterThanOrEqual(9);
  });
  test.each(files)("%s names its schema, and is right by it", (file) => {
    const validate = validatorOf(file);
    validate(parse(readFileSync(join(samplePolicies, file), "utf8")));
    expect(validate.errors).toBeNull();
  });
});

test.each([
  ["council.yaml", "wallets:", "wallet:"],
  ["lanes.yaml", "quorum: 3", "quorum: three"],
  ["lanes.yaml", "minDelay: 172800", "minDelay: true"],
  ["lanes.yaml", "minDelay: 172800", "minDelay: -1"],
  ["chains.yaml", "id: eip155:31337", "id: mainnet"],
  ["roles.yaml", "auditor: []", "king: []"],
  ["targets/harbour.yaml", "kind: beacon", "kind: diamond"],
])("an editor sees that %s with %j as %j is wrong", (file, from, to) => {
  const validate = validatorOf(file);
  expect(validate(parse(readFileSync(join(samplePolicies, file), "utf8").replace(from, to)))).toBe(false);
});
