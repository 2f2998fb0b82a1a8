/** The functions that code answers to, read from its dispatcher: without an ABI, every one of them is tried and compared. */

import type { Hex } from "./primitives.ts";

const push1 = 0x60;
const push4 = 0x63;
const push32 = 0x7f;
const eq = 0x14;
/** Between a selector and its comparison stands at most a DUP or a SWAP. */
const near = 2;

/** Selectors that the code compares calldata with, in the order of the code, each once. Data behind the code may add a few that are none. */
export function dispatchSelectors(code: Hex): Hex[] {
  const size = code.length / 2 - 1;
  const byteAt = (position: number) => Number.parseInt(code.slice(2 + 2 * position, 4 + 2 * position), 16);
  const found = new Set<Hex>();
  const recent: { selector: Hex; at: number }[] = [];
  let index = 0;
  for (let at = 0; at < size; at += 1, index += 1) {
    const opcode = byteAt(at);
    if (opcode >= push1 && opcode <= push32) {
      const pushed = opcode - push1 + 1;
      // Selectors with leading zeros are pushed shorter.
      if (opcode <= push4 && pushed >= 2 && at + pushed < size) {
        const selector: Hex = `0x${code
          .slice(4 + 2 * at, 4 + 2 * (at + pushed))
          .padStart(8, "0")
          .toLowerCase()}`;
        recent.push({ selector, at: index });
      }
      at += pushed;
    } else if (opcode === eq) {
      for (const one of recent) if (index - one.at <= near) found.add(one.selector);
    }
    if (recent.length > 4) recent.shift();
  }
  return [...found];
}
