/** What policy may say of a chain's sources. */

import { expect, test } from "vitest";
import { chainPolicy } from "../../src/domain/chain-policy.ts";
import { samplePolicy } from "../support/sample-council.ts";

const [chain] = samplePolicy().chains;
const parsed = (sources: unknown) => chainPolicy.safeParse({ ...chain, lowGas: "1", sources });

test.each([
  [1, 1],
  [2, 2],
  [2, 3],
  [5, 9],
])("%i of %i may have to agree", (agree, of) => {
  expect(parsed({ agree, of }).success).toBe(true);
});

test.each([
  ["half, so that two answers could have enough", 1, 2],
  ["fewer than half", 2, 5],
  ["more than there are", 4, 3],
  ["none", 0, 3],
])("but not %s", (_what, agree, of) => {
  expect(parsed({ agree, of }).success).toBe(false);
});
