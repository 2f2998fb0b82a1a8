/** An incident as the alerts hear of it: one alert for each target, of the first severity. */

import type { AlertSignal } from "../alerts/watch-intent.ts";
import type { Policy } from "../policy.ts";
import type { Incident } from "./incidents.ts";

export function incidentSignals(incident: Incident, policy: Policy): AlertSignal[] {
  const { block, targets, sentences, sender, settled } = incident;
  const { agree, of } = policy.chains.find((one) => one.id === block.chain)?.sources ?? { agree: 1, of: 1 };
  return targets.map((target): AlertSignal => {
    const [prepared] = policy.targets.find((one) => one.id === target)?.containment ?? [];
    return {
      ...{ ceremony: "", chain: block.chain, metric: incident.incident.toLowerCase(), target, severity: 1 },
      condition: settled ? "cleared" : "firing",
      facts: {
        what: `${incident.incident}: ${sentences.join(" ")} ${sender}`.replace(/\.$/, ""),
        block: { number: block.number, hash: block.hash },
        ...{ sources: { agree, of }, digest: undefined, exposure: "", runbook: "" },
        containment: prepared && { id: prepared.id, action: prepared.action },
      },
    };
  });
}

/** The incident that an alert is about, by its name; undefined of any other alert. */
export function incidentOf({ ceremony, metric }: { ceremony: string; metric: string }): string | undefined {
  return ceremony === "" && metric.startsWith("inc-") ? metric.replace("inc-", "INC-") : undefined;
}
