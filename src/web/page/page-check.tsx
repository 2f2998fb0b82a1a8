/** How to find out whether this page is the one that its source makes: the page cannot prove it itself. */

import { LongText } from "./values.tsx";
import type { Visit } from "./visit.ts";

export function PageCheck({ visit }: { visit: Visit }) {
  const command = visit.offline
    ? `sha256sum ${quoted(visit.place)}`
    : `curl -s ${quoted(`${location.origin}${location.pathname}`)} | sha256sum`;
  return (
    <details class="panel page-check">
      <summary>
        <h2>Is this page the real one?</h2>
      </summary>
      <p>
        A page cannot vouch for itself. In a copy of Quorate's source, npm run -s quorate -- page prints the SHA-256
        that this page must have: compute it on another computer and compare. You can also keep the file, open it from
        disk and paste the brief.
      </p>
      <LongText label="Command that computes the page's SHA-256" value={command} />
    </details>
  );
}

/** As one word of a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
