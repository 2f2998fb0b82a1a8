/** Moments as UTC and as how far away they are; the chain's own time counts where the chain decides. */

import type { BlockRef } from "../../domain/ceremony.ts";
import { days, duration } from "../../domain/duration.ts";
import type { ChainId } from "../../domain/primitives.ts";
import type { PageFacts } from "./facts.ts";
import { type Html, html, time } from "./markup.ts";

/** "2026-11-21 14:00:05 UTC (in 3 h 5 min)". */
export function when(seconds: bigint, now: bigint, { words }: PageFacts): Html {
  return html`${time(seconds, words.utc(seconds))} (${away(seconds, now)})`;
}

export function away(seconds: bigint, now: bigint): string {
  if (seconds > 8_640_000_000_000n) return "never";
  if (seconds === now) return "now";
  return seconds > now ? `in ${rounded(seconds - now)}` : `${rounded(now - seconds)} ago`;
}

/** Whole minutes from an hour on, whole hours from two days on: nobody plans by the second of the day after tomorrow. */
function rounded(seconds: bigint): string {
  if (seconds < 172_800n) return duration(seconds);
  const hours = (seconds % 86_400n) / 3600n;
  return `${days(seconds / 86_400n)}${hours === 0n ? "" : ` ${hours} h`}`;
}

/** Time of the chain's newest block; this program's clock where the chain did not answer. */
export function chainNow(chain: ChainId, { heads, now }: PageFacts): bigint {
  return heads.find((one) => one.chain === chain)?.timestamp ?? now;
}

/** "open, closes in 3 h", with both ends. */
export function window(from: bigint, to: bigint, now: bigint, it: PageFacts): Html {
  const state =
    now < from
      ? `Opens ${away(from, now)}`
      : now <= to
        ? `Open now, closes ${away(to, now)}`
        : `Closed ${away(to, now)}`;
  return html`${state}: ${time(from, it.words.utc(from))} to ${time(to, it.words.utc(to))}`;
}

export function headWords({ number, timestamp }: BlockRef, { words }: PageFacts): string {
  return `block ${number}, ${words.utc(timestamp)}`;
}
