/** What the signatures allow, what not, and for how long, line by line. */

import { meaningOf } from "./meaning.ts";
import { Notice } from "./notice.tsx";
import { inert } from "./plain-words.ts";
import type { Release } from "./release.ts";
import { Words } from "./words.tsx";

export function Meaning({ release }: { release: Release }) {
  const { will, wont, valid } = meaningOf(release);
  const calls = release.items.flatMap((item) => [item.does, ...item.does.nested]);
  const unknown = calls.filter((one) => !one.exact).map((one) => inert(one.sentence));
  return (
    <section class="panel" aria-labelledby="meaning-title">
      <h2 id="meaning-title">What your signatures mean</h2>
      <dl class="meaning">
        <Part title="They allow" lines={will} />
        <Part title="They do not" lines={wont} />
        <Part title="How long" lines={valid} />
        <Part title="Why" note="in the words of its author" lines={[release.pkg.rationale]} />
      </dl>
      {unknown.length > 0 && (
        <Notice tone="warning" title="This page cannot read every call." sentences={[...new Set(unknown)]} />
      )}
      <p class="note">
        Names such as {release.pkg.legs[0]?.changes[0]?.name} are the package's own. What counts is the address beside
        them.
      </p>
    </section>
  );
}

function Part({ title, note, lines }: { title: string; note?: string; lines: readonly string[] }) {
  return (
    <div>
      <dt>
        {title}
        {note && <span class="note"> {note}</span>}
      </dt>
      <dd>
        {lines.map((line) => (
          <p class="line" key={line}>
            <bdi>
              <Words>{line}</Words>
            </bdi>
          </p>
        ))}
      </dd>
    </div>
  );
}
