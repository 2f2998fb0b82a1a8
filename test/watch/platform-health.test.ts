import { expect, test } from "vitest";
import type { ChatHealth } from "../../src/ports.ts";
import { watchPlatformHealth } from "../../src/watch/platform-health.ts";

function council() {
  let now = 1000n;
  let health: ChatHealth = { state: "starting", since: now, reason: "It is connecting." };
  const told: string[] = [];
  const watched = () => [{ name: "slack", health }];
  const changed = (name: string, found: ChatHealth) => void told.push(`${name} ${found.state}`);
  const watch = watchPlatformHealth({ watched, clock: { now: () => now }, changed });
  return {
    told,
    after(seconds: bigint, becomes?: ChatHealth["state"]) {
      now += seconds;
      if (becomes !== undefined) health = { state: becomes, since: now, reason: "The token was revoked." };
      watch.check();
    },
    stop: () => watch.stop(),
  };
}

test("a platform that is away is told after half a minute, once, and once when it is back", () => {
  const { told, after, stop } = council();
  after(1n, "up");
  after(10n, "down");
  after(29n);
  expect(told).toEqual([]);
  after(1n);
  expect(told).toEqual(["slack down"]);
  after(600n);
  after(1n, "up");
  after(60n);
  expect(told).toEqual(["slack down", "slack up"]);
  stop();
});

test("a reconnect, and a platform that never gets up, are told apart", () => {
  const { told, after, stop } = council();
  after(29n);
  expect(told).toEqual([]);
  after(1n);
  expect(told).toEqual(["slack starting"]);
  after(5n, "up");
  after(5n, "down");
  after(20n, "up");
  after(60n);
  expect(told).toEqual(["slack starting", "slack up"]);
  stop();
});
