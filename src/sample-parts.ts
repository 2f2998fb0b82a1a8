/** Many samples, read in parts: between two of them whatever is more urgent goes first. */

import { setImmediate } from "node:timers/promises";
import type { SampleRow, SampleStore } from "./ports.ts";

/** Rows that are read in one go: some milliseconds. */
const usual = 1_000;

/**
 * All of a ceremony's canonical samples from a block on, of whole blocks each time, oldest first; the last part may be
 * empty. `together`: rows of a part, and all at once where it is "all".
 */
export async function* sampleParts(
  store: Pick<SampleStore, "samples">,
  ceremony: string,
  { from, below }: { from: bigint; below?: bigint | undefined },
  together: number | "all" = usual,
): AsyncGenerator<SampleRow[], void> {
  for (let [next, count] = [from, together]; ; ) {
    const oldest = count === "all" ? undefined : count;
    const rows = await store.samples(ceremony, undefined, { from: next, below, oldest });
    if (oldest === undefined || rows.length < oldest) return yield rows;
    const cut = rows.at(-1)?.blockNumber ?? next;
    const whole = rows.filter((one) => one.blockNumber < cut);
    // One block has more than that: it is read as a whole all the same.
    count = whole.length === 0 ? 2 * oldest : together;
    next = whole.length === 0 ? next : cut;
    if (whole.length > 0) yield whole;
    await setImmediate();
  }
}
