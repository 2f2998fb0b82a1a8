/** What the signatures allow, what not, and for how long, line by line. */

import { everyCall } from "../../domain/call-sentences.ts";
import { meaningOf } from "./meaning.ts";
import { MeaningParts } from "./meaning-list.tsx";
import { Notice } from "./notice.tsx";
import { inert } from "./plain-words.ts";
import type { Release } from "./release.ts";

export function Meaning({ release }: { release: Release }) {
  const { will, wont, valid } = meaningOf(release);
  const calls = release.items.flatMap((item) => everyCall(item.does));
  const unknown = calls.filter((one) => !one.exact).map((one) => inert(one.sentence));
  return (
    <section class="panel" aria-labelledby="meaning-title">
      <h2 id="meaning-title">What your signatures mean</h2>
      <MeaningParts
        parts={[
          { title: "They allow", lines: will },
          { title: "They do not", lines: wont },
          { title: "How long", lines: valid },
          { title: "Why", note: "in the words of its author", lines: [release.pkg.rationale] },
        ]}
      />
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
