/** Who is who on the embedded chain, for the judge: from the plan of the world, never from the ceremony. */

import { embeddedGasAccount, embeddedPeople, type PersonName } from "../embedded/people.ts";
import type { World } from "../embedded/world.ts";
import type { Subjects, Upgrade } from "./judge.ts";

type Implementation = keyof World["implementations"];
interface Release {
  pool?: Implementation;
  vault?: Implementation;
  priceFeed?: Implementation;
}

/** The new code of each release of the sample target that is rehearsed. */
const releases = {
  "2.0.0": { pool: "poolV2", vault: "vaultV2", priceFeed: "priceFeedV2" },
  "2.0.1-leaky": { pool: "poolV2Leaky", vault: "vaultV2", priceFeed: "priceFeedV2" },
  "2.0.2-inflating": { vault: "vaultV2Inflating" },
  "2.0.3-stale": { priceFeed: "priceFeedV2Stale" },
  "2.0.5-back-door": { vault: "vaultV2BackDoor" },
} as const satisfies Record<string, Release>;
export type ReleaseName = keyof typeof releases;

export function subjectsOf(world: World, executor: PersonName, release: ReleaseName): Subjects {
  const { implementations: code, url, timelock, preconditions, councilSafe, guardianSafe, gauges } = world;
  const { pilotPool, vault, priceFeed } = world;
  const { pool, vault: newVault, priceFeed: newFeed }: Release = releases[release];
  const upgrades: (Upgrade | undefined)[] = [
    pool && {
      ...{ phase: "pilot", name: "The pilot pool", kind: "beacon", at: world.pilotBeacon },
      ...{ from: code.poolV1, to: code[pool] },
    },
    newVault && {
      ...{ phase: "main", name: "The vault", kind: "proxy", at: vault },
      ...{ from: code.vaultV1, to: code[newVault] },
    },
    newFeed && {
      ...{ phase: "main", name: "The price feed", kind: "proxy", at: priceFeed },
      ...{ from: code.priceFeedV1, to: code[newFeed] },
    },
  ];
  return {
    ...{ url, timelock, preconditions, councilSafe, guardianSafe, gauges, pilotPool, vault, priceFeed },
    gasAccount: embeddedGasAccount.address,
    executor: embeddedPeople[executor].address,
    upgrades: upgrades.filter((one) => one !== undefined),
  };
}
