/**
 * Entries as they are sent: many are alike but for their address and arguments, as those of vaults with the same floor, and
 * what they share goes up once. See Evaluator.sol for both forms.
 */

/** Hexadecimal, without 0x; `shapes` is what the catalogue begins with. */
export interface Written {
  shapes: string;
  entries: string;
}

interface Plain {
  /** All but address and arguments, in a shape's form. */
  shape: string;
  /** The entry, but for its shape's number. */
  rest: string;
}

/** Numbers that there are for shapes. */
const mostShapes = 128;
/** Characters of a shape: what it saves must be more. */
const shapeLength = 128;

/** Never longer than the entries as they are. */
export function written(entries: readonly string[]): Written {
  const plain = entries.map(plainIn);
  const saved = new Map<string, number>();
  for (const [nth, one] of plain.entries()) {
    if (one === undefined) continue;
    const own = (entries[nth]?.length ?? 0) - one.rest.length - 2;
    saved.set(one.shape, (saved.get(one.shape) ?? 0) + own);
  }
  const worthwhile = [...saved].filter(([, characters]) => characters > shapeLength).sort(([, a], [, b]) => b - a);
  const numbers = new Map(worthwhile.slice(0, mostShapes).map(([shape], nth) => [shape, nth]));
  const shorter = plain.map((one, nth) => {
    const number = one && numbers.get(one.shape);
    return number === undefined ? entries[nth] : (0x80 | number).toString(16) + one?.rest;
  });
  return { shapes: [...numbers.keys()].join(""), entries: shorter.join("") };
}

/** Undefined for another than a plain entry, and for one whose calldata is no selector with words. */
function plainIn(entry: string): Plain | undefined {
  const size = Number.parseInt(entry.slice(56, 58), 16);
  if (entry.slice(4, 6) !== "00" || size % 32 !== 4) return undefined;
  const [verdicts, bits, address] = [entry.slice(6, 12), entry.slice(12, 14), entry.slice(16, 56)];
  const [selector, args, limit] = [entry.slice(58, 66), entry.slice(66, 58 + size * 2), entry.slice(58 + size * 2)];
  const terms = verdicts + bits + entry.slice(56, 58) + selector;
  const words = (args.match(/.{64}/g) ?? []).map((word) => word.replace(/^(00)+/, ""));
  const short = words.map((word) => (word.length / 2).toString(16).padStart(2, "0") + word);
  return { shape: terms.padEnd(64, "0") + limit.padStart(64, "0"), rest: address + short.join("") };
}
