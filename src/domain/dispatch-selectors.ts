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
  const bytes = Buffer.from(code.slice(2), "hex");
  const found = new Set<Hex>();
  const recent: { selector: Hex; at: number }[] = [];
  let index = 0;
  for (let at = 0; at < bytes.length; at += 1, index += 1) {
    const opcode = bytes[at] ?? 0;
    if (opcode >= push1 && opcode <= push32) {
      const size = opcode - push1 + 1;
      // Selectors with leading zeros are pushed shorter.
      if (opcode <= push4 && size >= 2 && at + size < bytes.length) {
        const selector: Hex = `0x${bytes.subarray(at + 1, at + 1 + size).toString("hex").padStart(8, "0")}`;
        recent.push({ selector, at: index });
      }
      at += size;
    } else if (opcode === eq) {
      for (const one of recent) if (index - one.at <= near) found.add(one.selector);
    }
    if (recent.length > 4) recent.shift();
  }
  return [...found];
}
