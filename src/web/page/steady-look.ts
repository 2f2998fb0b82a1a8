/** A look takes many reads, and a block may come between two of them: together they then say what the chain never said. */

import type { Look } from "./work.ts";

const most = 4;

/**
 * Looks again where something differs, until two looks in a row come to the same, four times at most: nobody is warned of
 * what no block holds. What was not read is not tried again by itself: each try may take the wallet's whole time limit.
 */
export async function steadyLook(look: () => Promise<Look>): Promise<Look> {
  let found = await look();
  for (let looks = 1; looks < most && isDisputed(found); looks += 1) {
    const before = verdicts(found);
    found = await look();
    if (verdicts(found) === before) break;
  }
  return found;
}

const isDisputed = ({ checks }: Look) =>
  checks.some((one) => one.verdict === "differs") && checks.every((one) => one.verdict !== "not verified");

/** Without the sentences: some tell the newest block's time. */
const verdicts = ({ checks, done }: Look) => [...checks.map((one) => one.verdict), ...done].join();
