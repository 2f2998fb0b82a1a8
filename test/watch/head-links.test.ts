/** Blocks that should be pushed and are not: since when, why, and whom it is said to. */

import { expect, test } from "vitest";
import type { HeadLink } from "../../src/block-reads.ts";
import { blocksCard } from "../../src/ceremonies/cards/blocks-card.ts";
import type { Chains } from "../../src/ports.ts";
import { headLinks } from "../../src/watch/head-links.ts";
import { mainnet, START, samplePolicy } from "../support/sample-council.ts";

function one() {
  let now = START;
  let link: HeadLink | undefined;
  const chains = { ids: [mainnet], get: () => ({ headLink: () => link }) } as unknown as Chains;
  const links = headLinks({ chains, policy: samplePolicy(), clock: { now: () => now } });
  return {
    links,
    becomes(seconds: bigint, by: HeadLink["by"], reason = "") {
      now += seconds;
      link = { by, reason };
      return links.health()[0]?.health;
    },
  };
}

test("a chain that nobody follows has none; polling that was set up is no fault, and polling instead of being pushed is one", () => {
  const { links, becomes } = one();
  expect(links.health()).toEqual([]);
  expect(becomes(1n, "polling")).toEqual({ state: "up", since: START + 1n, reason: "" });
  expect(becomes(1n, "push")).toEqual({ state: "up", since: START + 1n, reason: "" });
  expect(becomes(5n, "polling", "It was cut.")).toEqual({ state: "down", since: START + 7n, reason: "It was cut." });
  expect(becomes(5n, "nothing", "Refused.")).toEqual({ state: "down", since: START + 7n, reason: "Refused." });
  expect(becomes(5n, "push")).toEqual({ state: "up", since: START + 17n, reason: "" });
});

test("the channel reads why, and that nothing is lost by it", () => {
  const reason = "The RPC of Ethereum cut the connection. New blocks are asked for every 1000 ms over http.";
  const card = blocksCard("blocks of Ethereum", { state: "down", since: 0n, reason }, 100n);
  expect(card).toMatchObject({
    ...{ key: "chain/blocks of Ethereum", tone: "warning", status: "not pushed" },
    title: "Blocks of Ethereum are not pushed by the node",
    summary: `Since 1970-01-01 00:00:00 UTC: ${reason}`,
  });
  expect(blocksCard("blocks of Ethereum", { state: "up", since: 0n, reason: "" }, 101n)).toMatchObject({
    ...{ key: card.key, tone: "good", title: "Blocks of Ethereum are pushed again" },
    summary: "Since 1970-01-01 00:00:00 UTC.",
  });
});
