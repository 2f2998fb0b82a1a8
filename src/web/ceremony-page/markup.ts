/** The few forms that everything on the page has. Text becomes markup only here, and is escaped by construction. */

import { html, raw } from "hono/html";
import type { Tone } from "../../view.ts";

export type Html = ReturnType<typeof html>;

/** Always beside a word, so that nothing is told by colour alone. Hidden from screen readers, which read the word. */
const symbols: Record<Tone, string> = { neutral: "•", progress: "▸", good: "✓", warning: "!", bad: "✕" };

export function pill(tone: Tone, words: string): Html {
  return html`<span class="pill ${tone}"><span aria-hidden="true">${symbols[tone]}</span> ${words}</span>`;
}

/** `id` is also the target of the list of contents. */
export function section(id: string, title: string, body: Html | Html[]): Html {
  return html`<section class="panel" id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${body}
</section>
`;
}

/** Text that somebody wrote: its own direction turns nothing around it. */
export function said(text: string): Html {
  return html`<bdi>${text}</bdi>`;
}

/** Longer text that somebody wrote, with its line ends. */
export function written(text: string): Html {
  return html`<div class="written" dir="auto">${text}</div>`;
}

export function code(value: string): Html {
  return html`<code>${value}</code>`;
}

/** As devices show a hash: upper case, in fours, without 0x. The gaps are style: what is marked and copied has none. */
export function grouped(hash: string): Html {
  const groups =
    hash
      .slice(2)
      .toUpperCase()
      .match(/.{1,4}/g) ?? [];
  return html`<code class="groups">${groups.map((group) => html`<span>${group}</span>`)}</code>`;
}

export function facts(list: readonly (readonly [label: string, value: string | Html] | undefined)[]): Html {
  const rows = list.filter((one) => one !== undefined);
  return html`<dl class="facts">${rows.map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>`;
}

export function bullets(items: readonly (string | Html)[], kind = "plain"): Html {
  return html`<ul class="${kind}">${items.map((one) => html`<li>${one}</li>`)}</ul>`;
}

/** The first cell of a row names it. On a phone rows are stacked, which roles keep from losing what they are. */
export function table(caption: string, heads: readonly string[], rows: readonly (string | Html)[][]): Html {
  return html`<table role="table">
<caption>${caption}</caption>
<thead role="rowgroup"><tr role="row">${heads.map((one) => html`<th scope="col" role="columnheader">${one}</th>`)}</tr></thead>
<tbody role="rowgroup">${rows.map((cells) => row(heads, cells))}</tbody>
</table>`;
}

function row(heads: readonly string[], [first = "", ...rest]: (string | Html)[]): Html {
  const cells = rest.map((one, at) => html`<td role="cell" data-head="${heads[at + 1] ?? ""}"><div>${one}</div></td>`);
  return html`<tr role="row"><th scope="row" role="rowheader">${first}</th>${cells}</tr>\n`;
}

export function folded(summary: string, body: Html | Html[]): Html {
  return html`<details><summary>${summary}</summary>${body}</details>`;
}

/** Bytes as they are, reachable and scrolled by keyboard. */
export function bytesBlock(label: string, value: string): Html {
  return html`<pre tabindex="0" aria-label="${label}">${value}</pre>`;
}

export function time(seconds: bigint, utc: string): Html {
  if (seconds > 8_640_000_000_000n) return html`${utc}`;
  const iso = new Date(Number(seconds) * 1000).toISOString();
  return html`<time datetime="${iso}">${utc}</time>`;
}

/** Markup of this program itself, such as a drawn chart. */
export function own(markup: string): Html {
  return raw(markup);
}

export { html };
