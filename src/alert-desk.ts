/** Everything that is done about alerts: takes what was measured and what people say, and looks every second what became due. */

import { alertEntries } from "./alert-entries.ts";
import { isOpen, isSameSubject } from "./domain/alerts/alert.ts";
import type { NewestFact } from "./domain/alerts/alert-events.ts";
import { breachInWords } from "./domain/alerts/breach-words.ts";
import { ceremonySignals } from "./domain/alerts/ceremony-signals.ts";
import type { WatchSetting } from "./domain/alerts/escalation.ts";
import type { WatchIntent } from "./domain/alerts/watch-intent.ts";
import { nothingWatched, type WatchState } from "./domain/alerts/watch-state.ts";
import type { CeremonyState } from "./domain/ceremony.ts";
import { system } from "./domain/events.ts";
import { endings } from "./domain/lifecycle.ts";
import type { Policy } from "./domain/policy.ts";
import { withDoubts } from "./domain/watch/doubts.ts";
import { openWatchLog, type WatchLog, type WatchOutcome } from "./paging/watch-log.ts";
import type { Clock, EventStore, SampleRow } from "./ports.ts";

export interface AlertDeskParts {
  store: Pick<EventStore, "append" | "read">;
  policy: Policy;
  clock: Clock;
  /** Names of the platforms that are there now. */
  platforms(): readonly string[];
  /** Names of the pagers besides chat. */
  pagers: readonly string[];
  /** Whether blocks that an open breach hangs on were taken out of the chain, and are measured again. */
  isRechecking?(ceremony: string, metric: string): boolean;
  /** The newest sample of what a ceremony measures, where it fails. */
  failing?(ceremony: string, metric: string): SampleRow | undefined;
  /** Something was written that has to be sent. */
  wake(): void;
  /** The log of alerts cannot be trusted: nobody is called through it. */
  broken(fault: Error): void;
  onFault(where: string, fault: unknown): void;
}

export interface AlertDesk {
  /** What the log says now, and who counts; empty until it has been read. */
  setting(): WatchSetting;
  act(intent: WatchIntent): Promise<WatchOutcome>;
  /** Says what a ceremony's own log says, until the alerts say the same. */
  follow(state: CeremonyState): Promise<void>;
  /** Looks what became due now. */
  tick(): Promise<void>;
  stop(): Promise<void>;
}

const TICK_MS = 1000;
/** Turns change by the minute. */
const CALENDAR_SECONDS = 60n;

/** Opens the log by itself: what comes meanwhile waits for it. */
export function createAlertDesk(parts: AlertDeskParts): AlertDesk {
  const { store, policy, clock } = parts;
  let log: WatchLog | undefined;
  const opened = openWatchLog({
    store,
    policy,
    outbox: (state, events, now) => alertEntries({ state, policy, now }, events, parts.platforms(), parts.pagers),
  });
  const ready = opened.then(
    (found) => {
      log = found;
    },
    (fault: Error) => parts.broken(fault),
  );
  let looked: bigint | undefined;
  let ticking: Promise<void> | undefined;
  let stopped = false;
  const setting = (): WatchSetting => ({ state: log?.state() ?? nothingWatched, policy, now: clock.now() });

  async function act(intent: WatchIntent): Promise<WatchOutcome> {
    const kept = await opened;
    // What was measured says itself what it is.
    const heard = intent.kind === "signal" ? intent : { ...intent, newest: newestFacts(kept.state(), parts) };
    const outcome = await kept.handle(heard, clock.now());
    if (outcome.ok && outcome.events.length > 0) parts.wake();
    return outcome;
  }

  async function look(): Promise<void> {
    await ready;
    if (log === undefined || stopped) return;
    const now = clock.now();
    const calendar = looked === undefined || now >= looked + CALENDAR_SECONDS;
    if (calendar) looked = now;
    await act({ kind: "tick", by: system, calendar });
  }
  function tick(): Promise<void> {
    ticking ??= look().finally(() => {
      ticking = undefined;
    });
    return ticking;
  }
  const timer = setInterval(() => {
    tick().catch((fault: unknown) => parts.onFault("alerts", fault));
  }, TICK_MS);
  timer.unref();

  return {
    setting,
    act,
    tick,
    async follow(state) {
      const { alerts } = setting().state;
      const said = withDoubts(ceremonySignals(state, policy), state, policy);
      const known = said.map((one) => ({
        one,
        before: alerts.findLast((other) => isSameSubject(other, one))?.condition,
      }));
      // What was over before anybody looked wakes nobody.
      const wanted = known.filter(({ one, before }) => before !== undefined || one.condition !== "cleared");
      const isNews = ({ one, before }: (typeof wanted)[number]) => one.condition !== before;
      const over = endings.includes(state.status);
      for (const { one } of [...wanted.filter(isNews), ...wanted.filter((it) => !isNews(it))]) {
        const signal = { ...one, rechecking: parts.isRechecking?.(state.id, one.metric) ?? false, over };
        await act({ kind: "signal", by: system, signal });
      }
    },
    async stop() {
      stopped = true;
      clearInterval(timer);
      await ready;
      await ticking?.catch(() => undefined);
    },
  };
}

/** What open alerts are by now, by id. */
function newestFacts({ alerts }: WatchState, { failing, policy }: AlertDeskParts): Map<string, NewestFact> {
  return new Map(
    alerts.filter(isOpen).flatMap(({ id, ceremony, metric: name }): [string, NewestFact][] => {
      const row = failing?.(ceremony, name);
      const metric = policy.metrics.find((one) => one.id === name);
      if (row === undefined || row.value === null || metric === undefined) return [];
      const { blockNumber: number, blockHash: hash } = row;
      return [[id, { what: breachInWords(metric, row.value), block: { number, hash } }]];
    }),
  );
}
