/** The local wallets of the embedded people: they sign what any wallet would be asked to, with keys that are public. */

import { createPublicClient, http, parseGwei } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { approvalTypedData } from "../domain/nested-safes.ts";
import { chainNumber, type Hex } from "../domain/primitives.ts";
import { safeTypedData } from "../domain/safe-tx.ts";
import type { SignatureItem, TransactionItem } from "../view.ts";
import { embeddedPeople, type PersonName, personNames, spareWallet } from "./people.ts";

export interface LocalWallet {
  /** EIP-712 signature of the item's Safe transaction, or of the message of a Safe that the wallet owns on the way to it. */
  signTypedData(item: SignatureItem): Promise<Hex>;
  /** The raw signed transaction, not sent: the intake stores it before it is broadcast. */
  signTransaction(item: TransactionItem): Promise<Hex>;
}

/** The spare wallet's signature over a text (EIP-191). Throws for anybody but the seven. */
export async function signMessage(person: string, text: string): Promise<Hex> {
  const spare = spareWallet(person);
  if (spare === undefined) throw new Error(`The embedded chain has no wallet for ${person}.`);
  return privateKeyToAccount(spare.privateKey).signMessage({ message: text });
}

/** Throws for anybody but the seven. `url` is the embedded chain's. */
export function localWallet(person: string, url: string): LocalWallet {
  const name = personNames.find((one): one is PersonName => one === person);
  if (name === undefined) throw new Error(`The embedded chain has no wallet for ${person}.`);
  const account = privateKeyToAccount(embeddedPeople[name].privateKey);
  return {
    async signTypedData({ tx, places = [] }) {
      const place = places.find((one) => one.safe.owners.includes(account.address));
      return place === undefined
        ? account.signTypedData(safeTypedData(tx))
        : account.signTypedData(approvalTypedData(tx, place));
    },
    async signTransaction({ call }) {
      const client = createPublicClient({ transport: http(url) });
      const nonce = await client.getTransactionCount({ address: account.address, blockTag: "pending" });
      const fees = { maxFeePerGas: parseGwei("100"), maxPriorityFeePerGas: parseGwei("1") };
      const { to, value, data, chain } = call;
      const gas = 8_000_000n;
      return account.signTransaction({
        type: "eip1559",
        chainId: Number(chainNumber(chain)),
        nonce,
        gas,
        to,
        value,
        data,
        ...fees,
      });
    },
  };
}
