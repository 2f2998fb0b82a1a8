/** Splits a typed line into words, the way people expect of a shell: quotes keep spaces, and where each word stood is kept. */

/** One word of a typed line. `start` and `end` are offsets into the line, quotes included. */
export interface Token {
  text: string;
  start: number;
  end: number;
  /** Offset of the first quote inside the word, or undefined: a quoted `a=b` is a value and never names an option. */
  quotedAt: number | undefined;
  /** False where a quote was opened and the line ended before it was closed. */
  closed: boolean;
}

/** Opening quote to the quotes that close it. Phones and Slack turn typed quotes into curly ones. */
const closers: Record<string, string> = { '"': '"”', "'": "'’", "“": '"”', "‘": "'’" };

/**
 * Words of a line. A quote counts only at the start of a word or right after its `=`, so that "don't" stays a word.
 * Inside double quotes a backslash before a quote or a backslash makes it plain.
 */
export function tokenize(line: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < line.length) {
    if (/\s/.test(line.charAt(at))) at++;
    else {
      const token = readWord(line, at);
      tokens.push(token);
      at = token.end;
    }
  }
  return tokens;
}

function readWord(line: string, start: number): Token {
  const token: Token = { text: "", start, end: start, quotedAt: undefined, closed: true };
  let at = start;
  while (at < line.length && !/\s/.test(line.charAt(at))) {
    const character = line.charAt(at);
    const opens = character in closers && token.quotedAt === undefined && (at === start || line.charAt(at - 1) === "=");
    if (opens) {
      token.quotedAt = token.text.length;
      at = readQuoted(line, at, token);
    } else {
      token.text += character;
      at++;
    }
  }
  token.end = at;
  return token;
}

function readQuoted(line: string, open: number, token: Token): number {
  const close = closers[line.charAt(open)] ?? "";
  const escapes = close.includes('"');
  let at = open + 1;
  while (at < line.length) {
    const character = line.charAt(at);
    if (close.includes(character)) return at + 1;
    if (escapes && character === "\\" && /["”\\]/.test(line.charAt(at + 1))) at++;
    token.text += line.charAt(at);
    at++;
  }
  token.closed = false;
  return at;
}

/** The value as it must be typed to come back as one word. */
export function quote(value: string): string {
  if (/^[^\s"'“”‘’=\\-][^\s"'“”‘’=\\]*$/.test(value)) return value;
  return `"${value.replace(/["”\\]/g, "\\$&")}"`;
}
