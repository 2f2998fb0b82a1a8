/** What a block's hash binds, without trusting who tells it: its header (Yellow Paper 4.4) and Merkle-Patricia proofs (EIP-1186). */

import { fromRlp, keccak256, padHex, size, slice, toRlp } from "viem";
import { z } from "zod";
import { type Address, emptyCodeHash, type Hex, zeroHash } from "../domain/primitives.ts";
import { hexAddress, hexBytes, hexQuantity, hexWord } from "./rpc.ts";

/** keccak256(rlp("")): the root of a trie without entries. */
const emptyRoot: Hex = "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421";

const quantity = hexQuantity.transform((number): Hex => (number === 0n ? "0x" : evenHex(number)));
const fixed = (bytes: number) => hexBytes.refine((one) => size(one) === bytes);

/** Fields in the order of the header's RLP; those of later forks are optional, and each needs the ones before it. */
const headerFields = [
  ["parentHash", hexWord],
  ["sha3Uncles", hexWord],
  ["miner", hexAddress.transform((one) => one.toLowerCase() as Hex)],
  ["stateRoot", hexWord],
  ["transactionsRoot", hexWord],
  ["receiptsRoot", hexWord],
  ["logsBloom", fixed(256)],
  ["difficulty", quantity],
  ["number", quantity],
  ["gasLimit", quantity],
  ["gasUsed", quantity],
  ["timestamp", quantity],
  ["extraData", hexBytes],
  ["mixHash", hexWord],
  ["nonce", fixed(8)],
] as const;
const laterFields = [
  ["baseFeePerGas", quantity],
  ["withdrawalsRoot", hexWord],
  ["blobGasUsed", quantity],
  ["excessBlobGas", quantity],
  ["parentBeaconBlockRoot", hexWord],
  ["requestsHash", hexWord],
] as const;

/** Hash of a block's header, from the fields of its JSON; undefined where one is missing or misshapen. */
export function headerHash(block: Record<string, unknown>): Hex | undefined {
  const fields: Hex[] = [];
  for (const [name, form] of headerFields) {
    const field = form.safeParse(block[name]);
    if (!field.success) return undefined;
    fields.push(field.data);
  }
  for (const [name, form] of laterFields) {
    if (block[name] === undefined || block[name] === null) break;
    const field = form.safeParse(block[name]);
    if (!field.success) return undefined;
    fields.push(field.data);
  }
  return keccak256(toRlp(fields));
}

function evenHex(number: bigint): Hex {
  const digits = number.toString(16);
  return `0x${digits.length % 2 === 0 ? digits : `0${digits}`}`;
}

/** A proof that does not lead from the root to what it claims. */
export class BrokenProof extends Error {
  override readonly name = "BrokenProof";
}

/** Answer of `eth_getProof`; only the nodes are believed, and only as far as their hashes fit. */
export const accountProof = z.object({
  accountProof: z.array(hexBytes),
  storageProof: z.array(z.object({ proof: z.array(hexBytes) })),
});

export interface ProvenAccount {
  /** EXTCODEHASH: zero for an account that does not exist. */
  codeHash: Hex;
  /** 32 bytes a slot, in the order asked. */
  words: Hex[];
}

/** What the proof says of an account and its slots. Throws {@link BrokenProof}. */
export function provenAccount(
  stateRoot: Hex,
  account: Address,
  slots: readonly Hex[],
  proof: z.output<typeof accountProof>,
): ProvenAccount {
  const leaf = provenValue(stateRoot, account, proof.accountProof);
  if (leaf === undefined) return { codeHash: zeroHash, words: slots.map(() => zeroHash) };
  const [nonce, balance, storageRoot, codeHash] = strings(decoded(leaf), 4);
  if (storageRoot === undefined || codeHash === undefined) throw new BrokenProof("its account has no roots");
  // EIP-1052: an account that EIP-161 calls empty has the hash zero.
  const isEmpty = nonce === "0x" && balance === "0x" && codeHash === emptyCodeHash;
  return {
    codeHash: isEmpty ? zeroHash : codeHash,
    words: slots.map((slot, index) => {
      const value = provenValue(storageRoot, slot, proof.storageProof[index]?.proof ?? []);
      return value === undefined ? zeroHash : word(decoded(value));
    }),
  };
}

function word(value: Rlp): Hex {
  if (typeof value !== "string" || size(value) > 32) throw new BrokenProof("a value is longer than a word");
  return padHex(value, { size: 32 });
}

/** The value under keccak256(key) in the trie with this root; undefined where the proof shows that there is none. */
export function provenValue(root: Hex, key: Hex, nodes: readonly Hex[]): Hex | undefined {
  if (root === emptyRoot) return undefined;
  const byHash = new Map(nodes.map((node) => [keccak256(node), node]));
  const path = keccak256(key).slice(2);
  const node = (hash: Hex): Rlp => {
    const found = byHash.get(hash);
    if (found === undefined) throw new BrokenProof(`its node ${hash} is missing`);
    return decoded(found);
  };
  let at = 0;
  let next: Rlp = node(root);
  for (;;) {
    if (typeof next === "string") throw new BrokenProof("a node is no list");
    if (next.length === 17) {
      const child: Rlp | undefined = next[at === path.length ? 16 : Number.parseInt(path.charAt(at), 16)];
      if (child === undefined) throw new BrokenProof("a branch is too short");
      if (child === "0x") return undefined;
      if (at === path.length) return strings([child], 1)[0];
      at += 1;
      next = typeof child === "string" ? node(hashOf(child)) : child;
    } else {
      const [prefix = "0x", child] = next;
      if (next.length !== 2 || child === undefined) throw new BrokenProof("a node has no known form");
      const { nibbles, isLeaf } = compact(prefix);
      const fits = path.startsWith(nibbles, at);
      if (!fits) return undefined;
      at += nibbles.length;
      if (isLeaf) return at === path.length ? strings([child], 1)[0] : undefined;
      next = typeof child === "string" ? node(hashOf(child)) : child;
    }
  }
}

type Rlp = Hex | readonly Rlp[];

function decoded(bytes: Hex): Rlp {
  try {
    return fromRlp(bytes, "hex") as Rlp;
  } catch {
    throw new BrokenProof("a node is no RLP");
  }
}

function strings(list: Rlp, length: number): Hex[] {
  if (typeof list === "string" || list.length !== length) throw new BrokenProof("a value has no known form");
  return list.map((one) => {
    if (typeof one !== "string") throw new BrokenProof("a value has no known form");
    return one;
  });
}

function hashOf(child: Hex): Hex {
  if (size(child) !== 32) throw new BrokenProof("a node points to no node");
  return child;
}

/** Hex-prefix encoding (Yellow Paper, appendix C): flags in the first nibble, an odd path's first nibble beside them. */
function compact(prefix: Rlp): { nibbles: string; isLeaf: boolean } {
  if (typeof prefix !== "string" || size(prefix) === 0) throw new BrokenProof("a path has no known form");
  const flags = Number(slice(prefix, 0, 1)) >> 4;
  if (flags > 3) throw new BrokenProof("a path has no known form");
  return { nibbles: prefix.slice(flags % 2 === 1 ? 3 : 4), isLeaf: flags >= 2 };
}
