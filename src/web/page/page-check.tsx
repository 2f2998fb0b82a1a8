/** How to find out whether this page is the one that the release states: the page cannot prove it itself. */

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
        A page cannot vouch for itself. Every release of Quorate states the SHA-256 of this page: compute it on another
        computer and compare it with the release. You can also keep the file, open it from disk and paste the brief.
      </p>
      <LongText label="Command that computes the page's SHA-256" value={command} />
    </details>
  );
}

/** As one word of a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
