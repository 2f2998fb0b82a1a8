/** One card's thread, beside the channel. */

import { useEffect, useRef } from "preact/hooks";
import type { CardEntry } from "../wire.ts";
import { CardMessage } from "./card.tsx";
import { Icon } from "./icon.tsx";
import { Text } from "./text.tsx";

export function Thread(props: { parent: CardEntry; replies: CardEntry[]; onClose: () => void }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const end = useRef<HTMLDivElement>(null);
  const { key } = props.parent.card;
  useEffect(() => heading.current?.focus(), [key]);
  useEffect(() => end.current?.scrollIntoView({ block: "end" }), [key, props.replies.length]);
  return (
    <aside class="thread" aria-label="Thread" onKeyDown={(event) => event.key === "Escape" && props.onClose()}>
      <header class="bar">
        <div class="bar-title">
          <h2 tabIndex={-1} ref={heading}>
            Thread
          </h2>
          <p class="muted">
            <Text>{props.parent.card.title}</Text>
          </p>
        </div>
        <button type="button" class="icon-button" aria-label="Close thread" onClick={props.onClose}>
          <Icon name="close" />
        </button>
      </header>
      <div class="thread-body">
        <CardMessage entry={props.parent} replies={[]} />
        <div class="day">
          <span>{props.replies.length === 1 ? "1 reply" : `${props.replies.length} replies`}</span>
        </div>
        {props.replies.map((reply) => (
          <CardMessage entry={reply} replies={[]} key={reply.card.key} />
        ))}
        <div ref={end} />
      </div>
    </aside>
  );
}
