/** A ceremony in full as one page without scripts: what chat had to cut can be read here. */

import type { Card, Fact, Section } from "../view.ts";

export interface FullView {
  card: Card;
  /** Besides the card's own: rationale, calls, hashes, findings. */
  sections: Section[];
  /** Oldest first. */
  history: { at: string; text: string }[];
}

export const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; line-height: 1.25; margin: .5rem 0; }
h2 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
.status { display: inline-block; font-weight: 600; border: 1px solid; border-radius: .4rem; padding: .1rem .5rem; }
.lead { font-size: 1.1rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: 1rem 0; }
dt { opacity: .75; } dd { margin: 0; }
code, pre { font: .85rem/1.5 ui-monospace, monospace; white-space: pre-wrap; }
pre { border: 1px solid color-mix(in srgb, currentColor 25%, transparent); border-radius: .4rem; padding: .6rem; }
ol, ul { padding-left: 1.2rem; margin: .25rem 0; }
time, footer { opacity: .75; font-size: .85rem; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } }
`;

/** Everything from people and chains is text here: escaped, and made inert by the caller. */
export function fullViewPage({ card, sections, history }: FullView): string {
  const body = [
    `<p class="status">${text(card.status)}</p>`,
    `<h1>${text(card.title)}</h1>`,
    `<p class="lead">${text(card.summary)}</p>`,
    facts(card.facts),
    ...[...sections].map(section),
    "<h2>What happened</h2>",
    `<ol>${history.map((one) => `<li><time>${text(one.at)}</time> ${text(one.text)}</li>`).join("")}</ol>`,
    `<footer><p>${text(card.footer)}</p><p>This page is read only. Nothing is approved or signed here.</p></footer>`,
  ];
  return page(card.title, body.join("\n"));
}

export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(title)}</title>
<style>${style}</style>
</head>
<body><main>
${body}
</main></body>
</html>
`;
}

function facts(list: readonly Fact[]): string {
  const rows = list.map(({ label, value, code }) => {
    const shown = code ? `<code>${text(value)}</code>` : text(value);
    return `<dt>${text(label)}</dt><dd>${shown}</dd>`;
  });
  return `<dl>${rows.join("")}</dl>`;
}

function section({ title, lines, style: kind }: Section): string {
  const heading = `<h2>${text(title)}</h2>`;
  if (kind === "code") return `${heading}<pre tabindex="0">${text(lines.join("\n"))}</pre>`;
  if (kind === "list") return `${heading}<ul>${lines.map((line) => `<li>${text(line)}</li>`).join("")}</ul>`;
  return heading + lines.map((line) => `<p>${text(line)}</p>`).join("");
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function text(value: string): string {
  return value.replace(/[&<>"']/g, (character) => entities[character] ?? "");
}
