/** Whether a wallet signed a text with personal_sign: its key (EIP-191), or its contract (EIP-1271). */

import { decodeFunctionResult, encodeFunctionData, hashMessage, keccak256, parseAbi } from "viem";
import { type Address, emptyCodeHash, type Hex, zeroHash } from "../domain/primitives.ts";
import { recoverOwner } from "../domain/safe-signatures.ts";
import { type Chain, ChainFault } from "../ports.ts";

/** https://eips.ethereum.org/EIPS/eip-1271 */
const abi = parseAbi(["function isValidSignature(bytes32 hash, bytes signature) view returns (bytes4 magic)"]);
const magic = "0x1626ba7e";

/**
 * Why the signature proves nothing, as a sentence; undefined where it does. A contract wallet is asked on `chain`; what
 * cannot be read there is a ChainFault.
 */
export async function proofProblem(
  wallet: Address,
  text: string,
  signature: Hex,
  chain: Chain,
): Promise<string | undefined> {
  const hash = hashMessage(text);
  const recovered = await recoverOwner(hash, withUsualV(signature));
  if (recovered.ok && recovered.owner === wallet) return undefined;
  if (await hasCode(wallet, chain)) {
    if (await isAccepted(wallet, hash, signature, chain)) return undefined;
    return `The contract at ${wallet} does not accept this signature over the text (EIP-1271). Sign the text again as it stands, with that wallet.`;
  }
  return recovered.ok
    ? `The signature is by ${recovered.owner} and not by ${wallet}, or it is over another text. Sign the text exactly as it stands, with the wallet that it names.`
    : recovered.reason;
}

/** keccak256 of the text's bytes and of the signature's, and both, as they are kept beside the log. */
export function proofBlobs(text: string, signature: Hex): { hash: Hex; bytes: Uint8Array }[] {
  return [new TextEncoder().encode(text), Uint8Array.from(Buffer.from(signature.slice(2), "hex"))].map((bytes) => ({
    hash: keccak256(bytes),
    bytes,
  }));
}

/** Some devices end a personal_sign signature in 0 or 1 instead of 27 or 28; it says the same. */
function withUsualV(signature: Hex): Hex {
  if (!/0[01]$/.test(signature) || signature.length !== 132) return signature;
  return `${signature.slice(0, 130)}${signature.endsWith("00") ? "1b" : "1c"}` as Hex;
}

async function hasCode(wallet: Address, chain: Chain): Promise<boolean> {
  const hash = await chain.codeHash(wallet);
  return hash !== zeroHash && hash !== emptyCodeHash;
}

async function isAccepted(wallet: Address, hash: Hex, signature: Hex, chain: Chain): Promise<boolean> {
  const data = encodeFunctionData({ abi, functionName: "isValidSignature", args: [hash, signature] });
  try {
    const answer = await chain.call(wallet, data);
    return decodeFunctionResult({ abi, functionName: "isValidSignature", data: answer }) === magic;
  } catch (fault) {
    if (fault instanceof ChainFault && fault.kind !== "reverted") throw fault;
    return false;
  }
}
