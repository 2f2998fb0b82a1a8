/** Values for an option while somebody types it: what fits, quickly, or nothing. */

import type { AdapterParts, Council } from "../adapter.ts";
import { cut, inertText } from "../inert-text.ts";
import { limits } from "./limits.ts";

/** Milliseconds; Discord drops what comes after three seconds. */
const patience = 2000;

/** At most 25, those that contain what is typed. Never rejects. */
export async function suggestions(
  council: Council,
  option: string,
  typed: string,
  onFault: AdapterParts["onFault"],
): Promise<{ name: string; value: string }[]> {
  let timer: NodeJS.Timeout | undefined;
  const nothing = new Promise<[]>((resolve) => {
    timer = setTimeout(() => resolve([]), patience);
  });
  try {
    const wanted = typed.trim().toLowerCase();
    const all = await Promise.race([council.suggest(option), nothing]);
    return all
      .filter(({ value }) => value !== "" && value.length <= limits.choiceText)
      .filter(({ value, label }) => `${value} ${label}`.toLowerCase().includes(wanted))
      .slice(0, limits.choices)
      .map(({ value, label }) => ({ name: nameOf(value, label), value }));
  } catch (fault) {
    onFault("discord autocomplete", fault);
    return [];
  } finally {
    clearTimeout(timer);
  }
}

function nameOf(value: string, label: string): string {
  return cut(inertText(label === value || label.trim() === "" ? value : `${value}: ${label}`), limits.choiceText);
}
