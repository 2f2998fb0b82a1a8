/**
 * The seven people of the embedded council, the gas account, and the accounts that use the protocol.
 *
 * EMBEDDED ONLY. The private keys follow from their labels, which are public: whoever reads this file holds them.
 */

import { getAddress, keccak256, stringToBytes } from "viem";
import { privateKeyToAddress } from "viem/accounts";
import type { Address, Hex } from "../domain/primitives.ts";

export interface EmbeddedAccount {
  privateKey: Hex;
  address: Address;
}

export const personNames = ["ada", "ben", "caro", "dev", "eve", "finn", "gus"] as const;
export type PersonName = (typeof personNames)[number];

export const councilNames = ["ada", "ben", "caro", "dev", "finn"] as const;
export const guardianNames = ["caro", "dev", "finn", "gus"] as const;
export const executorNames = ["eve", "gus"] as const;

function embeddedAccount(label: string): EmbeddedAccount {
  const privateKey = keccak256(stringToBytes(`quorate, embedded chain only, never fund: ${label}`));
  return { privateKey, address: privateKeyToAddress(privateKey) };
}

export const embeddedPeople = Object.fromEntries(personNames.map((name) => [name, embeddedAccount(name)])) as Record<
  PersonName,
  EmbeddedAccount
>;

/** A second wallet of each of them, which policy does not name: to try how one is linked. Undefined for a stranger. */
export function spareWallet(person: string): EmbeddedAccount | undefined {
  return (personNames as readonly string[]).includes(person) ? embeddedAccount(`spare wallet of ${person}`) : undefined;
}

/** Pays for the bot's transactions; holds no role. */
export const embeddedGasAccount: EmbeddedAccount = embeddedAccount("gas");

/** An account that nobody has a key for: anvil impersonates it. */
export function keylessAccount(label: string): Address {
  return getAddress(`0x${keccak256(stringToBytes(`quorate embedded account: ${label}`)).slice(-40)}`);
}
