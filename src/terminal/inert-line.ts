/** Text from people and chains on a terminal: it may not move the cursor, hide a line, or turn the order of letters. */

/** Control characters, line ends among them, and Unicode's invisible and direction marks (UAX #9). */
const active = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** One line whose every character is seen as it is; what would act is written as its code, `\u{1b}`. */
export function inertLine(text: string): string {
  return text.replace(active, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}
