/** One hash for equal packages, another for every other one; and the digest that approvals are votes on. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalHash, canonicalJson, toJson } from "../../src/domain/canonical.ts";
import { approvalDigest, type DigestParts } from "../../src/domain/digest.ts";
import { event, storedData } from "../../src/domain/events.ts";
import { canonicalForm, packageHash, releasePackage } from "../../src/domain/release-package.ts";
import { hashOf, samplePackage, samplePolicy, twoChainPackage } from "../support/sample-council.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const policy = samplePolicy();
const rich = releasePackage.parse(withEveryKindOfChange(toJson(twoChainPackage(policy)) as unknown as Written));
const written = toJson(rich) as Json;
const hashOfJson = (json: Json) => packageHash(releasePackage.parse(json));
const expected = packageHash(rich);

interface Written {
  [key: string]: Json;
  legs: Json;
  audits: Json;
  sources: Json;
}

function withEveryKindOfChange(pkg: Written): Json {
  const [first, ...rest] = pkg.legs as { [key: string]: Json; changes: Json }[];
  const at = (index: number) => `0x${String(index).padStart(40, "0")}`;
  const word = (index: number) => `0x${String(index).padStart(64, "0")}`;
  const changes = [
    ...((first?.changes as Json[]) ?? []),
    { kind: "call", name: "migrate", contract: at(1), effect: "moves the reserves" },
    { kind: "parameter", name: "fee", contract: at(1), from: "5 bps", to: "6 bps" },
    { kind: "role", name: "keeper", contract: at(1), role: word(5), account: at(2), grant: true },
    { kind: "safeOwners", name: "owners", safe: at(3), add: [at(4), at(5)], remove: [at(6), at(7)], threshold: "3" },
  ];
  const expects = {
    events: [1, 2].map((index) => ({ address: at(index), topic: word(index) })),
    storage: [1, 2].map((index) => ({ address: at(9), slot: word(9), value: word(index) })),
    authority: ["the timelock owns the vault", "nobody else does"],
  };
  const more = { name: "Another audit", url: "https://example.org/2", hash: hashOf("audit") };
  const source = { repository: "https://example.org/protocol", commit: "0123abcd", artefactHash: hashOf("artefact 2") };
  return {
    ...pkg,
    legs: [{ ...first, changes, expects, notBefore: "1800000001" }, ...rest] as Json,
    audits: [...(pkg.audits as Json[]), more],
    sources: [...(pkg.sources as Json[]), source],
  };
}

type Path = (string | number)[];

function leaves(value: Json, path: Path = []): { path: Path; value: Json }[] {
  if (value === null || typeof value !== "object") return [{ path, value }];
  return Object.entries(value).flatMap(([key, item]) =>
    leaves(item, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}

function replaced(value: Json, [head, ...rest]: Path, by: Json): Json {
  if (head === undefined) return by;
  if (Array.isArray(value)) return value.map((item, index) => (index === head ? replaced(item, rest, by) : item));
  return Object.fromEntries(
    Object.entries(value as object).map(([key, item]) => [key, key === head ? replaced(item, rest, by) : item]),
  );
}

/** Another value of the same kind: a digit up, a hexadecimal digit changed, a letter more. */
function other(value: Json): Json {
  if (typeof value === "boolean") return !value;
  if (typeof value !== "string") return value;
  if (/^0x/.test(value))
    return value.length === 2 ? "0x00" : `${value.slice(0, -1).toLowerCase()}${value.endsWith("1") ? "2" : "1"}`;
  return /^[0-9]+$/.test(value) ? String(BigInt(value) + 1n) : `${value}x`;
}

const sets = new Set([
  "dependsOn",
  "events",
  "storage",
  "authority",
  "contracts",
  "routes",
  "metrics",
  "stopOn",
  "containment",
  "sources",
  "audits",
  "add",
  "remove",
]);

