/** How a sentence that a person may read at 3 am looks: every refusal that a test produces is held to it. */

import { expect } from "vitest";

/** Hexadecimal and names in capitals are no prose. */
const notProse = /0x[0-9a-zA-Z]+|[A-Z]+_[A-Z_]+/g;

export function houseStyleFaults(sentence: string): string[] {
  const prose = sentence.replace(notProse, "X");
  return [
    /^[A-Z]/.test(sentence) ? "" : "does not start with a capital",
    /[^.]\.$/.test(sentence) ? "" : "does not end with one full stop",
    sentence.length < 400 ? "" : "is longer than 400 characters",
    /undefined|\[object|\bNaN\b|\bnull\b/.test(sentence) ? "shows a value that is none" : "",
    /\b[a-z]+[A-Z]\w*\b/.test(prose) ? "shows an identifier" : "",
    /[{}]|\s{2}/.test(prose) ? "shows code" : "",
  ].filter((one) => one !== "");
}

export function expectHouseStyle(sentence: string): void {
  const faults = houseStyleFaults(sentence);
  if (faults.length > 0) expect.fail(`"${sentence}" ${faults.join(", ")}`);
}
