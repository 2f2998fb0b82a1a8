/** What pagers besides chat are told of an event: rung from the level that policy says, told who took it, and of the end. */

import type { Alert } from "../domain/alerts/alert.ts";
import type { AlertEvent } from "../domain/alerts/alert-events.ts";
import type { WatchState } from "../domain/alerts/watch-state.ts";
import type { Policy } from "../domain/policy.ts";
import type { PagerMessage } from "../pager-port.ts";

/** In order; `after` is the state after all of these events. `at`: wall time in seconds. */
export function pagerMessages(
  after: WatchState,
  events: readonly AlertEvent[],
  policy: Policy,
  at: bigint,
): PagerMessage[] {
  return events.flatMap((one): PagerMessage[] => {
    switch (one.type) {
      case "paged": {
        const alert = find(after, one.data.alert);
        return alert === undefined || !one.data.pagers
          ? []
          : [messageOf(alert, "trigger", alert.paging.incidents, policy, at)];
      }
      case "acked": {
        const alert = find(after, one.data.alert);
        const { incidents = 0 } = alert?.paging ?? {};
        return alert === undefined || incidents === 0 ? [] : [messageOf(alert, "acknowledge", incidents, policy, at)];
      }
      case "resolved": {
        const alert = find(after, one.data.alert);
        if (alert === undefined) return [];
        const numbers = Array.from({ length: alert.paging.incidents }, (_, index) => index + 1);
        return numbers.map((incident) => messageOf(alert, "resolve", incident, policy, at));
      }
      case "watchdogExpired":
        return [watchdog("trigger", at)];
      case "watchdogRestored":
        return [watchdog("resolve", at)];
      default:
        return [];
    }
  });
}

const find = ({ alerts }: WatchState, id: string) => alerts.find((one) => one.id === id);

function messageOf(
  alert: Alert,
  action: PagerMessage["action"],
  incident: number,
  policy: Policy,
  at: bigint,
): PagerMessage {
  const { id, key, ceremony, chain, metric, target, severity, facts, condition, containment, test } = alert;
  const where = policy.chains.find((one) => one.id === chain)?.name ?? chain;
  return {
    ...{ action, dedupKey: `quorate/${key}/${incident}`, alert: id, severity, at, test, component: target },
    summary: `SEV${severity} ${test ? "TEST" : "BREACH"} · ${facts.what} · ${where}${ceremony === "" ? "" : ` · ${ceremony}`}`,
    source: `${chain}/${target}`,
    details: {
      ...{ ceremony, chain, metric, condition, containment },
      block: `${facts.block.number}`,
      sources: `${facts.sources.agree} of ${facts.sources.of}`,
      runbook: facts.runbook,
      exposure: facts.exposure,
      acknowledge: `/upgrade ack ${id}`,
    },
  };
}

function watchdog(action: PagerMessage["action"], at: bigint): PagerMessage {
  return {
    ...{ action, dedupKey: "quorate/watchdog", alert: "watchdog", severity: 1, at, test: false },
    summary: "SEV1 WATCHDOG DOWN · no heartbeat arrives in chat, and a breach may wake nobody",
    ...{ source: "quorate", component: "watchdog", details: {} },
  };
}
