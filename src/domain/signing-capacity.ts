/** Whether the people there are could complete a Safe's signatures, where each of them signs once, in one place of the tree. */

import type { BoundSafe } from "./events.ts";
import { type GivenApproval, samePath, signingPaths } from "./nested-safes.ts";
import type { Address } from "./primitives.ts";

/** A signature, and who gave it. */
export interface Place extends GivenApproval {
  person: string;
}

interface Capacity {
  safe: BoundSafe;
  /** The person who may sign with a wallet; undefined where nobody may. */
  personOf(wallet: Address): string | undefined;
  /** What was signed already. */
  given: readonly Place[];
}

/** True where some choice of people reaches the threshold of the Safe. */
export function canBeCompleted(capacity: Capacity): boolean {
  const spent = new Set(capacity.given.map((one) => one.person));
  const paths = signingPaths(capacity.safe);
  return !complete({ ...capacity, paths }, [], spent).next().done;
}

/** With the Safes of the tree that can be asked for a signature at all. */
type Tree = Capacity & { paths: readonly (readonly Address[])[] };

/** Ways in which a Safe of the tree gets to its threshold, each as the people who have signed by then. */
function* complete(capacity: Tree, via: readonly Address[], spent: Set<string>): Generator<Set<string>> {
  const { safe } = capacity;
  const at = via.length === 0 ? safe : safe.nested.find((one) => one.address === via.at(-1));
  if (at === undefined || !capacity.paths.some((path) => samePath(path, via))) return;
  yield* choose(capacity, via, at.owners, at.threshold, spent);
}

/** Ways to get `wanted` more of the owners. */
function* choose(
  capacity: Tree,
  via: readonly Address[],
  owners: readonly Address[],
  wanted: number,
  spent: Set<string>,
): Generator<Set<string>> {
  if (wanted === 0) return yield spent;
  const [owner, ...rest] = owners;
  if (owner === undefined || mostOf(capacity, via, owners, spent) < wanted) return;
  let isFree = false;
  for (const after of ways(capacity, via, owner, spent)) {
    // It costs nobody: leaving it out could not be better.
    isFree = after.size === spent.size;
    yield* choose(capacity, via, rest, wanted - 1, after);
    if (isFree) break;
  }
  if (!isFree) yield* choose(capacity, via, rest, wanted, spent);
}

/** More than so many owners can never approve: what is hopeless is not tried out. */
function mostOf(
  { safe, given, personOf }: Tree,
  via: readonly Address[],
  owners: readonly Address[],
  spent: Set<string>,
): number {
  const people = new Set<string>();
  let others = 0;
  for (const owner of owners) {
    const person = personOf(owner);
    const isGiven = given.some((one) => one.owner === owner && samePath(one.via, via));
    if (isGiven || safe.nested.some((one) => one.address === owner)) others += 1;
    else if (person !== undefined && !spent.has(person)) people.add(person);
  }
  return people.size + others;
}

function* ways(capacity: Tree, via: readonly Address[], owner: Address, spent: Set<string>): Generator<Set<string>> {
  const { given, personOf } = capacity;
  if (given.some((one) => one.owner === owner && samePath(one.via, via))) return yield spent;
  const person = personOf(owner);
  if (person !== undefined && !spent.has(person)) yield new Set([...spent, person]);
  yield* complete(capacity, [...via, owner], spent);
}
