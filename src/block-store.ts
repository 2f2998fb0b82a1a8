/** What is kept of every block that was watched: one row a chain and block, and how far nothing is missing. */

import type { Block } from "./block-reads.ts";
import type { Verdict } from "./domain/metrics.ts";
import type { ChainId, Hex } from "./domain/primitives.ts";
import type { SampleRow } from "./ports.ts";

/** A block with what the catalogue of metrics said of it. */
export interface JudgedBlock extends Block {
  /** Hash of the catalogue. */
  catalogue: Hex;
  /** By index in the catalogue. */
  verdicts: readonly Verdict[];
}

/** Recorded blocks of the canonical chain that follow each other without a gap. */
export interface BlockRun {
  /** Number of its first block; where nothing is kept of it, of the first block that is wanted. */
  first: bigint;
  /** Parent of its first block; undefined where any will do. */
  parent: Hex | undefined;
  /** Its newest blocks, oldest first. */
  newest: Block[];
}

/** Which samples are wanted; all that are canonical by default. */
export interface WhichSamples {
  /** So many of the newest. */
  newest?: number;
  /** So many of the oldest. */
  oldest?: number | undefined;
  /** Of this block and those after it. */
  from?: bigint | undefined;
  /** Of blocks before this one. */
  below?: bigint | undefined;
  /** Those of blocks that a reorganisation took out as well. */
  superseded?: boolean;
}

/** A block that a reorganisation took out, and the one that has its place now. */
export interface OrphanedBlock {
  number: bigint;
  hash: Hex;
  by: Hex;
}

/** A part of {@link import("./ports.ts").Store}. */
export interface BlockStore {
  /** All runs, oldest first, with up to `depth` of their newest blocks; empty where the chain was never watched. */
  blockRuns(chain: ChainId, depth: number): Promise<BlockRun[]>;
  /**
   * Records a block, the values read in it, and that up to `complete` no block is missing, in one transaction. A block
   * that was recorded before is one row still, and canonical again.
   */
  keepBlock(chain: ChainId, block: JudgedBlock, samples: readonly SampleRow[], complete: bigint): Promise<void>;
  /** Marks blocks that a reorganisation took out, each with the block that has its place now. */
  supersedeBlocks(chain: ChainId, orphaned: readonly OrphanedBlock[], complete: bigint): Promise<void>;
  /** Canonical blocks by number, both ends included, in order. */
  judgedBlocks(chain: ChainId, from: bigint, to: bigint): Promise<JudgedBlock[]>;
  /** Canonical blocks from a number on that a metric of a ceremony was not measured in, in order, so many at most. */
  unsampled(chain: ChainId, sample: { ceremony: string; metric: string }, from: bigint, most: number): Promise<Block[]>;
  /** The newest canonical blocks, oldest first. */
  newestJudged(chain: ChainId, count: number): Promise<JudgedBlock[]>;
}
