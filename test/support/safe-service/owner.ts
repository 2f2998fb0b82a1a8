/** What an owner does in Safe{Wallet}: signs a hash, well or badly, and hands it to the service. */

import { concat, hashMessage, toHex } from "viem";
import { sign } from "viem/accounts";
import type { Hex } from "../../../src/domain/primitives.ts";
import type { EmbeddedAccount } from "../../../src/embedded/people.ts";

export const signed = ({ privateKey }: EmbeddedAccount, hash: Hex): Promise<Hex> =>
  sign({ hash, privateKey, to: "hex" });

/** eth_sign, as Safe marks it: v is 31 or 32. */
export async function ethSigned({ privateKey }: EmbeddedAccount, hash: Hex): Promise<Hex> {
  const signature = await sign({ hash: hashMessage({ raw: hash }), privateKey, to: "hex" });
  return concat([`0x${signature.slice(2, 130)}`, toHex(Number(`0x${signature.slice(130)}`) + 4)]);
}

const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** The same signature in its other form (EIP-2): s in the upper half. */
export function withHighS(signature: Hex): Hex {
  const s = order - BigInt(`0x${signature.slice(66, 130)}`);
  const v = signature.endsWith("1b") ? "1c" : "1b";
  return `${signature.slice(0, 66)}${s.toString(16).padStart(64, "0")}${v}` as Hex;
}
