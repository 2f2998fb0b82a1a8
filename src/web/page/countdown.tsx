/** How long the window is still open, in words, counted on from the chain's newest block. */

import { useEffect, useState } from "preact/hooks";
import { duration } from "../../domain/duration.ts";
import type { LegCall } from "./execution.ts";
import { Notice } from "./notice.tsx";
import { utc } from "./plain-words.ts";

/** Timestamp of a block in seconds, and this computer's time in milliseconds when it was read. */
export interface Reading {
  blockTime: bigint;
  readAt: number;
}

export function Countdown({ call, reading }: { call: LegCall; reading: Reading }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 10_000);
    return () => clearInterval(timer);
  }, []);
  const time = reading.blockTime + BigInt(Math.max(0, Math.floor((now - reading.readAt) / 1000)));
  const { opens, ends } = call.window;
  const [tone, title] =
    time < opens
      ? (["warning", `The window of ${call.id} opens in ${minutes(opens - time)}.`] as const)
      : time <= ends
        ? (["wait", `The window of ${call.id} is open for another ${minutes(ends - time)}.`] as const)
        : (["bad", `The window of ${call.id} is over.`] as const);
  const until = `It ${time < opens ? `opens at ${utc(opens)}` : `ends at ${utc(ends)}`}; the chain's newest block read here is of ${utc(reading.blockTime)}.`;
  return <Notice tone={tone} title={title} sentences={[until]} />;
}

/** As exactly as matters: days and hours, hours and minutes, and seconds only at the very end. */
function minutes(seconds: bigint): string {
  if (seconds >= 172_800n) return `${seconds / 86_400n} days ${(seconds % 86_400n) / 3600n} h`;
  return duration(seconds >= 120n ? seconds - (seconds % 60n) : seconds);
}
