/** The pagers besides chat that the environment configures. */

import type { AlertEnvironment } from "./alert-environment.ts";
import type { Pager } from "./pager-port.ts";
import { createPagerDuty } from "./paging/pagerduty.ts";
import { createSignedWebhook } from "./paging/signed-webhook.ts";
import type { Clock } from "./ports.ts";

export function openPagers({ pagerDuty, alertWebhook }: AlertEnvironment, clock: Clock): Pager[] {
  return [
    ...(pagerDuty === undefined ? [] : [createPagerDuty(pagerDuty)]),
    ...(alertWebhook === undefined ? [] : [createSignedWebhook({ ...alertWebhook, clock })]),
  ];
}
