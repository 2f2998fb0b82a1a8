/** The table of what was tried: step, field, the layer that refused. */

import type { TriedRow } from "./run-rows.ts";

const widths = { step: 24, field: 58, refusedBy: 34 };

const columns = (step: string, field: string, refusedBy: string, verdict: string) =>
  `${step.padEnd(widths.step)} ${field.padEnd(widths.field)} ${refusedBy.padEnd(widths.refusedBy)} ${verdict}`;

export const tableHead = columns("STEP", "FIELD", "REFUSED BY", "");

export function rowLines(one: TriedRow): string[] {
  const line = columns(one.step, one.field, one.refusedBy, one.ok ? "✓ ok" : "✗ WRONG");
  if (one.ok) return [line];
  return [line, `  expected ${one.layer}${one.changed === undefined ? "" : `; ${one.changed}`}`];
}
