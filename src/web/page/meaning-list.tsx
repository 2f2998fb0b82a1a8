/** What something allows, what not, and for how long, line by line. */

import { Words } from "./words.tsx";

export interface MeaningPart {
  title: string;
  note?: string;
  lines: readonly string[];
}

export function MeaningList({
  parts,
  title = "What your signatures mean",
}: {
  parts: readonly MeaningPart[];
  title?: string;
}) {
  return (
    <section class="panel" aria-labelledby="meaning-title">
      <h2 id="meaning-title">{title}</h2>
      <MeaningParts parts={parts} />
    </section>
  );
}

export function MeaningParts({ parts }: { parts: readonly MeaningPart[] }) {
  return (
    <dl class="meaning">
      {parts.map((part) => (
        <div key={part.title}>
          <dt>
            {part.title}
            {part.note && <span class="note"> {part.note}</span>}
          </dt>
          <dd>
            {part.lines.map((line) => (
              <p class="line" key={line}>
                <bdi>
                  <Words>{line}</Words>
                </bdi>
              </p>
            ))}
          </dd>
        </div>
      ))}
    </dl>
  );
}
