/** How an exit stands, in words: the same in chat and on the ceremony's page. */

import { duration } from "../duration.ts";
import type { Policy } from "../policy.ts";
import type { ExitReading, ExitVerdict } from "./judge.ts";
import { peopleInWords, spareInWords } from "./people.ts";

export const verdictWords: Readonly<Record<ExitVerdict, string>> = {
  ready: "Ready",
  armed: "In place",
  preparing: "Being prepared",
  broken: "Does not work",
  unproved: "Not proved",
  over: "Not needed",
};

/** Beside the word, so that it is found at a glance. */
const marks: Readonly<Record<ExitVerdict, string>> = {
  ready: "✓",
  armed: "✓",
  preparing: "…",
  broken: "✗",
  unproved: "?",
  over: "–",
};

/** What it means, and why; whole sentences, without who suffices. */
export function whyInWords({ exit, verdict, reasons, notes }: ExitReading): string[] {
  const why = reasons.map((one) => one.sentence);
  switch (verdict) {
    case "ready":
      return ["It would work if it were sent now.", ...notes];
    case "armed":
      return [
        exit.kind === "containment"
          ? "It works as soon as the release is scheduled."
          : exit.stage === "live"
            ? "It was asked for, and waits the timelock's delay."
            : "It works as soon as its upgrade has run.",
        ...notes,
      ];
    case "preparing":
      return why.length > 0 ? why : ["It is not scheduled yet."];
    case "unproved":
      return ["The chain gave no answer to whether it would work.", ...notes];
    case "over":
      return notes.length > 0 ? notes : ["It was used, or given up for another."];
    case "broken":
      return [...why, ...notes];
  }
}

/** "any 1 of 3: Caro, Dev or Gus (2 to spare)"; empty where nobody is needed. */
export function whoInWords({ verdict, people }: ExitReading, policy: Policy): string {
  if (verdict === "over") return "";
  if (people.sets.length === 0) return "nobody can set it off";
  return `${peopleInWords(people, policy)} (${spareInWords(people)})`;
}

/** "block 12, 4 s ago". `now`: wall time, seconds. */
export function provedInWords({ block }: ExitReading, now: bigint): string {
  const age = now > block.timestamp ? now - block.timestamp : 0n;
  return `block ${block.number}, ${duration(age)} ago`;
}

/** One line an exit. */
export function exitLine(reading: ExitReading, policy: Policy, now: bigint): string {
  const { exit, verdict } = reading;
  const who = whoInWords(reading, policy);
  const parts = [
    `${marks[verdict]} ${verdictWords[verdict]}`,
    `${exit.action} (${exit.id})`,
    ...(who === "" ? [] : [who]),
    whyInWords(reading).join(" "),
    provedInWords(reading, now),
  ];
  return parts.join(" · ");
}
