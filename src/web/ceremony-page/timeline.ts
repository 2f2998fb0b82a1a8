/** The way from draft to closed as a list: marks are repeated in words. */

import type { PageFacts } from "./facts.ts";
import { lifecycleSteps, type Step } from "./lifecycle-steps.ts";
import { type Html, html, said, time } from "./markup.ts";

const marks: Record<Step["place"], string> = {
  done: "✓",
  now: "▸",
  "to come": "○",
  "not reached": "–",
  stopped: "!",
};

export function timeline(it: PageFacts): Html {
  const steps = lifecycleSteps(it.state, it.history, it.policy);
  return html`<nav class="panel timeline" aria-labelledby="timeline-title">
<h2 id="timeline-title">Where it stands</h2>
<ol>${steps.map((one) => item(one, it))}</ol>
</nav>`;
}

function item({ title, place, at, by }: Step, { words }: PageFacts): Html {
  const current = place === "now" || place === "stopped" ? html` aria-current="step"` : "";
  const about = [
    ...(place === "done" ? [] : [html`${place === "now" ? "waited for now" : place}`]),
    ...(at === undefined ? [] : [time(at, words.utc(at))]),
    ...(by === undefined ? [] : [html`by ${said(by)}`]),
  ];
  return html`<li class="${place.replace(" ", "-")}"${current}><span class="mark" aria-hidden="true">${marks[place]}</span>
<span class="step"><span>${title}</span> <span class="note">${about.map((one, index) => html`${index === 0 ? "" : ", "}${one}`)}</span></span></li>
`;
}
