/**
 * Where forks of a chain have looked: accounts and slots, never what stood there. The next fork reads the same places of its
 * own block in one message before it begins; whatever it comes to besides, it asks for then. Only time hangs on any of it.
 */

import type { Address, Hex } from "../domain/primitives.ts";

export interface Touched {
  address: Address;
  slots: readonly Hex[];
}

export interface ForkPlaces {
  /** What is known at this moment; it stays as it is. */
  now(): Places;
  /** `questions`: keys of those whose places all are among the touched. */
  learn(touched: readonly Touched[], questions?: readonly string[]): void;
}

export interface Places {
  readonly slots: ReadonlyMap<Address, ReadonlySet<Hex>>;
  readonly questions: ReadonlySet<string>;
}

/** With more, all are forgotten: what is still looked at is learned again by the next fork. */
const most = { slots: 1_500, accounts: 150, questions: 300 } as const;
const nothing: Places = { slots: new Map(), questions: new Set() };

export function forkPlaces(): ForkPlaces {
  let known = nothing;
  return {
    now: () => known,
    learn(touched, questions = []) {
      const grown = { slots: joined(known.slots, touched), questions: new Set([...known.questions, ...questions]) };
      known = isTooMuch(grown) ? nothing : grown;
    },
  };
}

export function joined(known: Places["slots"], touched: readonly Touched[]): Map<Address, ReadonlySet<Hex>> {
  const all = new Map<Address, Set<Hex>>();
  for (const { address, slots } of [...inList(known), ...touched]) {
    const own = all.get(address) ?? new Set();
    for (const slot of slots) own.add(slot);
    all.set(address, own);
  }
  return all;
}

export const inList = (slots: Places["slots"]): Touched[] =>
  [...slots].map(([address, own]) => ({ address, slots: [...own] }));

function isTooMuch({ slots, questions }: Places): boolean {
  const count = [...slots.values()].reduce((sum, own) => sum + own.size, 0);
  return count > most.slots || slots.size > most.accounts || questions.size > most.questions;
}
