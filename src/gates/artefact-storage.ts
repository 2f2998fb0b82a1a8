/** What an implementation holds in storage of its own: nothing but the mark that its initialisers are locked. */

import { numberToHex } from "viem";
import type { Finding } from "../domain/events.ts";
import type { Address, Hex } from "../domain/primitives.ts";
import { findings, type GateInput } from "./gate.ts";
import { isLock } from "./initialiser-locks.ts";
import type { NewCode } from "./new-code.ts";

const { flag } = findings("artefact");

export interface StoredWord {
  slot: Hex;
  value: Hex;
}

const firstSlots: readonly Hex[] = Array.from({ length: 16 }, (_, index) => numberToHex(index, { size: 32 }));
/** More constants than any contract has slots. */
const mostConstants = 60;

/** The first slots, and every one that the code names as a constant with an empty last byte, as ERC-7201 slots are. */
export async function storedIn({ chain, to, toCode }: NewCode, { chains, builds }: GateInput): Promise<StoredWord[]> {
  const [walk] = await builds.walk([toCode]);
  const named = (walk?.constants ?? [])
    .filter((one) => one.endsWith("00") && !one.endsWith("0000"))
    .slice(0, mostConstants);
  const slots = [...firstSlots, ...named];
  const words = await chains.get(chain).words(slots.map((slot) => ({ account: to, slot })));
  return slots
    .map((slot, index) => ({ slot, value: words[index] ?? "0x" }))
    .filter(({ value }) => BigInt(value) !== 0n);
}

export function judgeOwnStorage(name: string, to: Address, stored: readonly StoredWord[]): Finding[] {
  const odd = stored.filter(({ slot, value }) => !isLock(slot, value));
  if (odd.length === 0) return [];
  return [
    flag(
      "implementation-storage",
      `The new implementation of ${name} has storage of its own, which a clean one has not: somebody used it, or its constructor wrote it.`,
      {
        evidence: `${to}: ${odd.map(({ slot, value }) => `slot ${slot} is ${value}`).join("; ")}`,
        fix: "Deploy it again with a constructor that only locks the initialisers.",
      },
    ),
  ];
}
