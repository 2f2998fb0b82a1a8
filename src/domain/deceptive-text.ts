/** Text that is not what it looks like (UAX #9, UTS #39): for gates, which refuse it. Adapters make text inert besides. */

/** What is wrong with a text, in a clause; undefined where nothing is. */
export function deception(text: string): string | undefined {
  const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u.exec(
    text.replace(/[\t\n\r]/g, " "),
  );
  if (unseen !== null) {
    const code = unseen[0].codePointAt(0) ?? 0;
    return `it has the ${nameOf(code)} character U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
  }
  if (text.normalize("NFC") !== text)
    return "its accents are written in pieces (it is not in Unicode's form NFC), so that two texts can look alike";
  if (/\p{M}{4}/u.test(text)) return "it piles up marks over and under the lines around it";
  const disguised =
    /[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\u24b6-\u24e9\u{1d400}-\u{1d7ff}\u{1f130}-\u{1f189}]/u.exec(text);
  if (disguised !== null)
    return `"${disguised[0]}" is another character that is drawn like ${disguised[0].normalize("NFKC")}`;
  const borrowed = borrowedWord(text);
  if (borrowed !== undefined)
    return `the word "${borrowed}" is written in ${scriptsOf(borrowed).join(" and ")} letters that all look like Latin ones`;
  const mixed = words(text).find((word) => scriptsOf(word).length > 1);
  if (mixed !== undefined)
    return `the word "${mixed}" mixes letters of ${scriptsOf(mixed).join(" and ")}, which look alike`;
  return undefined;
}

function nameOf(code: number): string {
  if (
    (code >= 0x202a && code <= 0x202e) ||
    (code >= 0x2066 && code <= 0x2069) ||
    [0x200e, 0x200f, 0x061c].includes(code)
  )
    return "direction-turning";
  if (code >= 0xe0000 && code <= 0xe0fff) return "tag";
  if ([0x200b, 0x200c, 0x200d, 0x2060, 0xfeff].includes(code)) return "zero-width";
  return "invisible";
}

/** Letters that are drawn as Latin ones are (UTS #39, confusables): a word of them alone reads as a Latin word. */
const twins = /^[асеорхуіјѕԁһӏԛԝѵАВЕЗІЈКМНОРСТУХЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧορν]{3,}$/u;

/** In a text that is Latin for the most part: whoever writes in another script uses such letters by right. */
function borrowedWord(text: string): string | undefined {
  const count = (script: RegExp) => text.match(script)?.length ?? 0;
  if (count(/\p{Script=Latin}/gu) <= count(/[\p{Script=Cyrillic}\p{Script=Greek}]/gu)) return undefined;
  return words(text).find((word) => twins.test(word));
}

const words = (text: string) => text.match(/[\p{L}\p{M}\p{Nd}]+/gu) ?? [];

/** Scripts whose letters are taken for one another; the others cannot pass for Latin ones. */
const confusable = ["Latin", "Cyrillic", "Greek", "Armenian", "Cherokee", "Coptic", "Lisu"] as const;

function scriptsOf(word: string): string[] {
  return confusable.filter((script) => patterns[script].test(word));
}

const patterns = Object.fromEntries(
  confusable.map((script) => [script, new RegExp(`\\p{Script=${script}}`, "u")]),
) as Record<(typeof confusable)[number], RegExp>;

/** Two addresses that a hurried reader takes for one: the same first and last four digits, as screens shorten them. */
export function lookAlike(a: string, b: string): boolean {
  const [one, two] = [a.toLowerCase(), b.toLowerCase()];
  return one !== two && one.slice(0, 6) === two.slice(0, 6) && one.slice(-4) === two.slice(-4);
}
