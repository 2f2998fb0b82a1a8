/** Text from people and chains, before a platform escapes its own markup: nothing invisible, nothing that turns the order. */

/**
 * Control and format characters (zero-width, bidirectional, tags: UAX #9, UTS #39), line and paragraph separators,
 * private use, unassigned and lone surrogates, and what Unicode lets a renderer leave out (fillers, variation
 * selectors, the grapheme joiner), with the blank Braille pattern.
 */
const active = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** Combining marks beyond three in a row cover the lines around them. */
const piled = /(\p{M}{3})\p{M}+/gu;

/** One line; what would act is written as its code, `\u{202e}`. */
export function inertText(text: string): string {
  return visible(text.replace(/[\t\n\r\v\f\u0085\u2028\u2029]+/g, " "));
}

/** As {@link inertText}, keeping line feeds. */
export function inertLines(text: string): string {
  return text.replace(/\r\n?/g, "\n").split("\n").map(inertText).join("\n");
}

function visible(text: string): string {
  return text.replace(active, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`).replace(piled, "$1…");
}

/** At most `limit` UTF-16 units, ending in an ellipsis where something is missing; never half a character. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const kept = text.slice(0, Math.max(0, limit - 1));
  return `${kept.replace(/[\ud800-\udbff]$/, "")}…`;
}
