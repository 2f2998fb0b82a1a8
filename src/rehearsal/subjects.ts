/** Who is who on the embedded chain, for the judge: from the plan of the world, never from the ceremony. */

import { embeddedGasAccount, embeddedPeople, type PersonName } from "../embedded/people.ts";
import type { World } from "../embedded/world.ts";
import type { Subjects, Upgrade } from "./judge.ts";
import type { Hex } from "./raw-rpc.ts";

/** `pool` is the pilot pool's new implementation, honest or leaky. */
export function subjectsOf(world: World, executor: PersonName, pool: "poolV2" | "poolV2Leaky"): Subjects {
  const { implementations, url, timelock, preconditions, councilSafe, guardianSafe, gauges, pilotPool } = world;
  const upgrade = (phase: string, name: string, kind: Upgrade["kind"], at: Hex, from: Hex, to: Hex) => ({
    ...{ phase, name, kind, at, from, to },
  });
  return {
    ...{ url, timelock, preconditions, councilSafe, guardianSafe, gauges, pilotPool },
    gasAccount: embeddedGasAccount.address,
    executor: embeddedPeople[executor].address,
    upgrades: [
      upgrade("pilot", "The pilot pool", "beacon", world.pilotBeacon, implementations.poolV1, implementations[pool]),
      upgrade("main", "The vault", "proxy", world.vault, implementations.vaultV1, implementations.vaultV2),
      upgrade(
        "main",
        "The price feed",
        "proxy",
        world.priceFeed,
        implementations.priceFeedV1,
        implementations.priceFeedV2,
      ),
    ],
  };
}
