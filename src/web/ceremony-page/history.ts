/** Everything that happened, refusals included: one sentence an event. */

import type { PageFacts } from "./facts.ts";
import { type Html, html, said, section, time } from "./markup.ts";

export function historySection({ history, words }: PageFacts): Html {
  const items = history.map((one) => {
    const { tone, text } = words.event(one);
    return html`<li class="event ${tone}"><span class="note">#${one.seq} ${time(one.at, words.utc(one.at))}</span> ${said(text)}</li>
`;
  });
  return section("history", "What happened", html`<ol class="history">${items}</ol>`);
}
