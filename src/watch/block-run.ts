/** Recorded blocks in a row, as the block stream keeps them in memory: where a row goes on, and where it was left. */

import type { Block } from "../block-reads.ts";
import type { BlockRun } from "../block-store.ts";
import type { Hex } from "../domain/primitives.ts";

/** Blocks that a reorganisation may take out. Deeper ones are not believed: blocks have long been final by then. */
export const deepest = 64;
/** What is kept of a run: what can be taken out, and the block before it, on which the other branch begins. */
export const keptBlocks = deepest + 1;

export const tipOf = (run: BlockRun): Block | undefined => run.newest.at(-1);

/** Number of the block that comes next. */
export function nextOf(run: BlockRun): bigint {
  const tip = tipOf(run);
  return tip === undefined ? run.first : tip.number + 1n;
}

export function follows(run: BlockRun, block: Block): boolean {
  if (block.number !== nextOf(run)) return false;
  const before = tipOf(run)?.hash ?? run.parent;
  return before === undefined || before === block.parent;
}

/** Whether each block is the child of the one before it. */
export function areInARow(blocks: readonly Block[]): boolean {
  return blocks.every((one, index) => {
    const before = blocks[index - 1];
    return before === undefined || (one.parent === before.hash && one.number === before.number + 1n);
  });
}

/** Adjoins runs where the first block of one is the child of the last of the one before. */
export function joined(runs: readonly BlockRun[]): BlockRun[] {
  const result: BlockRun[] = [];
  for (const run of runs) {
    const before = result.at(-1);
    const tip = before && tipOf(before);
    if (before !== undefined && tip !== undefined && nextOf(before) === run.first && tip.hash === run.parent)
      result[result.length - 1] = { ...before, newest: [...before.newest, ...run.newest].slice(-keptBlocks) };
    else result.push(run);
  }
  return result;
}

/** Up to which number no block is missing; undefined where nothing was watched yet. */
export function completeOf(runs: readonly BlockRun[]): bigint | undefined {
  const [base] = joined(runs);
  return base && nextOf(base) - 1n;
}

export interface Split {
  /** Of the run, oldest first: no longer in the chain. */
  orphaned: Block[];
  /** Their replacements, by number. */
  instead: Map<bigint, Hex>;
  /** Hash of the newest of these. */
  top: Hex;
}

/**
 * Where the node's chain left the run. Asks for a few of its newest numbers, then for ever more, until a block is known.
 * Undefined where it did not leave it.
 */
export async function splitOf(
  run: BlockRun,
  blocks: (numbers: readonly bigint[]) => Promise<Block[]>,
): Promise<Split | undefined> {
  let branch: Block[] = [];
  for (let wanted = 4; ; wanted *= 4) {
    const kept = run.newest.slice(-wanted);
    const missing = kept.slice(0, kept.length - branch.length);
    branch = [...(await blocks(missing.map((one) => one.number))), ...branch];
    if (!areInARow(branch)) throw new Unsettled("the node moved to another branch between two answers");
    const same = kept.findLastIndex((one, index) => one.hash === branch[index]?.hash);
    const top = branch.at(-1);
    if (top === undefined || same === kept.length - 1) return undefined;
    const isWhole = kept.length === run.newest.length;
    if (same < 0 && !isWhole) continue;
    if (same < 0 && kept[0]?.number !== run.first)
      throw new Error(
        `The chain left what was recorded more than ${deepest} blocks ago, at block ${run.newest[0]?.number} or before. That is not believed: compare the RPC with another one.`,
      );
    const orphaned = kept.slice(same + 1);
    return { orphaned, instead: new Map(branch.map((one) => [one.number, one.hash])), top: top.hash };
  }
}

/** The node is between two states: nothing is wrong yet, and it is asked again. */
export class Unsettled extends Error {
  override readonly name = "Unsettled";
}
