/** Headers and proofs: public values, tries built here, and what a real node gives. */

import fc from "fast-check";
import { type Address, type Hex, keccak256, pad, toHex, toRlp } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { accountProof, BrokenProof, headerHash, provenAccount, provenValue } from "../../src/chain/proof.ts";
import { slots } from "../../src/domain/known-slots.ts";
import { zeroHash } from "../../src/domain/primitives.ts";
import { type StartedWorld, startWorld } from "../../src/embedded/world.ts";
import { samplePolicy } from "../support/sample-policy.ts";
import { trieOf } from "./trie.ts";

const zeros = (bytes: number) => `0x${"00".repeat(bytes)}`;
const emptyTrie = "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421";

/** Ethereum's first block, as everybody knows it. */
const genesis = {
  ...{ parentHash: zeros(32), miner: zeros(20), logsBloom: zeros(256), mixHash: zeros(32) },
  sha3Uncles: "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347",
  stateRoot: "0xd7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544",
  ...{ transactionsRoot: emptyTrie, receiptsRoot: emptyTrie },
  ...{ difficulty: "0x400000000", number: "0x0", gasLimit: "0x1388", gasUsed: "0x0", timestamp: "0x0" },
  extraData: "0x11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa",
  nonce: "0x0000000000000042",
};

describe("a header's hash", () => {
  test("is the block's hash", () => {
    expect(headerHash(genesis)).toBe("0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3");
  });
  test.each(Object.keys(genesis))("hangs on %s, and there is none without it", (name) => {
    const { [name as keyof typeof genesis]: value, ...rest } = genesis;
    expect(headerHash(rest)).toBeUndefined();
    const digit = value.at(-1) === "1" ? "2" : "1";
    expect(headerHash({ ...genesis, [name]: value.slice(0, -1) + digit })).not.toBe(headerHash(genesis));
  });
  test("hangs on the fields of later forks", () => {
    const hash = headerHash(genesis);
    expect(headerHash({ ...genesis, baseFeePerGas: "0x7" })).not.toBe(hash);
    expect(headerHash({ ...genesis, baseFeePerGas: "garbage" })).toBeUndefined();
  });
});

describe("a proof out of a trie", () => {
  const key = fc.uint8Array({ minLength: 1, maxLength: 4 }).map((one) => toHex(one));
  const value = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((one) => toHex(one));
  const entries = fc.uniqueArray(fc.tuple(key, value), { selector: ([one]) => one, maxLength: 40 });

  test("shows what is there, and that nothing else is", () => {
    fc.assert(
      fc.property(entries, key, (list, other) => {
        const { root, proof } = trieOf(list);
        for (const [own, held] of list) expect(provenValue(root, own, proof(own))).toBe(held);
        const there = list.find(([own]) => own === other)?.[1];
        expect(provenValue(root, other, proof(other))).toBe(there);
      }),
      { numRuns: 60 },
    );
  });

  test("with a node left out or changed shows nothing", () => {
    fc.assert(
      fc.property(entries, fc.nat(), (list, pick) => {
        const [own] = list[pick % Math.max(1, list.length)] ?? [];
        if (own === undefined) return;
        const { root, proof } = trieOf(list);
        const nodes = proof(own);
        const at = pick % nodes.length;
        const changed = nodes.map(
          (node, index): Hex =>
            index === at ? `${node.slice(0, -2) as Hex}${node.endsWith("aa") ? "bb" : "aa"}` : node,
        );
        expect(() => provenValue(root, own, nodes.toSpliced(at, 1))).toThrow(BrokenProof);
        expect(() => provenValue(root, own, changed)).toThrow(BrokenProof);
      }),
      { numRuns: 60 },
    );
  });

  test("of an account that does not exist shows no code and no storage", () => {
    const { root, proof } = trieOf([[pad("0x01", { size: 20 }), toRlp(["0x", "0x01", emptyTrie, keccak256("0x")])]]);
    const nobody = pad("0x02", { size: 20 });
    const given = { accountProof: proof(nobody), storageProof: [] };
    expect(provenAccount(root, nobody, [zeroHash], given)).toEqual({ codeHash: zeroHash, words: [zeroHash] });
  });

  test.each<[string, Hex]>([
    ["no list", "0x83646f67"],
    ["a list of three", toRlp(["0x01", "0x02", "0x03"])],
    ["no RLP", "0xf8"],
    ["a leaf with impossible flags", toRlp(["0x51", "0x02"])],
  ])("that is %s at its root is broken", (_what, node) => {
    expect(() => provenValue(keccak256(node), "0x01", [node])).toThrow(BrokenProof);
  });
});

describe("a real node", () => {
  let world: StartedWorld;
  beforeAll(async () => {
    world = await startWorld();
    await world.node.request("evm_mine");
  });
  afterAll(() => world.stop());

  const latest = async () =>
    (await world.node.request("eth_getBlockByNumber", "latest", false)) as Record<string, string>;
  async function proven(account: Address, keys: readonly Hex[]) {
    const block = await latest();
    const given = await world.node.request("eth_getProof", account, keys, { blockHash: block.hash });
    return provenAccount(block.stateRoot as Hex, account, keys, accountProof.parse(given));
  }

  test("gives headers that have their hash", async () => {
    const block = await latest();
    expect(headerHash(block)).toBe(block.hash);
    expect(headerHash({ ...block, stateRoot: zeroHash })).not.toBe(block.hash);
  });

  test("proves code, words and that there is nothing", async () => {
    const [where] = (await samplePolicy()).chains;
    if (where === undefined) throw new Error("The sample has a chain.");
    const keys = [toHex(4, { size: 32 }), toHex(99, { size: 32 }), slots.safeGuard];
    const { codeHash, words } = await proven(where.council, keys);
    expect(codeHash).toBe(keccak256((await world.node.request("eth_getCode", where.council, "latest")) as Hex));
    expect(words).toEqual([toHex(3, { size: 32 }), zeroHash, zeroHash]);
    const nobody = await proven("0x00000000000000000000000000000000000e5e5E", keys);
    expect(nobody).toEqual({ codeHash: zeroHash, words: [zeroHash, zeroHash, zeroHash] });
  });
});
