/** Waits on conditions, not on time; a wait that fails shows what there was. */

import type { ReceivedRequest, Violation } from "./http.ts";
import type { Interactions } from "./interactions.ts";
import type { World } from "./world.ts";

interface Seen {
  requests: readonly ReceivedRequest[];
  violations: readonly Violation[];
  interactions: Interactions;
}

export function waiting(world: World, seen: Seen) {
  return async <T>(condition: () => T | undefined | false | null, what: string, milliseconds = 20_000): Promise<T> => {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const look = () => {
      const found = condition();
      if (found !== undefined && found !== false && found !== null) resolve(found);
    };
    const forget = world.onChange(look);
    // What the condition reads may lie outside, in the bot.
    const again = setInterval(look, 5);
    const timer = setTimeout(
      () => reject(new Error(`Waited in vain for ${what}.\n${story(world, seen)}`)),
      milliseconds,
    );
    try {
      look();
      return await promise;
    } finally {
      clearTimeout(timer);
      clearInterval(again);
      forget();
    }
  };
}

function story(world: World, { requests, violations, interactions }: Seen): string {
  return [
    "Requests:",
    ...requests.slice(-15).map((one) => `  ${one.method} ${one.path} -> ${one.status ?? "open"} ${one.code ?? ""}`),
    "Interactions:",
    ...[...interactions.all.values()]
      .slice(-5)
      .map((one) => `  type ${one.type} by ${one.userId}: kind ${one.kind}, failed ${one.failed}`),
    "Messages:",
    ...[...world.messages.values()]
      .slice(-8)
      .map((one) => `  ${one.channelId} ${JSON.stringify(one.content || (one.embeds[0]?.title ?? "")).slice(0, 200)}`),
    "Violations:",
    ...violations.map((one) => `  ${one.request}: ${one.problem}`),
  ].join("\n");
}
