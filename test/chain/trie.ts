/** A Merkle-Patricia trie (Yellow Paper, appendix D) built the slow way, for proofs that no node has to give. */

import { concat, type Hex, keccak256, size, toRlp } from "viem";

type Item = Hex | readonly Item[];
/** Path in nibbles, and value. */
type Entry = readonly [string, Hex];

/** Root, and for any key the nodes on the way to it. Keys are hashed, as Ethereum's are; values are kept as they are. */
export function trieOf(entries: readonly (readonly [Hex, Hex])[]): { root: Hex; proof(key: Hex): Hex[] } {
  const all = entries.map(([key, value]): Entry => [keccak256(key).slice(2), value]);
  const root = all.length === 0 ? "0x" : nodeOf(all);
  return {
    root: keccak256(toRlp(root as Hex)),
    proof: (key) => (all.length === 0 ? [] : nodesTo(all, keccak256(key).slice(2))),
  };
}

function nodeOf(entries: readonly Entry[]): Item {
  const [first] = entries;
  if (first !== undefined && entries.length === 1) return [compact(first[0], true), first[1]];
  const shared = sharedBy(entries);
  if (shared.length > 0) return [compact(shared, false), pointer(after(entries, shared))];
  return [...branchOf(entries).map((group) => (group.length === 0 ? "0x" : pointer(group))), "0x"];
}

/** A node below 32 bytes stands in its parent itself. */
function pointer(entries: readonly Entry[]): Item {
  const node = nodeOf(entries);
  const encoded = toRlp(node as Hex);
  return size(encoded) < 32 ? node : keccak256(encoded);
}

function nodesTo(entries: readonly Entry[], path: string, isRoot = true): Hex[] {
  const encoded = toRlp(nodeOf(entries) as Hex);
  const own = isRoot || size(encoded) >= 32 ? [encoded] : [];
  const shared = entries.length === 1 ? "" : sharedBy(entries);
  if (entries.length === 1 || !path.startsWith(shared)) return own;
  if (shared.length > 0) return [...own, ...nodesTo(after(entries, shared), path.slice(shared.length), false)];
  const group = branchOf(entries)[Number.parseInt(path.charAt(0), 16)] ?? [];
  return group.length === 0 ? own : [...own, ...nodesTo(group, path.slice(1), false)];
}

function branchOf(entries: readonly Entry[]): Entry[][] {
  return Array.from({ length: 16 }, (_, nibble) => {
    const digit = nibble.toString(16);
    return after(
      entries.filter(([path]) => path.startsWith(digit)),
      digit,
    );
  });
}

function after(entries: readonly Entry[], prefix: string): Entry[] {
  return entries.map(([path, value]) => [path.slice(prefix.length), value]);
}

function sharedBy(entries: readonly Entry[]): string {
  const [[first] = [""]] = entries;
  let length = 0;
  while (length < first.length && entries.every(([path]) => path.charAt(length) === first.charAt(length))) length += 1;
  return first.slice(0, length);
}

function compact(path: string, isLeaf: boolean): Hex {
  const flags = (isLeaf ? 2 : 0) + (path.length % 2);
  return concat([
    `0x${flags.toString(16)}${path.length % 2 === 1 ? path.charAt(0) : "0"}`,
    `0x${path.slice(path.length % 2)}`,
  ]);
}
