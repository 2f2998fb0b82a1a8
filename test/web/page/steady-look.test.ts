/** How often the chain is looked at before somebody is told not to sign. */

import { expect, test } from "vitest";
import { agrees, type Check, differs, unread } from "../../../src/web/page/checks.ts";
import { steadyLook } from "../../../src/web/page/steady-look.ts";
import type { Look } from "../../../src/web/page/work.ts";

const none = new Map();
const facts = {
  chain: "eip155:1",
  safes: none,
  hashes: none,
  proxies: none,
  codeHashes: none,
  minDelays: none,
} as const;
const look = (checks: Check[], done: string[] = []): Look => ({ checks, facts, done });
const [good, bad, mixed] = [
  look([agrees("a"), agrees("b")]),
  look([agrees("a"), differs("b at 12:00:01")]),
  look([differs("a"), agrees("b")]),
];
const badLater = look([agrees("a"), differs("b at 12:00:02")]);

test.each<[string, Look[], Look, number]>([
  ["agrees", [good, bad], good, 1],
  ["differed in between alone", [bad, good, bad], good, 2],
  ["differs twice, whatever the time in the sentence", [bad, badLater, good], badLater, 2],
  ["differs in another place each time", [bad, mixed, mixed, good], mixed, 3],
  ["is done meanwhile", [bad, look([], ["item"]), bad], look([], ["item"]), 2],
  ["never comes to rest", [bad, mixed, bad, mixed, bad], mixed, 4],
  ["could not be read in part", [look([differs("a"), unread("b")]), good], look([differs("a"), unread("b")]), 1],
])("what %s is told as it is then", async (_what, looks, told, times) => {
  let taken = 0;
  const found = await steadyLook(async () => looks[taken++] ?? good);
  expect(found).toEqual(told);
  expect(taken).toBe(times);
});
