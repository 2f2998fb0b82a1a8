/** At which block several sources are asked: the newest that enough of them have, and the one that everything is read from. */

import type { Head } from "../chain-facts.ts";
import type { NamedHead, Source } from "../chain-sources.ts";
import { ChainFault } from "../ports.ts";

/** Seconds by which the ordinary source may be behind before it counts as silent. */
const patience = 120n;

/** What a source said first. */
export type Standing = { source: Source; head: NamedHead } | { source: Source; fault: string; wrongChain: boolean };

export interface Choice {
  /** Undefined where not enough of them share any. */
  block: Head | undefined;
  standing: Standing[];
  /** A source's newest block that no other has and that is not just ahead: by host, in words. */
  odd: Map<string, string>;
  /** How many share the block that most of them have. */
  most: number;
}

/** One message a source where their newest blocks are alike, else two. The ordinary source is the first. */
export async function chooseBlock(sources: readonly Source[], agree: number): Promise<Choice> {
  const standing = await Promise.all(sources.map(standingOf));
  const up = standing.flatMap((one) => ("head" in one ? [one] : []));
  const [first] = up;
  if (first === undefined) return { block: undefined, standing, odd: new Map(), most: 0 };
  if (up.length >= agree && up.every((one) => one.head.hash === first.head.hash))
    return { block: headOf(first.head), standing, odd: new Map(), most: up.length };
  const hashes = [...new Set(up.flatMap(({ head }) => [head.hash, head.parent]))];
  const known = await Promise.all(up.map(async ({ source, head }) => [head, ...(await knownBy(source, hashes))]));
  const shared = sharedBlocks(known);
  const enough = shared.filter((one) => one.by.size >= agree);
  const newest = enough[0]?.block;
  const ordinary = enough.find(({ by }) => by.has(0) && up[0]?.source === sources[0])?.block;
  const block =
    ordinary !== undefined && newest && newest.timestamp - ordinary.timestamp <= patience ? ordinary : newest;
  const odd = new Map<string, string>();
  const sealed = up.some((one) => one.head.sealed);
  for (const { source, head } of up) {
    const isForged = sealed && !head.sealed;
    const by = shared.find((one) => one.block.hash === head.hash && one.block.number === head.number)?.by.size ?? 1;
    if (newest && by < 2 && (isForged || isOdd(head, newest)))
      odd.set(source.host, `block ${head.number} is ${head.hash}${isForged ? ", which its header does not have" : ""}`);
  }
  return { block, standing, odd, most: Math.max(0, ...shared.map(({ by }) => by.size)) };
}

async function standingOf(source: Source): Promise<Standing> {
  try {
    return { source, head: await source.head() };
  } catch (fault) {
    if (!(fault instanceof ChainFault)) throw fault;
    return { source, fault: fault.message, wrongChain: fault.kind === "wrong chain" };
  }
}

/** A source that cannot be asked any more knows only the block it named. */
async function knownBy(source: Source, hashes: readonly Head["hash"][]): Promise<Head[]> {
  try {
    return (await source.blocks(hashes)).filter((one) => one !== undefined);
  } catch (fault) {
    if (fault instanceof ChainFault) return [];
    throw fault;
  }
}

/** Blocks with the sources that have them, by index, the newest first. A hash under another number is another block. */
function sharedBlocks(known: readonly (readonly Head[])[]): { block: Head; by: Set<number> }[] {
  const blocks = new Map<string, { block: Head; by: Set<number> }>();
  for (const [index, heads] of known.entries())
    for (const head of heads) {
      const key = `${head.number}:${head.hash}:${head.timestamp}`;
      const one = blocks.get(key) ?? { block: headOf(head), by: new Set() };
      one.by.add(index);
      blocks.set(key, one);
    }
  return [...blocks.values()].sort((a, b) => Number(b.block.number - a.block.number));
}

function headOf({ number, hash, timestamp }: Head): Head {
  return { number, hash, timestamp };
}

/** Another block where the others have one already, or one that is far ahead of them. */
function isOdd(head: Head, newest: Head): boolean {
  return head.number <= newest.number || head.timestamp > newest.timestamp + patience;
}
