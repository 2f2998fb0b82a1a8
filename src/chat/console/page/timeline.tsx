/** The channel: cards and one's own private answers in the order they came, with the newest at the end. */

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { CardEntry, ReplyEntry } from "../wire.ts";
import { CardMessage } from "./card.tsx";
import { Icon } from "./icon.tsx";
import { day, sameDay } from "./moment.ts";
import { ReplyMessage } from "./reply.tsx";
import { Text } from "./text.tsx";

type Entry = { at: number; card: CardEntry } | { at: number; reply: ReplyEntry };

/** A change that happened where the reader is not looking. */
interface Elsewhere {
  key: string;
  text: string;
}

/** Replies to a card, in the order they came. */
export function threadOf(cards: Iterable<CardEntry>, key: string): CardEntry[] {
  return [...cards].filter(({ card }) => card.audience.kind === "thread" && card.audience.of === key);
}

interface Shown {
  cards: Map<string, CardEntry>;
  replies: Map<string, ReplyEntry>;
}

export function Timeline(props: Shown & { empty: preact.ComponentChildren }) {
  const cards = [...props.cards.values()];
  const entries: Entry[] = [
    ...cards.filter(({ card }) => card.audience.kind === "channel").map((card) => ({ at: card.postedAt, card })),
    ...[...props.replies.values()].map((reply) => ({ at: reply.askedAt, reply })),
  ].sort((a, b) => a.at - b.at);
  const threads = Map.groupBy(cards, ({ card }) => (card.audience.kind === "thread" ? card.audience.of : ""));
  const box = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const newest = useStayAtEnd(box, content, entries, props);
  const [elsewhere, forget] = useElsewhere(box, cards);
  const goTo = (key: string) => {
    newest.leave();
    forget();
    find(box.current, key)?.scrollIntoView({ block: "start", behavior: calm() });
  };
  return (
    <div class="timeline-frame">
      <div class="timeline" ref={box} role="log" aria-label="Channel">
        <div ref={content}>
          {cards.length === 0 && props.empty}
          {entries.map((entry, at) => {
            const previous = entries[at - 1];
            const newDay = !previous || !sameDay(previous.at, entry.at);
            return (
              <div key={"card" in entry ? `card ${entry.card.card.key}` : `reply ${entry.reply.id}`}>
                {newDay && (
                  <div class="day">
                    <span>{day(entry.at)} UTC</span>
                  </div>
                )}
                {"card" in entry ? (
                  <CardMessage entry={entry.card} replies={threads.get(entry.card.card.key) ?? []} />
                ) : (
                  <ReplyMessage entry={entry.reply} />
                )}
              </div>
            );
          })}
        </div>
      </div>
      {elsewhere && (
        <button type="button" class="pill above" onClick={() => goTo(elsewhere.key)}>
          <Icon name="up" />
          <span>
            <Text>{elsewhere.text}</Text>
          </span>
        </button>
      )}
      {newest.below && (
        <button type="button" class="pill below" onClick={newest.show}>
          <Icon name="down" /> Newer messages
        </button>
      )}
    </div>
  );
}

type Ref = { current: HTMLDivElement | null };

/** Follows the end while the reader is there; otherwise leaves them where they read, and says that there is more. */
function useStayAtEnd(box: Ref, content: Ref, entries: Entry[], { cards, replies }: Shown) {
  const atEnd = useRef(true);
  const [below, setBelow] = useState(false);
  const show = () => box.current?.scrollTo({ top: box.current.scrollHeight, behavior: calm() });
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    let top = 0;
    const onScroll = () => {
      const rest = element.scrollHeight - element.scrollTop - element.clientHeight;
      // Only moving up is leaving the end: a picture that has loaded moves the end away from the reader.
      if (element.scrollTop < top) atEnd.current = rest < 1;
      else if (rest < 60) atEnd.current = true;
      if (atEnd.current) setBelow(false);
      top = element.scrollTop;
    };
    const resized = new ResizeObserver(() => {
      if (atEnd.current) element.scrollTop = element.scrollHeight;
    });
    resized.observe(element);
    if (content.current) resized.observe(content.current);
    element.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      resized.disconnect();
      element.removeEventListener("scroll", onScroll);
    };
  }, [box, content]);
  const last = entries.at(-1);
  const lastKey = last && ("card" in last ? last.card.card.key : last.reply.id);
  const own = last !== undefined && "reply" in last;
  const shownLast = useRef<string | undefined>(undefined);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    // Whoever asks for something wants to see the answer, wherever they were reading.
    const asked = own && lastKey !== shownLast.current;
    shownLast.current = lastKey;
    // And all of it: it may be there in full before the scrolling has been noticed.
    if (asked) atEnd.current = true;
    if (atEnd.current) element.scrollTop = element.scrollHeight;
  }, [cards, replies]);
  useEffect(() => {
    if (lastKey !== undefined && !atEnd.current && !own) setBelow(true);
  }, [lastKey, own]);
  const leave = () => {
    atEnd.current = false;
  };
  return { below, show, leave };
}

/** Notices edits of cards that are out of sight. */
function useElsewhere(box: Ref, cards: CardEntry[]): [Elsewhere | null, () => void] {
  const [elsewhere, setElsewhere] = useState<Elsewhere | null>(null);
  const seen = useRef(new Map<string, number>());
  useEffect(() => {
    for (const { card, edits } of cards) {
      const before = seen.current.get(card.key);
      seen.current.set(card.key, edits);
      if (before === undefined || before === edits || card.audience.kind !== "channel") continue;
      if (isAbove(box.current, find(box.current, card.key))) {
        setElsewhere({ key: card.key, text: `${card.status} · ${card.title}` });
      }
    }
  });
  useEffect(() => {
    const element = box.current;
    if (!elsewhere || !element) return;
    const onScroll = () => !isAbove(element, find(element, elsewhere.key)) && setElsewhere(null);
    element.addEventListener("scroll", onScroll, { passive: true });
    return () => element.removeEventListener("scroll", onScroll);
  }, [box, elsewhere]);
  return [elsewhere, () => setElsewhere(null)];
}

function find(box: HTMLElement | null, key: string): Element | null {
  return box?.querySelector(`[data-card="${CSS.escape(key)}"]`) ?? null;
}

/** Whether the top of the card, where its state is, has been scrolled out. */
function isAbove(box: HTMLElement | null, element: Element | null): boolean {
  if (!box || !element) return false;
  return element.getBoundingClientRect().top < box.getBoundingClientRect().top - 40;
}

function calm(): ScrollBehavior {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
}
