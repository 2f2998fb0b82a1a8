/** The loop around the outbox: each lane by itself, retries with back-off, woken by every append; what is urgent before the rest. */

import { handedOver } from "../handed-over.ts";
import { PagerFault } from "../pager-port.ts";
import { ChatFault, type OutboxItem } from "../ports.ts";
import { ServiceFault } from "../safe-service-port.ts";
import { sentHashes } from "../sent-hashes.ts";
import { traced } from "../tracing.ts";
import { kinds } from "./consequences.ts";
import { type EffectParts, handlers } from "./effects.ts";
import { warmContainments } from "./warm-containments.ts";

export interface OutboxWorker {
  wake(): void;
  /** What is not urgent waits for this too, which never rejects: it is about to ask for what is. */
  first(work: Promise<void>): void;
  /** Resolves once transactions that are owed were handed to their nodes, after a head start at the latest. */
  acted(): Promise<void>;
  /** Resolves once nothing urgent is about to leave. */
  calm(): Promise<void>;
  /** Resolves once nothing is due and nothing is running, apart from the mirror to Safe's service: nobody waits for that. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

/** Calls people, or stops what harms: pictures and cards are drawn afterwards. */
const urgent: readonly string[] = [kinds.page, kinds.pager, kinds.broadcast];
/** Stops what harms: calling people takes no time from it. */
export const isAct = ({ kind }: { kind: string }) => kind === kinds.broadcast;
export const isUrgent = ({ kind }: { kind: string }) => urgent.includes(kind);
/** Milliseconds that the rest waits at most: somebody's server may take its time, and no other waits for it. */
const usualHeadStart = 50;

/** Told of every entry that failed (undefined: the outbox itself could not be read). */
export type OutboxFault = (item: OutboxItem | undefined, fault: Error) => void;

/**
 * Seconds until an entry is tried again: 1, 2, 4 … 60; for a page, a containment and all that the gas key has sent already,
 * behind which a containment may wait, 5 at most; to a pager 15; or as long as the platform asks for.
 */
function pause({ kind, attempts, payload, progress }: OutboxItem, fault: Error): bigint {
  const knows = fault instanceof ChatFault || fault instanceof ServiceFault || fault instanceof PagerFault;
  const asked = knows ? fault.retryAfter : undefined;
  if (asked !== undefined) return asked;
  const isContainment = kind === kinds.broadcast && String(payload.tx).startsWith("containment/");
  const isSent = sentHashes(progress).length > 0;
  const presses = isContainment || isSent || kind === kinds.page || kind === kinds.heartbeat;
  const most = presses ? 5 : kind === kinds.pager ? 15 : 60;
  return BigInt(Math.min(most, 2 ** Math.min(attempts, 6)));
}

export function startOutboxWorker(given: EffectParts, onFault: OutboxFault, headStart = usualHeadStart): OutboxWorker {
  const warm = warmContainments(given);
  const parts = { ...given, warm };
  /** A lane that is being worked on; the others do not wait for it. */
  const busy = new Map<string, Promise<void>>();
  /** What goes before all that is not urgent. */
  const ahead = new Set<Promise<void>>();
  /** Transactions on their way to a node. */
  const leaving = new Set<Promise<void>>();
  let stopped = false;
  let looking: Promise<void> | undefined;
  let again = false;

  async function look(): Promise<void> {
    do {
      again = false;
      const due = await parts.store.due(parts.clock.now(), 50, [...busy.keys()]);
      for (const item of due.filter((one) => !busy.has(one.lane))) {
        // Woken meanwhile: what came since may be urgent, and is seen at the next look.
        if (!isUrgent(item) && (again || ahead.size > 0)) continue;
        const left = Promise.withResolvers<void>();
        const working = work(item, left.resolve);
        busy.set(item.lane, working);
        if (isAct(item)) void waitedFor(leaving, Promise.race([left.promise, working]));
        if (isUrgent(item)) first(working);
      }
      // A page that was begun leaves before the next question.
      if (again && ahead.size > 0) await handedOver();
    } while (again && !stopped);
  }

  function first(working: Promise<void>): void {
    void waitedFor(ahead, working).then(wake);
  }

  /** Resolves when it is waited for no more. */
  async function waitedFor(among: Set<Promise<void>>, working: Promise<void>): Promise<void> {
    const { promise, stop } = atMost(working, headStart);
    among.add(promise);
    await promise;
    stop();
    among.delete(promise);
  }

  async function work(item: OutboxItem, left: () => void): Promise<void> {
    let recorded = true;
    try {
      await attempt(item, left);
    } catch (cause) {
      recorded = false;
      onFault(item, cause as Error);
    }
    busy.delete(item.lane);
    // What could not even be written down, as on a full disk, is still due: the timer comes back to it, not this loop.
    if (recorded) wake();
  }

  async function attempt(item: OutboxItem, left: () => void): Promise<void> {
    try {
      const handler = handlers[item.kind];
      if (handler === undefined) throw new Error(`Nothing works off entries of the kind "${item.kind}".`);
      const ceremony = /^ceremony\/(.+)$/.exec(item.stream)?.[1];
      const result = await traced(`effect ${item.kind}`, { ceremony }, async () => handler(item, { ...parts, left }));
      await parts.store.complete(item.id, parts.clock.now(), result);
    } catch (cause) {
      const fault = cause instanceof Error ? cause : new Error(String(cause));
      onFault(item, fault);
      await parts.store.fail(item.id, parts.clock.now() + pause(item, fault), fault.message);
    }
  }

  function wake(): void {
    again = true;
    if (stopped) return;
    looking ??= look()
      .catch((fault: unknown) => onFault(undefined, fault as Error))
      .finally(() => {
        looking = undefined;
        if (again && busy.size === 0 && !stopped) wake();
      });
  }

  async function allLeft(): Promise<void> {
    while (looking !== undefined || leaving.size > 0) await Promise.all([looking, ...leaving]);
  }

  const unfinished = () => [...busy].filter(([lane]) => !lane.startsWith(`${kinds.mirror}:`)).map(([, work]) => work);

  const timer = setInterval(wake, 1000);
  timer.unref();
  wake();
  return {
    wake,
    first,
    async acted() {
      const { promise, stop } = atMost(allLeft(), headStart);
      await promise;
      stop();
    },
    async calm() {
      while (looking !== undefined || ahead.size > 0) await Promise.all([looking, ...ahead]);
    },
    async settled() {
      while (looking !== undefined || ahead.size > 0 || unfinished().length > 0) {
        await looking;
        await Promise.all([...ahead, ...unfinished()]);
      }
    },
    async stop() {
      stopped = true;
      clearInterval(timer);
      await warm.stop();
      await looking;
      await Promise.all(busy.values());
    },
  };
}

function atMost(work: Promise<void>, milliseconds: number): { promise: Promise<void>; stop(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  return { promise: Promise.race([work, promise]), stop: () => clearTimeout(timer) };
}
