/** What can fail by itself: how it is, for whoever asks, and said in the channel where it lasts. */

import { blocksCard } from "./ceremonies/cards/blocks-card.ts";
import { platformCard } from "./ceremonies/cards/platform-card.ts";
import type { Services } from "./command.ts";
import type { Policy } from "./domain/policy.ts";
import type { Chains, ChatHealth, ChatPlatform, Clock } from "./ports.ts";
import type { Card } from "./view.ts";
import { headLinks } from "./watch/head-links.ts";
import { watchPlatformHealth } from "./watch/platform-health.ts";

type Named = { name: string; health: ChatHealth }[];

export interface HealthDeskParts {
  /** May grow after the start. */
  platforms: readonly ChatPlatform[];
  chains: Chains;
  policy: Policy;
  clock: Clock;
  /** The mirror to Safe's service, and the watchdog; none where they are not set up. */
  mirror(): Named;
  watchdog(): Named;
  /** On all platforms, or on these. */
  announce(card: Card, on?: string[]): void;
  onFault(where: string, fault: unknown): void;
}

export interface HealthDesk {
  all: Services["health"];
  stop(): void;
}

export function startHealth({ platforms, clock, announce, onFault, ...parts }: HealthDeskParts): HealthDesk {
  const links = headLinks({ ...parts, clock });
  const chats = watchPlatformHealth({
    watched: () => platforms.flatMap(({ name, health }) => (health === undefined ? [] : [{ name, health: health() }])),
    clock,
    changed(name, found) {
      if (found.state !== "up") onFault(name, new Error(found.reason));
      const others = platforms.map((one) => one.name).filter((other) => other !== name);
      announce(platformCard(name, found, clock.now()), others);
    },
  });
  // The fault itself is in the log already.
  const blocks = watchPlatformHealth({
    ...{ watched: links.health, clock },
    changed: (name, found) => announce(blocksCard(name, found, clock.now())),
  });
  return {
    all: () => [
      ...platforms.flatMap(({ name, health }) =>
        health === undefined ? [] : [{ name, kind: "chat" as const, health: health() }],
      ),
      ...links.health().map((one) => ({ ...one, kind: "chain" as const })),
      ...parts.mirror().map((one) => ({ ...one, kind: "mirror" as const })),
      ...parts.watchdog().map((one) => ({ ...one, kind: "watchdog" as const })),
    ],
    stop() {
      chats.stop();
      blocks.stop();
    },
  };
}
