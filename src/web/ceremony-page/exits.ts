/** Whether the ways out would work if they were sent now: one row each. Only while a ceremony has some. */

import type { ExitReading, ExitVerdict } from "../../domain/exits/judge.ts";
import { verdictWords, whoInWords, whyInWords } from "../../domain/exits/words.ts";
import type { Tone } from "../../view.ts";
import type { PageFacts } from "./facts.ts";
import { type Html, html, pill, said, section, table } from "./markup.ts";
import { away } from "./times.ts";

const tones: Readonly<Record<ExitVerdict, Tone>> = {
  ready: "good",
  armed: "good",
  preparing: "progress",
  broken: "bad",
  unproved: "warning",
  over: "neutral",
};

export function exitsSection(it: PageFacts): Html | undefined {
  if (it.exits.length === 0) return undefined;
  return section("exits", "Ways out", [
    html`<p>Tried out on the newest block of each chain with the very transactions that would be sent; nothing is left behind.</p>`,
    table(
      "Pauses and rollbacks",
      ["What", "State", "Who suffices", "Why", "Proved"],
      it.exits.map((one) => row(one, it)),
    ),
  ]);
}

function row(reading: ExitReading, { policy, now }: PageFacts): (string | Html)[] {
  const { exit, verdict, block } = reading;
  return [
    html`${said(exit.action)} on ${exit.chain}`,
    pill(tones[verdict], verdictWords[verdict]),
    said(whoInWords(reading, policy)),
    said(whyInWords(reading).join(" ")),
    `block ${block.number}, ${away(block.timestamp, now)}`,
  ];
}
