/** What an implementation holds in storage of its own: nothing but the mark that its initialisers are locked. */

import { numberToHex } from "viem";
import type { CodeWalk } from "../domain/code-walk.ts";
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
export async function storedIn(
  changes: readonly NewCode[],
  { chains, builds }: GateInput,
): Promise<ReadonlyMap<NewCode, StoredWord[]>> {
  const walks = await builds.walk(changes.map((one) => one.toCode));
  const found = new Map<NewCode, StoredWord[]>();
  for (const id of new Set(changes.map((one) => one.chain))) {
    const places = changes.flatMap((change, index) =>
      change.chain === id ? slotsOf(walks[index]).map((slot) => ({ change, account: change.to, slot })) : [],
    );
    const words = await chains.get(id).words(places);
    for (const [index, { change, slot }] of places.entries()) {
      const value = words[index] ?? "0x";
      if (BigInt(value) !== 0n) found.set(change, [...(found.get(change) ?? []), { slot, value }]);
    }
  }
  return found;
}

function slotsOf(walk: CodeWalk | undefined): Hex[] {
  const named = (walk?.constants ?? [])
    .filter((one) => one.endsWith("00") && !one.endsWith("0000"))
    .slice(0, mostConstants);
  return [...firstSlots, ...named];
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
