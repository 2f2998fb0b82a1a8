/** The head of a view: whose it is, what it is about, and in one sentence what doing it does. */

import { inert } from "./plain-words.ts";

export interface Heading {
  /** "UP-1 · revision 1 · for Ben". */
  line: string;
  /** As its author wrote it. */
  title: string;
  headline: string;
}

/** Without a heading, because what does not add up is not repeated as if it were so, only `refused` is said. */
export function Lead(props: {
  heading: Heading | undefined;
  refused: string;
  title: { current: HTMLHeadingElement | null };
}) {
  const { heading, refused, title } = props;
  if (heading === undefined)
    return (
      <h1 ref={title} tabIndex={-1}>
        {refused}
      </h1>
    );
  return (
    <section>
      <p class="muted">{inert(heading.line)}</p>
      <h1 ref={title} tabIndex={-1}>
        <bdi>{inert(heading.title)}</bdi>
      </h1>
      <p class="lead">{heading.headline}</p>
    </section>
  );
}