/** The same package as another hand would write it. */
function respelled(value: Json, random: (below: number) => number, key = ""): Json {
  if (typeof value === "string" && /^0x[0-9a-fA-F]+$/.test(value))
    return value.length === 42
      ? random(2) === 0
        ? value.toLowerCase()
        : value
      : random(2) === 0
        ? `0x${value.slice(2).toUpperCase()}`
        : value;
  if (typeof value === "string" && /^(0|[1-9][0-9]{0,14})$/.test(value) && key !== "commit")
    return random(2) === 0 ? Number(value) : value;
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => respelled(item, random));
    return sets.has(key) ? shuffled(items, random) : items;
  }
  return Object.fromEntries(
    shuffled(Object.entries(value), random).map(([name, item]) => [name, respelled(item, random, name)]),
  );
}

function shuffled<T>(list: readonly T[], random: (below: number) => number): T[] {
  const left = [...list];
  return list.flatMap(() => left.splice(random(left.length), 1));
}

const randomOf = (numbers: readonly number[]) => {
  let index = 0;
  return (below: number) => (numbers[index++ % numbers.length] ?? 0) % below;
};

describe("the package hash", () => {
  it("does not depend on key order, the order of sets, the case of hex, or how a number is written", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000), { minLength: 50, maxLength: 200 }), (numbers) => {
        expect(hashOfJson(respelled(written, randomOf(numbers)))).toBe(expected);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it("does not depend on saying a thing of a set twice", () => {
    const [phase] = rich.phases;
    if (phase === undefined) throw new Error("There is a phase.");
    const twice = {
      ...rich,
      phases: [{ ...phase, metrics: [...phase.metrics, ...phase.metrics] }],
      audits: [...rich.audits, ...rich.audits],
    };
    expect(packageHash(twice)).toBe(expected);
  });

  it.each(leaves(written).map(({ path, value }) => [path.join("."), path, value] as const))(
    "changes with %s, or the change is refused",
    (_name, path, value) => {
      const changed = releasePackage.safeParse(replaced(written, path, other(value)));
      if (changed.success) expect(packageHash(changed.data)).not.toBe(expected);
      else expect(changed.error.issues.length).toBeGreaterThan(0);
    },
  );

  it("is refused for a field that nobody knows, and for a field that is missing", () => {
    expect(releasePackage.safeParse({ ...rich, note: "x" }).success).toBe(false);
    for (const key of Object.keys(rich)) {
      const { [key as "title"]: _gone, ...rest } = rich;
      expect(releasePackage.safeParse(rest).success, key).toBe(false);
    }
  });

  it("depends on the order of calls, preconditions, legs and phases", () => {
    const two = samplePackage(policy);
    const [leg] = two.legs;
    const [call] = leg?.calls ?? [];
    if (leg === undefined || call === undefined) throw new Error("There is a leg with a call.");
    const second = { ...call, purpose: "Another call" };
    const ordered = [
      { legs: [{ ...leg, calls: [call, second] }] },
      { legs: [{ ...leg, calls: [second, call] }] },
      { legs: [{ ...leg, preconditions: [...leg.preconditions].reverse() }] },
      { legs: [...two.legs].reverse() },
      { phases: [...two.phases].reverse() },
      {},
    ].map((change) => packageHash({ ...two, ...change }));
    expect(new Set(ordered).size).toBe(ordered.length);
  });

  it("survives its own canonical form, and JSON", () => {
    expect(packageHash(canonicalForm(rich))).toBe(expected);
    expect(hashOfJson(JSON.parse(canonicalJson(rich)))).toBe(expected);
  });

  it("is pinned: a change of it would orphan every package that was ever approved", () => {
    expect(packageHash(samplePackage(policy))).toMatchInlineSnapshot(
      `"0xe47d376668c2b30002374622a1e869d67a072d58c068b29b457380fce36dc98b"`,
    );
  });

  it("takes a wrong checksum for a typing error", () => {
    const path = ["containment", 0, "safe"];
    const [mixed] = rich.containment.map((one) => one.safe);
    const index = [...(mixed ?? "")].findIndex((letter, at) => at > 1 && /[a-f]/.test(letter));
    const typo = `${mixed?.slice(0, index)}${mixed?.charAt(index).toUpperCase()}${mixed?.slice(index + 1)}`;
    expect(releasePackage.safeParse(replaced(written, path, typo)).error?.issues[0]?.message).toMatch(/wrong checksum/);
  });
});

