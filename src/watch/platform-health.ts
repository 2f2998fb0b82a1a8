/** Watches whether the chat platforms are connected: one that is not cannot say so itself. */

import type { ChatHealth, ChatPlatform, Clock } from "../ports.ts";

export interface PlatformHealthParts {
  /** May grow after the start. */
  platforms: readonly ChatPlatform[];
  clock: Clock;
  /** Told once when one has been away for {@link patience}, and once when it is back. */
  changed(name: string, health: ChatHealth): void;
}

/** Seconds for which a platform may be away before anybody is told: reconnects take less. */
const patience = 30n;
const millisecondsBetweenLooks = 5000;

export interface PlatformHealthWatch {
  /** Looks now. */
  check(): void;
  stop(): void;
}

export function watchPlatformHealth({ platforms, clock, changed }: PlatformHealthParts): PlatformHealthWatch {
  const away = new Set<string>();
  const check = () => {
    for (const { name, ...platform } of platforms.map((one) => ({ name: one.name, health: one.health?.() }))) {
      const { health } = platform;
      if (health === undefined) continue;
      if (health.state === "up" && away.delete(name)) changed(name, health);
      if (health.state === "up" || away.has(name) || clock.now() < health.since + patience) continue;
      away.add(name);
      changed(name, health);
    }
  };
  const timer = setInterval(check, millisecondsBetweenLooks);
  timer.unref();
  return { check, stop: () => clearInterval(timer) };
}
