/**
 * The Evaluator contract: its code, and where that code and a catalogue live where they are deployed. See Evaluator.sol
 * for what it is asked and what it answers.
 */

import { type Address, concat, getAddress, getContractAddress, type Hex, size, slice } from "viem";
import { deterministicDeployer } from "../preconditions/preconditions.ts";
import artefact from "./artefacts/Evaluator.json" with { type: "json" };

/** CREATE2 address through the deterministic deployer with salt 0 (EIP-1014): the same on every chain. */
export const evaluatorAddress: Address = getAddress(artefact.address);

export const evaluatorCode = artefact.runtimeBytecode as Hex;

/** Answers a storage slot to whoever calls with its number: CALLDATALOAD 0, SLOAD, return the word. */
export const slotReaderCode: Hex = "0x6000355460005260206000f3";

/** What a contract's code may have at most (EIP-170), less the byte in front that makes it no code. */
const largestPiece = 24_575;

const salt: Hex = `0x${"0".repeat(64)}`;

/** Code of the accounts that hold a catalogue: 00, which stops whoever calls it, and a part of the catalogue. */
export function pieceCodes(catalogue: Hex): Hex[] {
  const bytes = size(catalogue);
  const count = Math.ceil(bytes / largestPiece);
  return Array.from({ length: count }, (_none, at) =>
    concat(["0x00", slice(catalogue, at * largestPiece, Math.min(bytes, (at + 1) * largestPiece))]),
  );
}

/** PUSH2 length, DUP1, PUSH1 10, RETURNDATASIZE, CODECOPY, RETURNDATASIZE, RETURN: creates the code that follows it. */
function initCode(code: Hex): Hex {
  return concat([`0x61${size(code).toString(16).padStart(4, "0")}80600a3d393df3`, code]);
}

/** Where a piece is deployed by the deterministic deployer: its address follows from what it holds. */
export function pieceAddress(code: Hex): Address {
  return getContractAddress({ opcode: "CREATE2", from: deterministicDeployer, salt, bytecode: initCode(code) });
}

/** What transactions to the deterministic deployer carry, the Evaluator first: what is there already reverts. */
export function deployments(pieces: readonly Hex[]): { at: Address; data: Hex }[] {
  return [
    { at: evaluatorAddress, data: concat([salt, artefact.bytecode as Hex]) },
    ...pieces.map((code) => ({ at: pieceAddress(code), data: concat([salt, initCode(code)]) })),
  ];
}
