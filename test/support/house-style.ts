/** How a sentence that a person may read at 3 am looks: every refusal that a test produces is held to it. */

import { expect } from "vitest";
import type { Finding } from "../../src/domain/events.ts";

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

/** A finding may name functions and variables of contracts; beyond that it is one sentence, and so is what to do. */
export function expectFindingStyle({ code, severity, message, fix }: Finding): void {
  if (severity !== "info" && fix === "") expect.fail(`${code} does not say what to do`);
  for (const sentence of fix === "" ? [message] : [message, fix]) {
    const faults = [
      ...houseStyleFaults(sentence).filter((one) => one !== "shows an identifier"),
      /[\w)"]\. [A-Z]/.test(sentence) ? "is more than one sentence" : "",
      /(?<![\da-fx])\d{13,}/i.test(sentence) ? "has a number that nobody reads" : "",
    ].filter((one) => one !== "");
    if (faults.length > 0) expect.fail(`${code}: "${sentence}" ${faults.join(", ")}`);
  }
}

export function expectHouseStyle(sentence: string): void {
  const faults = houseStyleFaults(sentence);
  if (faults.length > 0) expect.fail(`"${sentence}" ${faults.join(", ")}`);
}
