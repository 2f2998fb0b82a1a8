/** The part of the environment that is about waking people besides chat. Secrets are here and nowhere else. */

import { EnvironmentFault } from "./environment-fault.ts";

export interface AlertEnvironment {
  pagerDuty: { routingKey: string; url: string } | undefined;
  alertWebhook: { url: string; secret: string } | undefined;
  /** Pinged with every heartbeat that arrived in chat; whoever is behind it calls somebody where none comes. */
  deadmanUrl: string | undefined;
}

type Set = Record<string, string | undefined>;

/** Reads what is set; throws {@link EnvironmentFault}, which never shows what it found. */
export function readAlertEnvironment(set: Set): AlertEnvironment {
  return { pagerDuty: pagerDutyOf(set), alertWebhook: webhookOf(set), deadmanUrl: addressOf(set, "DEADMAN_URL") };
}

function pagerDutyOf(set: Set): AlertEnvironment["pagerDuty"] {
  const { PAGERDUTY_ROUTING_KEY: routingKey } = set;
  const url = addressOf(set, "PAGERDUTY_URL") ?? "https://events.pagerduty.com";
  if (routingKey === undefined) {
    if (set.PAGERDUTY_URL === undefined) return undefined;
    throw new EnvironmentFault("PagerDuty is half configured: PAGERDUTY_ROUTING_KEY is missing. See docs/on-call.md.");
  }
  if (!/^[A-Za-z0-9]{32}$/.test(routingKey))
    throw new EnvironmentFault(
      "PAGERDUTY_ROUTING_KEY is not usable: the integration key of a service has 32 letters and digits.",
    );
  return { routingKey, url: url.replace(/\/+$/, "") };
}

function webhookOf(set: Set): AlertEnvironment["alertWebhook"] {
  const url = addressOf(set, "ALERT_WEBHOOK_URL");
  const { ALERT_WEBHOOK_SECRET: secret } = set;
  if (url === undefined && secret === undefined) return undefined;
  if (url === undefined || secret === undefined)
    throw new EnvironmentFault(
      `The alert webhook is half configured: ${url === undefined ? "ALERT_WEBHOOK_URL" : "ALERT_WEBHOOK_SECRET"} is missing. See docs/on-call.md.`,
    );
  if (secret.length < 32)
    throw new EnvironmentFault("ALERT_WEBHOOK_SECRET is not usable: a shared secret has 32 characters at least.");
  return { url, secret };
}

/** Alerts and keys travel there, so plain http is for this machine alone. */
function addressOf(set: Set, name: string): string | undefined {
  const text = set[name];
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLocal = url?.protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
  if (url === undefined || url.username !== "" || url.password !== "" || (url.protocol !== "https:" && !isLocal))
    throw new EnvironmentFault(`${name} is not usable: it is an https address (http only for 127.0.0.1).`);
  return text;
}
