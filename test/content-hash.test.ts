/** The hash of content is the one that everybody else computes. */

import fc from "fast-check";
import { keccak256 } from "viem";
import { expect, test } from "vitest";
import { contentHash } from "../src/content-hash.ts";

/** Around the 136 bytes that keccak256 takes in at once. */
const blocks = fc.nat({ max: 5 }).chain((count) => fc.integer({ min: -1, max: 1 }).map((off) => count * 136 + off));
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  blocks.map((size) => new Uint8Array(Math.max(0, size)).fill(7)),
);

test("of any bytes, one after another, it is keccak256", () => {
  fc.assert(
    fc.property(fc.array(bytes), (all) => {
      expect(all.map(contentHash)).toEqual(all.map((one) => keccak256(one)));
    }),
  );
});
