/**
 * Every minute a synthetic breach goes the way of a real one: judged, through the outbox, to each platform. Only one that
 * arrived pings the external dead-man's switch; where none arrives it is the switch that wakes somebody.
 */

import { BEAT, LIMIT, type WatchdogNow } from "../domain/alerts/watchdog.ts";
import type { ChainId } from "../domain/primitives.ts";
import type { ChatHealth, Clock } from "../ports.ts";

export interface WatchdogParts {
  /** Of this machine: that the chain's time is moved is no reason to miss a heartbeat. */
  clock: Clock;
  chains: readonly ChainId[];
  /** Whether the judgement of a chain's newest block finds a breach where there is one; rejects where none is given. */
  finds(chain: ChainId): Promise<boolean>;
  platforms(): readonly string[];
  /** Writes a heartbeat for a platform into the outbox. */
  send(platform: string, at: bigint): Promise<void>;
  /** Registers it in the log, before the first heartbeat. */
  arm(platforms: readonly string[]): Promise<void>;
  down(last: bigint | undefined): Promise<void>;
  up(platform: string): Promise<void>;
  /** The external dead-man's switch; undefined: none is configured. */
  deadmanUrl: string | undefined;
  onFault(where: string, fault: unknown): void;
}

export interface Watchdog {
  /** A platform took the heartbeat of a moment. */
  delivered(platform: string, at: bigint): Promise<void>;
  now(): WatchdogNow;
  health(): { name: string; health: ChatHealth }[];
  /** Looks whether a heartbeat is due, or overdue. */
  look(): Promise<void>;
  stop(): Promise<void>;
}

const LOOK_MS = 1000;
const PING_MS = 10_000;

export function startWatchdog(parts: WatchdogParts): Watchdog {
  const { clock, deadmanUrl } = parts;
  const armedAt = clock.now();
  let armed: string | undefined;
  let sentAt: bigint | undefined;
  let last: bigint | undefined;
  let isDown = false;
  let ping: ChatHealth = { state: "starting", since: armedAt, reason: "It was not pinged yet." };
  const open = new Set<string>();
  let pinging: Promise<void> | undefined;

  async function beat(): Promise<void> {
    const platforms = parts.platforms();
    if (platforms.length === 0) return;
    const names = [...platforms].sort().join();
    if (armed !== names) {
      await parts.arm(platforms);
      armed = names;
    }
    const at = clock.now();
    if (sentAt === undefined || at >= sentAt + BEAT || at < sentAt) {
      sentAt = at;
      await judged();
      // One at a time: what waits for a platform that is down says the same when it is back.
      for (const platform of platforms.filter((one) => !open.has(one))) {
        open.add(platform);
        await parts.send(platform, at);
      }
    }
  }

  /** Throws where the judgement that wakes people would not find a breach, or no chain can be read. */
  async function judged(): Promise<void> {
    const found = await Promise.all(parts.chains.map(parts.finds));
    if (found.includes(false)) throw new Error("The watchdog's synthetic breach was judged to be none.");
  }

  async function expire(): Promise<void> {
    if (armed === undefined || isDown || clock.now() <= (last ?? armedAt) + LIMIT) return;
    isDown = true;
    await parts.down(last);
  }

  let looking: Promise<void> | undefined;
  function look(): Promise<void> {
    looking ??= beat()
      .catch((fault: unknown) => parts.onFault("watchdog", fault))
      .then(expire)
      .catch((fault: unknown) => {
        isDown = false;
        parts.onFault("watchdog", fault);
      })
      .finally(() => {
        looking = undefined;
      });
    return looking;
  }
  const timer = setInterval(() => void look(), LOOK_MS);
  timer.unref();

  async function pingDeadman(): Promise<void> {
    if (deadmanUrl === undefined) return;
    try {
      const response = await fetch(deadmanUrl, { redirect: "error", signal: AbortSignal.timeout(PING_MS) });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`it answered ${response.status}`);
      ping = { state: "up", since: clock.now(), reason: "" };
    } catch (fault) {
      const reason = "The external dead-man's switch was not reached: it will call somebody soon.";
      ping = { state: "down", since: clock.now(), reason };
      parts.onFault("dead-man's switch", fault);
    }
  }

  return {
    async delivered(platform, at) {
      open.delete(platform);
      // One that waited for long says nothing of now.
      if (clock.now() > at + LIMIT) return;
      last = last === undefined || at > last ? at : last;
      isDown = false;
      await parts.up(platform);
      pinging = pingDeadman();
    },
    now: () => ({ armed: armed !== undefined, arrived: last !== undefined, age: clock.now() - (last ?? armedAt) }),
    health() {
      const age = clock.now() - (last ?? armedAt);
      const state = last === undefined ? (age > LIMIT ? "down" : "starting") : age > LIMIT ? "down" : "up";
      const reason = state === "up" ? "" : `No heartbeat has arrived for ${age} s.`;
      const own =
        armed === undefined ? [] : [{ name: "watchdog", health: { state, since: last ?? armedAt, reason } as const }];
      return [...own, ...(deadmanUrl === undefined ? [] : [{ name: "dead-man's switch", health: ping }])];
    },
    look,
    async stop() {
      clearInterval(timer);
      await looking;
      await pinging;
    },
  };
}
