/** Values that an option may take, for autocompletion: what the log and the policy know. */

import type { Command, Services } from "./command.ts";
import type { Policy } from "./domain/policy.ts";

export interface Suggestion {
  value: string;
  label: string;
}

/** By the option's name; empty where anything may be typed. */
export async function suggestions(
  option: string,
  {
    policy,
    services,
    commands,
  }: {
    policy: Policy;
    services: Pick<Services, "list"> & Partial<Pick<Services, "alerts" | "incidents">>;
    commands: readonly Command[];
  },
): Promise<Suggestion[]> {
  switch (option) {
    case "ceremony":
    case "revises":
      return (await services.list()).map((one) => ({ value: one.id, label: one.package.title }));
    case "target":
      return policy.targets.map((one) => ({ value: one.id, label: one.title }));
    case "release":
      return policy.targets.flatMap((one) =>
        one.releases.map((release) => ({ value: release.id, label: release.title })),
      );
    case "containment":
      return policy.targets.flatMap((one) => one.containment.map((item) => ({ value: item.id, label: item.action })));
    case "person":
      return policy.people.map((one) => ({ value: one.id, label: one.name }));
    case "alert":
      return (services.alerts?.setting().state.alerts ?? [])
        .filter((one) => one.resolved === undefined)
        .map((one) => ({ value: one.id, label: one.facts.what }));
    case "incident":
      return (services.incidents?.incidents() ?? []).map((one) => ({
        value: one.incident,
        label: one.sentences[0] ?? one.incident,
      }));
    case "metric":
      return policy.metrics.map((one) => ({ value: one.id, label: one.title }));
    case "command":
      return commands.map((one) => ({ value: one.name, label: one.summary }));
    default:
      return [];
  }
}