describe("the approval digest", () => {
  const parts: DigestParts = {
    packageHash: hashOf("package"),
    revision: 1,
    evidenceHash: hashOf("evidence"),
    authorityPolicyHash: hashOf("policy"),
    nonces: [7n, 9n],
    safeTxHashes: [hashOf("first"), hashOf("second")],
  };

  it.each([
    { packageHash: hashOf("other") },
    { revision: 2 },
    { evidenceHash: hashOf("other") },
    { authorityPolicyHash: hashOf("other") },
    { nonces: [7n, 10n] },
    { nonces: [9n, 7n] },
    { nonces: [7n] },
    { safeTxHashes: [hashOf("first"), hashOf("other")] },
    { safeTxHashes: [hashOf("second"), hashOf("first")] },
    { safeTxHashes: [hashOf("first")] },
    { packageHash: parts.evidenceHash, evidenceHash: parts.packageHash },
  ])("binds %o", (change) => {
    expect(approvalDigest({ ...parts, ...change })).not.toBe(approvalDigest(parts));
  });

  it("is the same for the same parts, and for nothing else of the same content", () => {
    expect(approvalDigest({ ...parts })).toBe(approvalDigest(parts));
    expect(approvalDigest(parts)).not.toBe(canonicalHash(parts));
  });
});

describe("RFC 8785", () => {
  it.each([
    // Section 3.2.2's sample, with the bytes of section 3.2.4.
    [
      '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}',
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    ],
    // Section 3.2.3: keys are sorted by UTF-16 code units, so that a surrogate pair comes before U+FB33.
    [
      '{"\\u20ac":"Euro Sign","\\r":"Carriage Return","\\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\\ud83d\\ude00":"Emoji: Grinning Face","\\u0080":"Control","\\u00f6":"Latin Small Letter O With Diaeresis"}',
      '{"\\r":"Carriage Return","1":"One","\u0080":"Control","ö":"Latin Small Letter O With Diaeresis","€":"Euro Sign","😀":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
    ],
    // Appendix B: numbers.
    ["[0,-0,5e-324,-5e-324,1.7976931348623157e308]", "[0,0,5e-324,-5e-324,1.7976931348623157e+308]"],
    [
      "[9007199254740992,-9007199254740992,295147905179352830000,9.999999999999997e22,1e23]",
      "[9007199254740992,-9007199254740992,295147905179352830000,9.999999999999997e+22,1e+23]",
    ],
    [
      "[1.0000000000000001e23,999999999999999700000,999999999999999900000,1e21,9.999999999999997e-7,0.000001]",
      "[1.0000000000000001e+23,999999999999999700000,999999999999999900000,1e+21,9.999999999999997e-7,0.000001]",
    ],
    [
      "[333333333.3333332,333333333.33333325,333333333.3333333,333333333.3333334,333333333.33333343,-0.0000033333333333333333,1424953923781206.2]",
      "[333333333.3333332,333333333.33333325,333333333.3333333,333333333.3333334,333333333.33333343,-0.0000033333333333333333,1424953923781206.2]",
    ],
    ['{"b":[],"a":{},"":""}', '{"":"","a":{},"b":[]}'],
  ])("%s", (json, text) => {
    expect(canonicalJson(JSON.parse(json))).toBe(text);
  });

  it("has no form for what JSON has none for", () => {
    expect(() => canonicalJson(undefined)).toThrow();
    expect(canonicalJson({ amount: 2n ** 255n, gone: undefined })).toBe(`{"amount":"${2n ** 255n}"}`);
  });

  it("is a fixed point", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
      { numRuns: 300, seed: 2 },
    );
  });

  it("refuses text that is no proper Unicode, as the RFC demands; a package with such text is refused, and an event's is mended", () => {
    const halfEmoji = "😀".slice(0, 1);
    expect(() => canonicalHash({ title: halfEmoji })).toThrow(/surrogate/);
    expect(releasePackage.safeParse({ ...rich, title: halfEmoji }).error?.issues[0]?.message).toMatch(
      /half a character/,
    );
    const held = storedData(
      event("held", { by: { person: "ben", account: "console:ben" }, reason: `odd ${halfEmoji}` }),
    );
    expect(held).toMatchObject({ reason: "odd \ufffd" });
  });
});
