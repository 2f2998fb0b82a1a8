/** What upgrades-core says of one variable, in the words of the layout gate. */

import type { getStorageUpgradeReport } from "@openzeppelin/upgrades-core";
import type { LayoutFact } from "../build-facts.ts";

type Operation = ReturnType<typeof getStorageUpgradeReport>["ops"][number];
type Field = { label: string; contract?: string; slot?: string; offset?: number; type?: { item: { label: string } } };

const kinds: Record<Exclude<Operation["kind"], "delete-namespace">, LayoutFact["kind"]> = {
  insert: "inserted",
  append: "inserted",
  delete: "deleted",
  replace: "replaced",
  rename: "renamed",
  typechange: "retyped",
  layoutchange: "moved",
  shrinkgap: "gap",
  finishgap: "gap",
};

export function layoutOperation(operation: Operation): LayoutFact {
  if (operation.kind === "delete-namespace")
    return { kind: "namespace-deleted", subject: operation.namespace, before: operation.namespace, after: "" };
  const original = "original" in operation ? (operation.original as Field | undefined) : undefined;
  const updated = "updated" in operation ? (operation.updated as Field | undefined) : undefined;
  return {
    kind: kinds[operation.kind],
    subject: nameOf(updated ?? original),
    before: described(original),
    after: described(updated),
  };
}

function nameOf(field: Field | undefined): string {
  return [field?.contract, field?.label].filter((part) => part !== undefined).join(".");
}

/** "uint256 cap at slot 3", or "at slot 3, byte 16". */
function described(field: Field | undefined): string {
  if (field === undefined) return "";
  const place = field.slot === undefined ? "" : ` at slot ${field.slot}${field.offset ? `, byte ${field.offset}` : ""}`;
  return `${field.type?.item.label ?? ""} ${field.label}${place}`.trim();
}
