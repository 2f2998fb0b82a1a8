/** Storage structs at slots of their own: whether they lie where their comment says, and where they lay before. */

import type { LayoutFact } from "../build-facts.ts";
import type { Hex } from "../domain/primitives.ts";
import { accessorsOf, erc7201Slot, type StorageAccessor } from "./storage-accessors.ts";
import type { TreeNode } from "./syntax-tree.ts";

export interface DefinedContract {
  definition: TreeNode;
  byId: ReadonlyMap<number, TreeNode>;
}

/** `constants`: what the new code itself pushes, as 32-byte words. */
export function namespaceFacts(from: DefinedContract, to: DefinedContract, constants: ReadonlySet<Hex>): LayoutFact[] {
  const before = accessorsOf(from.definition, from.byId);
  const after = accessorsOf(to.definition, to.byId);
  return [
    ...after.flatMap((one) => misplaced(one, constants)),
    ...before.flatMap((old) => changed(old, after)),
    ...shared(after),
  ];
}

function misplaced({ annotated, slot, struct }: StorageAccessor, constants: ReadonlySet<Hex>): LayoutFact[] {
  if (annotated === undefined) return [];
  const promised = erc7201Slot(annotated);
  const subject = `erc7201:${annotated} (${struct})`;
  if (slot !== undefined && slot !== promised)
    return [{ kind: "namespace-slot", subject, before: promised, after: slot }];
  if (slot !== undefined) return [];
  const kind = constants.has(promised) ? "namespace-unclear" : "namespace-unseen";
  return [{ kind, subject, before: promised, after: "" }];
}

/** The same struct somewhere else, or other members at the same slot. What upgrades-core compares by its comment is its own. */
function changed(old: StorageAccessor, after: readonly StorageAccessor[]): LayoutFact[] {
  if (old.slot === undefined) return [];
  const same = after.filter((one) => one.struct === old.struct);
  const here = after.find((one) => one.slot === old.slot);
  const subject = old.annotated === undefined ? old.struct : `erc7201:${old.annotated} (${old.struct})`;
  const [moved] = same;
  if (here === undefined && moved !== undefined && same.every((one) => one.slot !== undefined))
    return [{ kind: "namespace-moved", subject, before: old.slot, after: moved.slot ?? "" }];
  if (here === undefined && moved === undefined && old.annotated === undefined)
    return [{ kind: "namespace-deleted", subject, before: old.slot, after: "" }];
  if (here === undefined || (old.annotated !== undefined && here.annotated === old.annotated)) return [];
  const text = (list: StorageAccessor["members"]) => list.map(({ name, type }) => `${type} ${name}`);
  const [was, is] = [text(old.members), text(here.members)];
  const kept = was.every((line, index) => line === is[index]);
  return kept ? [] : [{ kind: "namespace-members", subject, before: was.join("; "), after: is.join("; ") }];
}

function shared(after: readonly StorageAccessor[]): LayoutFact[] {
  return after.flatMap((one, index) => {
    const other = after.slice(0, index).find((earlier) => earlier.slot === one.slot && earlier.struct !== one.struct);
    if (one.slot === undefined || other === undefined) return [];
    return [{ kind: "namespace-shared" as const, subject: one.struct, before: other.struct, after: one.slot }];
  });
}
