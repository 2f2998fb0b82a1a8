/** Every scenario that there is, in the groups in which they are listed. */

import { rpcHalt, silentCanary } from "./blind.ts";
import { breach } from "./breach.ts";
import { breachAuthorization, breachEconomic, breachLiveness } from "./breach-classes.ts";
import { clean } from "./clean.ts";
import { brokenExit, staleContainment } from "./exits.ts";
import { expired } from "./expired.ts";
import { griefing } from "./griefing.ts";
import { hotfix } from "./hotfix.ts";
import { reorg } from "./reorg.ts";
import { rpcLies } from "./rpc-lies.ts";
import type { Scenario } from "./scenario.ts";
import { tampered } from "./tampered/tampered.ts";

export const scenarioGroups: readonly { title: string; scenarios: readonly Scenario[] }[] = [
  { title: "A ceremony from draft to end", scenarios: [clean, expired, tampered()] },
  {
    title: "New code breaks an invariant, one of each class",
    scenarios: [breach, breachAuthorization, breachEconomic, breachLiveness],
  },
  { title: "Nodes that say nothing, or what is not so", scenarios: [silentCanary, rpcHalt, rpcLies, reorg] },
  { title: "The chain changes beside the ceremony", scenarios: [hotfix, griefing, brokenExit, staleContainment] },
];

export function scenarioNamed(name: string): Scenario | undefined {
  return scenarioGroups.flatMap((group) => group.scenarios).find((one) => one.name === name);
}
