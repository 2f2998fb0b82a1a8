/** The invariants, measured on the raw chain in every block since the first execution: which were broken, and which not. */

import type { Subjects } from "./judge.ts";
import { gauged, ownerOf } from "./raw-protocol.ts";

interface Invariant {
  /** What is found where it held in every block, and where it did not. */
  held: string;
  broken: string;
  /** At one block, given what it was before the ceremony: whether it holds, and what was read. */
  read(subjects: Subjects, block: bigint, start: bigint): Promise<{ holds: boolean; value: string }>;
}

/** One a class: asset, economic, authorization, liveness. */
export const invariants = {
  solvency: {
    held: "The pilot pool had what it owed",
    broken: "The pilot pool really owed more than it had",
    async read(subjects, block) {
      const value = await gauged(subjects, "poolSolvency", subjects.pilotPool, block);
      return { holds: value >= 10_000n, value: `${value} of 10,000` };
    },
  },
  sharePrice: {
    held: "The vault's shares lost nothing of their price",
    broken: "The vault's shares really lost of their price",
    async read(subjects, block, start) {
      const price = (at: bigint) => gauged(subjects, "sharePrice", subjects.vault, at);
      const [before, value] = await Promise.all([price(start), price(block)]);
      return { holds: value >= before, value: `${value}, ${before} before` };
    },
  },
  owner: {
    held: "The vault belonged to the timelock",
    broken: "The vault really belonged to somebody else than the timelock",
    async read({ url, vault, timelock }, block) {
      const owner = await ownerOf(url, vault, block);
      return { holds: owner === timelock.toLowerCase(), value: owner };
    },
  },
  priceAge: {
    held: "The price was never older than an hour",
    broken: "The price really was older than an hour",
    async read(subjects, block) {
      const value = await gauged(subjects, "priceAge", subjects.priceFeed, block);
      return { holds: value <= 3600n, value: `${value} s` };
    },
  },
} satisfies Record<string, Invariant>;
export type InvariantName = keyof typeof invariants;

/** A proof each: broken at some block where that is promised, and at none where it is not. */
export async function measured(
  subjects: Subjects,
  { start, from, to }: { start: bigint; from: bigint; to: bigint },
  promised: readonly InvariantName[],
): Promise<{ claim: string; holds: boolean; found: string }[]> {
  const blocks = Array.from({ length: Number(to - from) + 1 }, (_, index) => from + BigInt(index));
  const names = Object.keys(invariants) as InvariantName[];
  return Promise.all(
    names.map(async (name) => {
      const invariant: Invariant = invariants[name];
      const [first, ...read] = await Promise.all(
        [start, ...blocks].map((block) => invariant.read(subjects, block, start)),
      );
      const bad = read.find((one) => !one.holds);
      const isBroken = promised.includes(name);
      return {
        claim: isBroken
          ? `${invariant.broken}: the invariant was broken on the chain`
          : `${invariant.held} in every block`,
        holds: first?.holds === true && (bad !== undefined) === isBroken,
        found: `${(bad ?? read.at(-1))?.value}, ${blocks.length} blocks read`,
      };
    }),
  );
}
