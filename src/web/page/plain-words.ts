/** Names, times and texts as this page writes them. */

import type { CallWords } from "../../domain/call-sentences.ts";
import { proxyChanges, type ReleasePackage } from "../../domain/release-package.ts";

/** Seconds since 1970 as "2026-11-21 14:00 UTC", with seconds only where there are some. */
export function utc(seconds: bigint): string {
  if (seconds > 8_640_000_000_000n) return `second ${seconds} (never)`;
  const [day = "", time = ""] = new Date(Number(seconds) * 1000).toISOString().slice(0, 19).split("T");
  return `${day} ${time.endsWith(":00") ? time.slice(0, 5) : time} UTC`;
}

/** Names of addresses as the release package gives them; the address, which is what counts, stays beside the name. */
export function wordsOf(pkg: ReleasePackage): CallWords {
  const names = new Map<string, string>();
  const name = (address: string, what: string) => {
    const key = address.toLowerCase();
    if (!names.has(key)) names.set(key, what);
  };
  for (const leg of pkg.legs) {
    name(leg.authority.safe, "the council Safe");
    if (leg.authority.kind === "safe+timelock") name(leg.authority.timelock, "the timelock");
    name(leg.preconditionsAt, "the Preconditions contract");
    for (const change of proxyChanges(leg)) name(change.proxy, change.name);
  }
  for (const one of pkg.containment) name(one.safe, "the guardian Safe");
  return {
    nameOf: (address) => {
      const known = names.get(address.toLowerCase());
      return known === undefined ? address : `${known} (${address})`;
    },
    utc,
  };
}

/**
 * What nobody would see, or what turns the order of a line (UTS #39): it is shown as its code. Texts of a package are
 * people's, and people's texts may be hostile.
 */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

export function inert(text: string): string {
  return text.replace(unseen, (found) => (found === "\n" ? " " : `\\u{${found.codePointAt(0)?.toString(16)}}`));
}

/** "a", "a and b", "a, b and c". */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

const small = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

/** "one signature", "three signatures". */
export function counted(number: number, thing: string): string {
  return `${small[number] ?? number} ${thing}${number === 1 ? "" : "s"}`;
}

export function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
