/** OpenZeppelin's mark that a contract's initialisers cannot run again, where its versions keep it. */

import type { Hex } from "../domain/primitives.ts";
import { zeroHash } from "../domain/primitives.ts";
import type { GateInput } from "./gate.ts";
import type { NewCode } from "./new-code.ts";

/** Since version 5: erc7201("openzeppelin.storage.Initializable"), 64 bits. */
const slotNow: Hex = "0xf0c57e16840df040f15088dc2f81fe391c3923bec73e23a9662efc9c229c6a00";
/** In version 4 the lowest byte of the first slot; before 4.6 a flag there. */
const slotOnce: Hex = zeroHash;

/** Whether this word, in this slot, is nothing but the lock. */
export function isLock(slot: Hex, value: Hex): boolean {
  const number = BigInt(value);
  if (slot === slotNow) return number === 0xffff_ffff_ffff_ffffn || number === 1n;
  return slot === slotOnce && (number === 0xffn || number === 1n);
}

/** Whether initialisers of the new implementations are locked in themselves; one request a chain. */
export async function initialisersLocked(
  changes: readonly NewCode[],
  { chains }: GateInput,
): Promise<{ locked: boolean; usual: boolean }[]> {
  const words = new Map<NewCode, Hex[]>();
  for (const id of new Set(changes.map((one) => one.chain))) {
    const own = changes.filter((one) => one.chain === id);
    const places = own.flatMap(({ to }) => [slotNow, slotOnce].map((slot) => ({ account: to, slot })));
    const found = await chains.get(id).words(places);
    for (const [index, one] of own.entries()) words.set(one, found.slice(index * 2, index * 2 + 2));
  }
  return changes.map((one) => {
    const [now, once] = words.get(one) ?? [];
    const usual = one.toCode.includes(slotNow.slice(2));
    const locked = isLock(slotNow, now ?? zeroHash) || (!usual && isLock(slotOnce, once ?? zeroHash));
    return { locked, usual };
  });
}
