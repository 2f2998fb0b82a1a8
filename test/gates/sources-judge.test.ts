/** What several sources say, judged without a chain. */

import { expect, test } from "vitest";
import type { Heard, Testimony } from "../../src/chain-sources.ts";
import { type Hex, zeroAddress, zeroHash } from "../../src/domain/primitives.ts";
import type { Fact } from "../../src/gates/sources-facts.ts";
import { judge, type Witness } from "../../src/gates/sources-judge.ts";

const block = { number: 7n, hash: zeroHash, timestamp: 1n };
const facts = (count: number): Fact[] =>
  Array.from({ length: count }, (_, index) => ({
    name: `fact ${index + 1}`,
    question: { kind: "codeHash", account: zeroAddress },
  }));

function witness(host: string, says: readonly (Hex | undefined)[], more: Partial<Testimony> = {}): Witness {
  const heard = says.map((one): Heard => (one === undefined ? { silent: "no answer" } : { says: one }));
  const testimony = { heard, block: { ...block, stateRoot: zeroHash }, sealed: true, proven: [], lies: [], ...more };
  return { host, heard: { testimony } };
}

const judged = (agree: number, ...witnesses: Witness[]) =>
  judge({
    chain: "eip155:1",
    agree,
    facts: facts(witnesses[0] === undefined ? 0 : countOf(witnesses[0])),
    block,
    witnesses,
  });
const countOf = ({ heard }: Witness) => ("testimony" in heard ? heard.testimony.heard.length : 0);
const codes = (...given: Parameters<typeof judged>) => judged(...given).map((one) => `${one.severity} ${one.code}`);

test("where two answers both have enough, neither is agreed on", () => {
  const [a, b] = ["0x0a", "0x0b"] as const;
  expect(codes(2, witness("1", [a]), witness("2", [a]), witness("3", [b]), witness("4", [b]))).toEqual([
    "refuse sources/no-agreement",
  ]);
});

test("silence about one thing is no agreement on it, however many speak of the rest", () => {
  const found = judged(
    2,
    witness("1", ["0x0a", "0x0b"]),
    witness("2", ["0x0a", undefined]),
    witness("3", ["0x0a", undefined]),
  );
  expect(found.map((one) => one.code)).toEqual(["sources/no-agreement"]);
  expect(found[0]?.message).toContain("fact 2");
  expect(found[0]?.evidence).toContain("2 gives nothing that counts (no answer)");
});

test("what a source's own proof denies counts for nothing", () => {
  const lies = [{ questions: [0], clause: "its own proof shows something else" }];
  expect(codes(2, witness("1", ["0x0a"]), witness("2", ["0x0a"], { lies }))).toEqual([
    ...["refuse sources/no-agreement", "flag sources/lies"],
  ]);
});

test("a header that does not have its hash takes all words with it, but not on a chain whose headers nobody can hash", () => {
  const unsealed = { sealed: false };
  expect(codes(2, witness("1", ["0x0a"]), witness("2", ["0x0a"], unsealed))).toContain("refuse sources/no-agreement");
  expect(codes(2, witness("1", ["0x0a"], unsealed), witness("2", ["0x0a"], unsealed))).toEqual(["info sources/agreed"]);
});

test("many disputes are told eight times and counted", () => {
  const many = (value: Hex) => Array.from({ length: 20 }, () => value);
  const found = judged(2, witness("1", many("0x0a")), witness("2", many("0x0b")));
  expect(found).toHaveLength(9);
  expect(found.at(-1)?.message).toBe("The sources of chain eip155:1 do not agree on 12 further facts either.");
});
