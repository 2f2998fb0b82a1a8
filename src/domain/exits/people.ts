/** Who suffices: the smallest sets of people that can set something off, and how many of them may be lost. */

import { namesOf, type Policy } from "../policy.ts";

export interface Sufficiency {
  /** Smallest first; leaving anybody out of one, the rest does not suffice. Ids, each set in the order of the policy. */
  sets: string[][];
  /** So many people may be lost, whoever they are, and it still works; -1 where nobody suffices. */
  spare: number;
}

/** Sets that are tried; where there are more, those that were found by then are told, and the spare is at least so much. */
const mostSets = 5_000;

/** `suffices` holds for every set that contains one for which it holds. `pool`: everybody who could make a difference. */
export function sufficiencyOf(
  pool: readonly string[],
  suffices: (people: ReadonlySet<string>) => boolean,
): Sufficiency {
  const sets: string[][] = [];
  let tried = 0;
  if (!suffices(new Set(pool))) return { sets, spare: -1 };
  for (let size = 0; size <= pool.length; size += 1) {
    const smaller = [...sets];
    for (const people of choices(pool, size)) {
      tried += 1;
      if (tried > mostSets) return { sets, spare: spareIn(pool, suffices) };
      const set = new Set(people);
      if (!smaller.some((known) => known.every((id) => set.has(id))) && suffices(set)) sets.push(people);
    }
    // Whoever they are: there is no larger set that needs all of its people.
    if (isAnyOf(sets, pool.length)) return { sets, spare: pool.length - size };
  }
  return { sets, spare: spareIn(pool, suffices) };
}

/** Whether it takes so many, and any will do. */
function isAnyOf([first = [], ...rest]: readonly string[][], count: number): boolean {
  const size = first.length;
  return size > 0 && rest.every((one) => one.length === size) && rest.length + 1 === ways(count, size);
}

/** Subsets of one size, in the order of the list. */
function* choices(list: readonly string[], size: number): Generator<string[]> {
  if (size === 0) return yield [];
  for (const [index, first] of list.entries())
    for (const rest of choices(list.slice(index + 1), size - 1)) yield [first, ...rest];
}

/** One less than the fewest whose loss leaves nobody who suffices. */
function spareIn(pool: readonly string[], suffices: (people: ReadonlySet<string>) => boolean): number {
  let tried = 0;
  for (let lost = 0; lost <= pool.length; lost += 1)
    for (const gone of choices(pool, lost)) {
      tried += 1;
      if (tried > mostSets) return lost - 1;
      if (!suffices(new Set(pool.filter((id) => !gone.includes(id))))) return lost - 1;
    }
  return pool.length;
}

/** "any 1 of 3: Ada, Caro or Gus", "Ada and Ben together", "Ada and Gus, or Caro and Gus"; "nobody" where there is no set. */
export function peopleInWords({ sets }: Sufficiency, policy: Policy): string {
  const [first] = sets;
  if (first === undefined) return "nobody";
  if (first.length === 0) return "anybody";
  const all = [...new Set(sets.flat())];
  if (isAnyOf(sets, all.length) && sets.length > 1)
    return `any ${first.length} of ${all.length}: ${namesOf(policy, inOrder(all, policy))}`;
  const told = sets.slice(0, 3).map((one) => together(one, policy, sets.length === 1));
  const more = sets.length > 3 ? [`${sets.length - 3} more ways`] : [];
  return [...told, ...more].join(", or ");
}

/** How much may go wrong with people: "no spare", "1 to spare". */
export function spareInWords({ spare, sets }: Sufficiency): string {
  if (sets.length === 0) return "it works for nobody";
  return spare <= 0 ? "no spare" : `${spare} to spare`;
}

function together(ids: readonly string[], policy: Policy, alone: boolean): string {
  const names = ids.map((id) => namesOf(policy, [id]));
  if (names.length === 1) return alone ? `only ${names[0]}` : (names[0] ?? "");
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}${alone ? " together" : ""}`;
}

function inOrder(ids: readonly string[], policy: Policy): string[] {
  return policy.people.map((one) => one.id).filter((id) => ids.includes(id));
}

/** Subsets of `size` out of `count`. */
function ways(count: number, size: number): number {
  let found = 1;
  for (let index = 0; index < size; index += 1) found = (found * (count - index)) / (index + 1);
  return Math.round(found);
}
