/** Alike entries as they are sent: shorter, and judged as they would be as they are. */

import fc from "fast-check";
import { concat, type Hex, size, toFunctionSelector, toHex } from "viem";
import { expect, test } from "vitest";
import { written } from "../../src/chain/evaluator/shapes.ts";
import { type Metric, metric } from "../../src/domain/metrics.ts";
import { compile } from "../../src/domain/watch/catalogue.ts";
import { entryCode } from "../../src/domain/watch/entry-code.ts";
import type { Expression } from "../../src/domain/watch/expression.ts";
import { account, chain, startEvaluatorWorld } from "./evaluator-world.ts";

interface Vault {
  /** An id, and the account's name. */
  name: string;
  floor: number;
  args?: readonly bigint[];
  /** What is read instead of a call's answer. */
  slot?: bigint | undefined;
}

/** Fails below its floor, and above it nobody knows. */
function vault({ name, floor, args = [], slot }: Vault): Metric {
  const signature = `function held(${args.map(() => "uint256").join(", ")}) view returns (uint256)`;
  const call = { kind: "call", to: account(name), signature, args: args.map(String) };
  return metric.parse({
    ...{ id: name, title: name, class: "asset", chain, unit: "wei", severity: 1, containment: "pause", owner: "ada" },
    read: slot === undefined ? call : { kind: "slot", account: account(name), slot: toHex(slot, { size: 32 }) },
    ...{ pass: { is: "=", value: floor }, fail: { is: "<", value: floor } },
  });
}

const entriesOf = (vaults: readonly Vault[]) =>
  compile(vaults.map(vault), new Map()).entries.map(({ code }) => code.slice(2));

/** The entries that these bytes stand for, each written out: the reverse, by what Evaluator.sol says of the form. */
function readBack(shapes: string, entries: string): string[] {
  const found: string[] = [];
  for (let at = 0; at < entries.length; ) {
    const first = Number.parseInt(entries.slice(at, at + 2), 16);
    if (first < 0x80) {
      const length = Number.parseInt(entries.slice(at, at + 4), 16) * 2;
      found.push(entries.slice(at, at + length));
      at += length;
      continue;
    }
    const shape = shapes.slice((first - 0x80) * 128, (first - 0x7f) * 128);
    const address = entries.slice(at + 2, at + 42);
    at += 42;
    let data = shape.slice(10, 18);
    for (const size = Number.parseInt(shape.slice(8, 10), 16); data.length < size * 2; ) {
      const length = Number.parseInt(entries.slice(at, at + 2), 16) * 2;
      data += entries.slice(at + 2, at + 2 + length).padStart(64, "0");
      at += 2 + length;
    }
    const limit = shape.slice(64).replace(/^(00)+/, "") || "00";
    const shift = (256 - limit.length * 4).toString(16).padStart(2, "0");
    const body = `00${shape.slice(0, 6)}${shape.slice(6, 8)}${shift}${address}${shape.slice(8, 10)}${data}${limit}`;
    found.push((body.length / 2 + 2).toString(16).padStart(4, "0") + body);
  }
  return found;
}

test("whatever the catalogue, the same entries are told, and never by more bytes", () => {
  const word = fc.oneof(fc.bigInt({ min: 0n, max: 300n }), fc.bigInt({ min: 0n, max: (1n << 256n) - 1n }));
  const anyVault = fc.record({
    floor: fc.constantFrom(0, 1, 255, 256, 1_000_000),
    args: fc.array(word, { maxLength: 3 }),
    slot: fc.option(word, { nil: undefined, freq: 3 }),
  });
  fc.assert(
    fc.property(fc.array(anyVault, { minLength: 1, maxLength: 60 }), (vaults) => {
      const given = vaults.map((one, nth) => ({ ...one, name: `vault-${nth}` }));
      const { shapes, entries } = written(entriesOf(given));
      expect(readBack(shapes, entries)).toEqual(entriesOf(given));
      expect(shapes.length + entries.length).toBeLessThanOrEqual(entriesOf(given).join("").length);
    }),
  );
});

test("an entry so long that its length would look like a shape's number is none", () => {
  const data: Hex = `0x${"ff".repeat(8_000)}`;
  const type = { kind: "uint", bytes: 32 } as const;
  const call: Expression = { kind: "call", to: account("long"), data, word: 0, words: 1, type };
  const sum = (count: number): Expression => (count === 1 ? call : { kind: "difference", a: sum(count - 1), b: call });
  const never = { mask: 0, limit: 0n };
  expect(size(entryCode(sum(3), never, never, false).code)).toBeLessThan(0x8000);
  expect(() => entryCode(sum(4), never, never, false)).toThrow(RangeError);
});

test("a shape is worth its bytes, or the entries stay as they are", () => {
  const alike = (count: number) =>
    entriesOf(Array.from({ length: count }, (_none, nth) => ({ name: `vault-${nth}`, floor: 100, args: [7n] })));
  const few = alike(1);
  expect(written(few)).toEqual({ shapes: "", entries: few.join("") });
  const many = written(alike(100));
  expect([many.shapes.length, many.entries.length]).toEqual([128, 100 * 2 * (1 + 20 + 2)]);
});

const selector = toFunctionSelector("held(uint256,uint256)");

/** Answers by so much more than its second argument, and reverts to another question. */
function moreThanAsked(more: number): Hex {
  const answer = concat(["0x61", toHex(more, { size: 2 }), "0x6024350160005260206000f3"]);
  return concat(["0x63", selector, "0x60003560e01c14601057", "0xfe", "0x5b", answer]);
}

test("more kinds of entries than there are shapes for: all are judged, those that save most by their shape", async () => {
  const world = await startEvaluatorWorld();
  try {
    const vaults = Array.from({ length: 150 }, (_none, kind) =>
      Array.from({ length: kind < 30 ? 4 : 6 }, (_other, nth) => ({
        name: `vault-${kind}-${nth}`,
        floor: 1_000 + kind,
        args: [1n << 200n, BigInt(nth)],
      })),
    ).flat();
    const { shapes, entries } = written(entriesOf(vaults));
    expect(shapes.length).toBe(128 * 128);
    expect(readBack(shapes, entries)).toEqual(entriesOf(vaults));
    for (let kind = 30; kind < 150; kind += 1) expect(shapes).toContain((1_000 + kind).toString(16).padStart(64, "0"));
    const held = vaults.map(({ floor }, nth) => floor + (nth % 3) - 1);
    await world.setCodes(
      new Map(vaults.map(({ name, args }, nth) => [account(name), moreThanAsked((held[nth] ?? 0) - Number(args[1]))])),
    );
    const catalogue = compile(vaults.map(vault), new Map());
    const { verdicts, values } = await world.evaluator().evaluate(catalogue, { blockHash: await world.mine() }, "all");
    const expected = ["fail", "pass", "inconclusive"];
    expect(verdicts).toEqual(vaults.map((_vault, nth) => expected[nth % 3]));
    expect([...values]).toEqual(held.map((value, nth) => [nth, BigInt(value)]));
  } finally {
    await world.stop();
  }
});
