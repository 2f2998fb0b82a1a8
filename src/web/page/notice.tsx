/** A block that says how things stand: a sign, a headline and sentences. Never colour alone. */

import type { ComponentChildren } from "preact";
import { Icon } from "./icon.tsx";
import { Words } from "./words.tsx";

export type Tone = "good" | "bad" | "warning" | "wait";

export function Notice(props: {
  tone: Tone;
  title: string;
  sentences?: readonly string[];
  children?: ComponentChildren;
}) {
  const { tone, title, sentences = [], children } = props;
  return (
    <div class={`notice ${tone}`} role={tone === "bad" ? "alert" : undefined}>
      <Icon name={tone} />
      <div>
        <p class="notice-title">{title}</p>
        {sentences.length === 1 && (
          <p>
            <Words>{sentences[0] ?? ""}</Words>
          </p>
        )}
        {sentences.length > 1 && (
          <ul>
            {sentences.map((sentence) => (
              <li key={sentence}>
                <Words>{sentence}</Words>
              </li>
            ))}
          </ul>
        )}
        {children}
      </div>
    </div>
  );
}
