/** What people and strangers do on the chain without Quorate: real transactions, and only ever on a chain of our own. */

import {
  type Hex as Bytes,
  concat,
  encodeAbiParameters,
  encodeFunctionData,
  keccak256,
  parseAbi,
  parseAbiParameters,
  parseEther,
  zeroAddress,
} from "viem";
import { sign } from "viem/accounts";
import type { Address, Hex } from "../domain/primitives.ts";
import { embeddedPeople, type PersonName } from "../embedded/people.ts";
import { users } from "../embedded/traders.ts";
import type { World } from "../embedded/world.ts";
import { call } from "./raw-chain.ts";
import { sentBy, stranger } from "./tampered/world.ts";

const abi = parseAbi([
  "function transfer(address to, uint256 amount)",
  "function nonce() view returns (uint256)",
  "function getTransactionHash(address to, uint256 value, bytes data, uint8 operation, uint256 safeTxGas, uint256 baseGas, uint256 gasPrice, address gasToken, address refundReceiver, uint256 nonce) view returns (bytes32)",
  "function execTransaction(address to, uint256 value, bytes data, uint8 operation, uint256 safeTxGas, uint256 baseGas, uint256 gasPrice, address gasToken, address refundReceiver, bytes signatures)",
]);

/** The pilot pool gives tokens away, as if by a hole in it: then it owes more than it has. */
export async function drained(world: World, tokens = "100"): Promise<void> {
  const args = [stranger, parseEther(tokens)] as const;
  await sentBy(world, world.pilotPool, world.asset, encodeFunctionData({ abi, functionName: "transfer", args }));
}

/** Somebody gives the pilot pool so much of its token, which nobody asked for. */
export async function donated(world: World, tokens: string): Promise<void> {
  const args = [world.pilotPool, parseEther(tokens)] as const;
  const data = encodeFunctionData({ abi, functionName: "transfer", args });
  await sentBy(world, users.at(-1) ?? stranger, world.asset, data);
}

/** A Safe's transaction that its owners sign with their own keys, and anybody sends. */
export async function sentBySafe(
  world: World,
  safe: Address,
  owners: readonly PersonName[],
  { to, data }: { to: Address; data: Hex },
): Promise<void> {
  const plain = [to, 0n, data, 0, 0n, 0n, 0n, zeroAddress, zeroAddress] as const;
  const nonce = BigInt(await call(world.url, safe, encodeFunctionData({ abi, functionName: "nonce" })));
  const asked = encodeFunctionData({ abi, functionName: "getTransactionHash", args: [...plain, nonce] });
  const hash = await call(world.url, safe, asked);
  // Safe wants them in the order of their addresses.
  const signers = owners
    .map((name) => embeddedPeople[name])
    .sort((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1));
  const signatures: Bytes[] = await Promise.all(signers.map(({ privateKey }) => sign({ hash, privateKey, to: "hex" })));
  const data_ = encodeFunctionData({ abi, functionName: "execTransaction", args: [...plain, concat(signatures)] });
  await sentBy(world, stranger, safe, data_);
}

/** Where OpenZeppelin's ERC20 keeps what an account has: keccak256(account ‖ 0). */
export function balanceSlot(account: Address): Hex {
  return keccak256(encodeAbiParameters(parseAbiParameters("address, uint256"), [account, 0n]));
}
