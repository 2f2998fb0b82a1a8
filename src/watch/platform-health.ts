/** Watches whether what can fail by itself is there, such as a chat platform: one that is not cannot say so itself. */

import type { ChatHealth, Clock } from "../ports.ts";

export interface PlatformHealthParts {
  /** Those there are now, by name. */
  watched(): readonly { name: string; health: ChatHealth }[];
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

export function watchPlatformHealth({ watched, clock, changed }: PlatformHealthParts): PlatformHealthWatch {
  const away = new Set<string>();
  const check = () => {
    for (const { name, health } of watched()) {
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
