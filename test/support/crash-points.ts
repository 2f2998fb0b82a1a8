/**
 * Every call that leaves something behind (`writePoints` of src/ports.ts), wrapped and named. A name says what is
 * written, not when: "complete note of signed.3" is the same point in every run, however often the program was killed.
 */

import { parseTransaction } from "viem";
import { endings } from "../../src/domain/lifecycle.ts";
import { type Chain, type Chains, type ChatPlatform, type Store, writePoints } from "../../src/ports.ts";
import type { Card } from "../../src/view.ts";
import type { Hold } from "./crash-hold.ts";

export type Reached = (point: string, moment: "before" | "after") => void;

type Call = (...args: unknown[]) => Promise<unknown>;

/** Names a call by its arguments. */
type Naming = (method: string, args: unknown[]) => string;

export interface CrashPoints {
  store: Store;
  chains: Chains;
  platform(inner: ChatPlatform): ChatPlatform;
}

/** Wraps what the program is given; `reached` is told before and after each of its writes. All goes through `hold`. */
export async function withCrashPoints(
  inner: { store: Store; chains: Chains },
  hold: Hold,
  reached: Reached,
): Promise<CrashPoints> {
  const { store, chains } = inner;
  const events = await eventNames(store);
  const outbox = new Map<number, string>();
  const nameOfStore: Naming = (method, args) => storeCall(method, args, events, outbox);
  const watch: Watch = { hold, reached, underWay: new Set() };
  const watchedStore = wrapped(store, writePoints.store, nameOfStore, watch, {
    append(...args) {
      // Named before it is written: the outbox may see its entries before this call returns.
      const [stream, expectedSeq, added] = args as Parameters<Store["append"]>;
      events.set(
        stream,
        expectedSeq,
        added.map((one) => one.type),
      );
      return store.append(...(args as Parameters<Store["append"]>));
    },
    async due(...args) {
      const items = await store.due(...(args as Parameters<Store["due"]>));
      for (const { id, kind, key, payload } of items) outbox.set(id, outboxName(kind, key, payload, events));
      return items;
    },
  });
  const watchedChains = new Map<string, Chain>();
  return {
    store: watchedStore,
    chains: {
      ids: chains.ids,
      get(id) {
        const known = watchedChains.get(id) ?? wrapped(chains.get(id), writePoints.chain, broadcastName, watch);
        watchedChains.set(id, known);
        return known;
      },
    },
    platform: (platform) =>
      wrapped(
        platform,
        writePoints.chat,
        (method, [card]) => `${method} ${cardName(card as NamedCard, events)}`,
        watch,
      ),
  };
}

interface Watch {
  hold: Hold;
  reached: Reached;
  /** Writes that have begun and not ended. */
  underWay: Set<Promise<void>>;
}

/** A life that ends while a card is shown shows it again in the next; what was stored or sent is stored or sent once. */
const isRepeated = (method: string) => (writePoints.chat as readonly string[]).includes(method);

/** The same object, with the named methods announced and some of them replaced. */
function wrapped<T extends object>(
  inner: T,
  methods: readonly string[],
  naming: Naming,
  { hold, reached, underWay }: Watch,
  replaced: Record<string, Call> = {},
): T {
  return new Proxy(inner, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== "function" || typeof key !== "string") return value;
      const call: Call = replaced[key] ?? value.bind(target);
      // The calls that answer at once.
      if (["onHead", "onBlock", "headLink", "onSampled"].includes(key)) return call;
      if (!methods.includes(key)) return (...args: unknown[]) => hold.through(() => call(...args));
      return async (...args: unknown[]) => {
        // While something is stored or sent no life ends: whether it was would be known to nobody, and its own end never come.
        while (underWay.size > 0) await Promise.all(underWay);
        const point = naming(key, args);
        if (!hold.lost) reached(point, "before");
        const { promise: written, resolve } = Promise.withResolvers<void>();
        if (!isRepeated(key)) underWay.add(written);
        try {
          const result = await hold.through(() => call(...args));
          while (isRepeated(key) && underWay.size > 0) await Promise.all(underWay);
          if (!hold.lost) reached(point, "after");
          // Nobody hears of it where that was the end.
          return await hold.through(async () => result);
        } finally {
          underWay.delete(written);
          resolve();
        }
      };
    },
  });
}

interface EventNames {
  /** Events of these types come after `seq`. */
  set(stream: string, seq: number, types: string[]): void;
  /** "signed.3" is the third `signed` of the stream. */
  at(stream: string, seq: number): string;
  /** What events of these types would be called next. */
  next(stream: string, types: string[]): string;
}

async function eventNames(store: Store): Promise<EventNames> {
  const all = new Map<string, string[]>();
  const nth = (types: string[], type: string) => `${type}.${types.filter((one) => one === type).length}`;
  const of = (stream: string) => all.get(stream) ?? [];
  for (const { stream } of await store.streams())
    all.set(
      stream,
      (await store.read(stream)).map((one) => one.type),
    );
  return {
    set: (stream, seq, types) => void all.set(stream, [...of(stream).slice(0, seq), ...types]),
    at: (stream, seq) => nth(of(stream).slice(0, seq), of(stream)[seq - 1] ?? "?"),
    next: (stream, types) =>
      types.map((type, index) => nth([...of(stream), ...types.slice(0, index + 1)], type)).join(" + "),
  };
}

function storeCall(method: string, args: unknown[], events: EventNames, outbox: Map<number, string>): string {
  const [first] = args;
  switch (method) {
    case "append": {
      const [stream, , added] = args as Parameters<Store["append"]>;
      return `append ${events.next(
        stream,
        added.map((one) => one.type),
      )}`;
    }
    case "addSamples": {
      const [rows] = args as Parameters<Store["addSamples"]>;
      return `addSamples of ${rows.map((one) => one.metric).join(" + ")}`;
    }
    // Every block is kept: one of a kind ends a life.
    case "keepBlock": {
      const [, block, samples] = args as Parameters<Store["keepBlock"]>;
      return `keepBlock with ${block.verdicts.length} verdicts and ${samples.length} samples`;
    }
    case "firstTime":
      return `firstTime ${String(first).split("#")[0]}`;
    default:
      return `${method} ${outbox.get(first as number) ?? "?"}`;
  }
}

function outboxName(kind: string, key: string, payload: Record<string, unknown>, events: EventNames): string {
  if (payload.card !== undefined) return cardName(payload.card as NamedCard, events);
  return `${kind} ${payload.tx ?? payload.leg ?? payload.phase ?? events.at(...streamAndSeq(key))}`;
}

/** Keys end in `ceremony:seq`. */
function streamAndSeq(key: string): [string, number] {
  const [id = "", seq = ""] = key.split(":").slice(-2);
  return [`ceremony/${id}`, Number(seq)];
}

type NamedCard = Pick<Card, "key" | "revision" | "status">;

/** A note of one event, a page, a digest as it stays, or the ceremony's card as it is after an event. */
function cardName({ key, revision, status }: NamedCard, events: EventNames): string {
  const [id = "", seq, phase] = key.split("/");
  if (seq === "canary" && ["passed", ...endings].includes(status)) return `last digest of ${phase}`;
  const stream = `ceremony/${id}`;
  return seq === undefined ? `card after ${events.at(stream, revision)}` : `note of ${events.at(stream, Number(seq))}`;
}

const broadcastName: Naming = (method, [raw]) => {
  const { to, nonce } = parseTransaction(raw as `0x${string}`);
  return `${method} ${nonce ?? 0} to ${to}`;
};
