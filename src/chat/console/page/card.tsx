/** A card in the channel or in a thread. An edit is shown by a glow that fades. */

import { useMemo, useRef } from "preact/hooks";
import { titleBeside } from "../../../view.ts";
import type { CardEntry } from "../wire.ts";
import { Avatar, BotAvatar } from "./avatar.tsx";
import { Body, PageLink, Status } from "./body.tsx";
import { useDesk } from "./context.ts";
import { Icon } from "./icon.tsx";
import { Stamp, Text } from "./text.tsx";

export function CardMessage({ entry, replies }: { entry: CardEntry; replies: CardEntry[] }) {
  // The same element again is not drawn again: only this card's own news count, of all in the channel.
  return useMemo(() => <DrawnCard entry={entry} replies={replies} />, [entry, replies.length, replies.at(-1)]);
}

function DrawnCard({ entry, replies }: { entry: CardEntry; replies: CardEntry[] }) {
  const { card } = entry;
  const seen = useRef(entry.edits);
  return (
    <article class="message" data-card={card.key} aria-label={`${card.status}: ${card.title}`}>
      <BotAvatar />
      <div class="message-body">
        <header class="byline">
          <strong>Quorate</strong>
          <span class="badge">bot</span>
          <Stamp at={entry.postedAt} />
          {entry.edits > 0 && (
            <span class="edited">
              updated <Stamp at={entry.changedAt} after={entry.postedAt} />
            </span>
          )}
        </header>
        <div class={`card tone-${card.tone}${isLine(entry) ? " line" : ""}`}>
          {entry.edits > seen.current && <span class="glow" key={entry.edits} />}
          <CardContent entry={entry} />
        </div>
        {replies.length > 0 && <ThreadLink entry={entry} replies={replies} />}
      </div>
    </article>
  );
}

/** A card that is one sentence, such as an event in a thread. */
const isLine = ({ card }: CardEntry) => card.summary === "" && card.facts.length === 0 && card.sections.length === 0;

export function CardContent({ entry }: { entry: CardEntry }) {
  const { card } = entry;
  return (
    <>
      <div class="card-head">
        <Status tone={card.tone}>{card.status}</Status>
        <h3>
          <Text>{titleBeside(card)}</Text>
        </h3>
      </div>
      {card.summary && (
        <p class="summary">
          <Text>{card.summary}</Text>
        </p>
      )}
      <Mentions ids={card.mentions} />
      <Body {...card} />
      {entry.page !== null && <PageLink path={entry.page} />}
      {card.footer && (
        <p class="footer">
          <Text>{card.footer}</Text>
        </p>
      )}
    </>
  );
}

/** Whom the card calls; pressing a name acts as them. */
function Mentions({ ids }: { ids: string[] }) {
  const desk = useDesk();
  const called = desk.people.filter((person) => ids.includes(person.id));
  if (called.length === 0) return null;
  return (
    <p class="mentions">
      {called.map((person) =>
        person.id === desk.me.id ? (
          <span class="mention me" key={person.id}>
            <Avatar person={person} people={desk.people} />@{person.name} (you)
          </span>
        ) : (
          <button
            type="button"
            class="mention"
            key={person.id}
            onClick={() => desk.actAs(person)}
            title={`Act as ${person.name}`}
          >
            <Avatar person={person} people={desk.people} />@{person.name}
          </button>
        ),
      )}
    </p>
  );
}

function ThreadLink({ entry, replies }: { entry: CardEntry; replies: CardEntry[] }) {
  const desk = useDesk();
  const last = replies.at(-1);
  return (
    <button type="button" class="thread-link" onClick={() => desk.openThread(entry.card.key)}>
      <Icon name="thread" />
      <strong>{replies.length === 1 ? "1 reply" : `${replies.length} replies`}</strong>
      {last && (
        <span class="muted">
          last <Stamp at={last.postedAt} after={entry.postedAt} />
        </span>
      )}
    </button>
  );
}
