/** The page's copy of the room: one event stream for the person one acts as. Every connection begins with everything. */

import { useEffect, useReducer } from "preact/hooks";
import type { CardEntry, ChainClock, ReplyEntry, Update } from "../wire.ts";

export interface Feed {
  /** Whose private answers `replies` are; null right after a switch, until they arrive. */
  account: string | null;
  cards: Map<string, CardEntry>;
  replies: Map<string, ReplyEntry>;
  clock: ChainClock;
  connected: boolean;
}

type Change = { from: string; update: Update } | { from: string; connected: boolean };

const nothing: Feed = {
  account: null,
  cards: new Map(),
  replies: new Map(),
  clock: { fault: "" },
  connected: true,
};

function change(feed: Feed, step: Change): Feed {
  if ("connected" in step) {
    // Answers of the person before are put away at once: they were for their eyes.
    const switched = feed.account !== null && feed.account !== step.from;
    return { ...feed, connected: step.connected, ...(switched ? { account: null, replies: new Map() } : {}) };
  }
  const { update, from } = step;
  switch (update.type) {
    case "state":
      return {
        account: from,
        cards: new Map(update.cards.map((entry) => [entry.card.key, entry])),
        replies: new Map(update.replies.map((entry) => [entry.id, entry])),
        clock: update.clock,
        connected: true,
      };
    case "card":
      return { ...feed, cards: new Map(feed.cards).set(update.entry.card.key, update.entry) };
    case "reply":
      return { ...feed, replies: new Map(feed.replies).set(update.entry.id, update.entry) };
    case "dismissed":
      return { ...feed, replies: new Map([...feed.replies].filter(([id]) => id !== update.id)) };
    case "clock":
      return { ...feed, clock: update.clock };
  }
}

/**
 * Follows the room as `account`; follows again whenever the connection is lost. A tab that nobody sees lets go of its
 * connection, because a browser has six for one server and seven people may have a tab each.
 */
export function useFeed(account: string): Feed {
  const [feed, dispatch] = useReducer(change, nothing);
  useEffect(() => {
    let source: EventSource | undefined;
    let again: ReturnType<typeof setTimeout> | undefined;
    const close = () => {
      clearTimeout(again);
      source?.close();
      source = undefined;
    };
    const open = () => {
      close();
      const opened = new EventSource(`/api/events?account=${encodeURIComponent(account)}`);
      source = opened;
      opened.onmessage = (event) => dispatch({ from: account, update: JSON.parse(event.data) });
      opened.onerror = () => {
        dispatch({ from: account, connected: false });
        // The browser tries again by itself after a lost connection, but not after an error answer.
        if (opened.readyState === EventSource.CLOSED) again = setTimeout(open, 1000);
      };
    };
    const onVisibility = () => (document.visibilityState === "hidden" ? close() : open());
    dispatch({ from: account, connected: true });
    onVisibility();
    document.addEventListener("visibilitychange", onVisibility);
    return () => {
      document.removeEventListener("visibilitychange", onVisibility);
      close();
    };
  }, [account]);
  return feed;
}
