/** What a test does to the chain past the program is an incident; its council says that it wanted it. */

import type { TestCouncil } from "./embedded.ts";

/** Two people settle whatever is open, and let go on what was held for it; there has to be something. */
export async function settleIncidents(council: TestCouncil): Promise<void> {
  await council.quorate.settle();
  const incidents = council.quorate.blocks.incidents();
  if (incidents.length === 0) throw new Error("What was done to the chain is no incident.");
  for (const { incident } of incidents)
    for (const who of ["ben", "caro"] as const)
      await council.as(who, "settle", { incident, reason: "The council wanted it." });
  await council.quorate.settle();
  for (const { id, status } of await council.quorate.services.list())
    if (status === "held")
      await council.as("ben", "canary", { action: "start", ceremony: id, reason: "The council wanted it." });
}
