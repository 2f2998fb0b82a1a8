/** PagerDuty by its Events API v2: https://developer.pagerduty.com/docs/send-alert-event */

import type { Severity } from "../domain/alerts/alert.ts";
import { type Pager, PagerFault, type PagerMessage } from "../pager-port.ts";
import { postJson } from "./post-json.ts";

export interface PagerDutyConfig {
  /** The integration key of a service, 32 characters. A secret: whoever has it can page. */
  routingKey: string;
  /** Up to and with the host: `https://events.pagerduty.com`, or the European one. */
  url: string;
  timeoutMs?: number;
}

const limits = { dedupKey: 255, summary: 1024 } as const;
const severities: Record<Severity, string> = { 1: "critical", 2: "error", 3: "warning" };

export function createPagerDuty({ routingKey, url, timeoutMs = 10_000 }: PagerDutyConfig): Pager {
  return {
    name: "pagerduty",
    async send(message) {
      const body = JSON.stringify({ routing_key: routingKey, ...eventOf(message) });
      const { status, body: answer } = await postJson("PagerDuty", `${url}/v2/enqueue`, body, {}, timeoutMs);
      if (status === 202) return { status, dedupKey: message.dedupKey };
      throw new PagerFault(`PagerDuty answered ${status}${reasonOf(answer)}.`, { isFinal: status === 400 });
    },
  };
}

function eventOf(message: PagerMessage): Record<string, unknown> {
  const { action, dedupKey, severity, summary, source, component, at, details, test } = message;
  const event = { event_action: action, dedup_key: dedupKey.slice(0, limits.dedupKey) };
  if (action !== "trigger") return event;
  return {
    ...event,
    client: "Quorate",
    payload: {
      summary: cut(summary),
      source,
      severity: test ? "info" : severities[severity],
      timestamp: new Date(Number(at) * 1000).toISOString(),
      component,
      class: test ? "test" : "breach",
      custom_details: details,
    },
  };
}

/** In UTF-16 units, and never half a character. */
function cut(summary: string): string {
  if (summary.length <= limits.summary) return summary;
  return `${summary.slice(0, limits.summary - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

/** What came over the network goes no further than letters. */
function reasonOf(answer: string): string {
  const words = answer
    .replace(/[^\w .,:'-]+/g, " ")
    .trim()
    .slice(0, 120);
  return words === "" ? "" : `: ${words}`;
}
