/** What the Evaluator is asked; see Evaluator.sol. */

import { concat, numberToHex } from "viem";
import type { Address, Hex } from "../../domain/primitives.ts";
import type { Catalogue } from "../../domain/watch/catalogue.ts";
import type { RpcCall } from "../rpc.ts";
import { evaluatorAddress, evaluatorCode, pieceAddress, pieceCodes, slotReaderCode } from "./evaluator.ts";
import { entriesOf, type Kind, lengthOf, type Part } from "./plan.ts";
import { written } from "./shapes.ts";

declare global {
  interface JSON {
    /** ES2025's neighbour (proposal-json-parse-with-source): text that JSON.stringify takes over as it is. Since Node 22. */
    rawJSON?(text: string): object;
  }
}

/** The same on every block: it is put together once. */
export interface Question {
  data: Hex;
  /** The same as it stands in a message: a catalogue that is sent is the longest part of it, and is written once. */
  written: unknown;
  overrides: Record<Address, { code: Hex }> | undefined;
}

export interface Terms {
  readGas: bigint;
  tellAll: boolean;
}

/** A part of a deployed catalogue. */
export interface Piece {
  address: Address;
  bytes: number;
}

export function piecesOf(kind: Kind): Piece[] {
  return pieceCodes(`0x${kind.code}`).map((code) => ({ address: pieceAddress(code), bytes: code.length / 2 - 2 }));
}

/** With the entries in it, and the Evaluator in place of whatever is at its address. */
export function sendingQuestion(catalogue: Catalogue, kind: Kind, part: Part, terms: Terms): Question {
  const { shapes, entries } = written(entriesOf(kind, part));
  const data = concat([head(terms, shapes.length / 2, part.to - part.from, 0), `0x${shapes}${entries}`]);
  const slots = kind.indices.slice(part.from, part.to).flatMap((index) => catalogue.entries[index]?.slots ?? []);
  const readers = Object.fromEntries(slots.map((account) => [account, { code: slotReaderCode }]));
  const overrides = { ...readers, [evaluatorAddress]: { code: evaluatorCode } };
  return { data, written: JSON.rawJSON?.(JSON.stringify(data)) ?? data, overrides };
}

/** With the addresses of the pieces that hold the part. */
export function deployedQuestion(pieces: readonly Piece[], kind: Kind, part: Part, terms: Terms): Question {
  const start = (kind.starts[part.from] ?? 0) / 2;
  const end = start + lengthOf(kind, part) / 2;
  let [at, skip] = [0, start];
  const needed = pieces.filter(({ bytes }) => {
    const [from, to] = [at, at + bytes];
    at = to;
    if (to <= start) skip -= bytes;
    return to > start && from < end;
  });
  const data = concat([head(terms, skip, part.to - part.from, needed.length), ...needed.map((one) => one.address)]);
  return { data, written: data, overrides: undefined };
}

function head({ readGas, tellAll }: Terms, skip: number, count: number, pieces: number): Hex {
  return concat([
    numberToHex(readGas, { size: 4 }),
    numberToHex(skip, { size: 3 }),
    numberToHex(count, { size: 3 }),
    numberToHex(pieces | (tellAll ? 0x80 : 0), { size: 1 }),
  ]);
}

/** One question as an eth_call at a block. */
export function callAt({ written, overrides }: Question, { blockHash }: { blockHash: Hex }, gas: bigint): RpcCall {
  const call = { to: evaluatorAddress, data: written, gas: numberToHex(gas) };
  return {
    method: "eth_call",
    params: overrides === undefined ? [call, { blockHash }] : [call, { blockHash }, overrides],
  };
}
