/** A person at the console's page: what it sends and what it is told, over HTTP and its event stream. */

import type { Update } from "../../src/chat/console/wire.ts";

export interface Visit {
  /** Types a line; resolves with every text of the answer once it is there. */
  say(line: string): Promise<string>;
  /** Texts of the cards in the channel and its threads. */
  cards(): string[];
  leave(): void;
}

let requests = 0;

export async function visit(url: string, account: string): Promise<Visit> {
  const leaving = new AbortController();
  const headers = { origin: url, "content-type": "application/json" };
  const cards = new Map<string, string>();
  const waiting = new Map<string, (text: string) => void>();
  const take = (update: Update) => {
    const entries = update.type === "state" ? update.cards : update.type === "card" ? [update.entry] : [];
    for (const { card } of entries) cards.set(card.key, JSON.stringify(card));
    if (update.type !== "reply" || update.entry.answeredAt === null) return;
    waiting.get(update.entry.id)?.(textsOf(update.entry.view));
  };
  const stream = await fetch(`${url}/api/events?account=${encodeURIComponent(account)}`, {
    headers,
    signal: leaving.signal,
  });
  if (stream.body === null) throw new Error(`The console gave ${account} no events.`);
  void follow(stream.body, take);
  return {
    async say(text) {
      requests += 1;
      const id = `scenario-${requests}`;
      const answered = new Promise<string>((resolve) => waiting.set(id, resolve));
      const body = JSON.stringify({ account, id, text });
      const taken = await fetch(`${url}/api/say`, { method: "POST", headers, body });
      if (taken.status !== 202) throw new Error(`The console answered ${taken.status}: ${await taken.text()}`);
      return answered;
    },
    cards: () => [...cards.values()],
    leave: () => leaving.abort(),
  };
}

/** Server-sent events: `data:` lines, an empty line after each. Ends when the person leaves. */
async function follow(body: ReadableStream<Uint8Array>, take: (update: Update) => void): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for await (const chunk of body) {
      const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n\n");
      rest = parts.pop() ?? "";
      for (const part of parts) take(JSON.parse(part.replace(/^data: ?/gm, "")) as Update);
    }
  } catch (fault) {
    if (!(fault instanceof DOMException)) throw fault;
  }
}

function textsOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return "";
  return Object.values(value).map(textsOf).join(" ");
}
