/** What of the environment must never be read in a log, in whichever sentence a library puts it. */

import type { Environment } from "./env.ts";

/** What is shorter is no secret, and would be found in half of the words there are. */
const shortest = 8;

/** Keys and tokens, and of addresses what is behind the host or before it. */
export function environmentSecrets(from: Omit<Environment, "policies" | "builds" | "dataDir">): string[] {
  const {
    gasKey,
    safeApiKey,
    databaseUrl,
    slack,
    discord,
    pagerDuty,
    alertWebhook,
    deadmanUrl,
    otlpEndpoint,
    sealKey,
  } = from;
  const addresses = [
    ...Object.values(from.rpc).flatMap((urls) => urls?.split(/\s+/) ?? []),
    ...[databaseUrl, alertWebhook?.url, deadmanUrl, otlpEndpoint].filter((one) => one !== undefined),
  ];
  const found = [
    ...[gasKey, gasKey?.slice(2), safeApiKey, slack?.botToken, slack?.appToken, slack?.signingSecret, discord?.token],
    ...[pagerDuty?.routingKey, alertWebhook?.secret, sealKey && Buffer.from(sealKey).toString("hex")],
    ...addresses.flatMap(privateParts),
  ].filter((one) => one !== undefined && one.length >= shortest);
  // The longest first: a part of it would leave the rest.
  return [...new Set(found as string[])].sort((a, b) => b.length - a.length);
}

function privateParts(address: string): string[] {
  if (!URL.canParse(address)) return [];
  const { username, password, pathname, search } = new URL(address);
  const path = pathname.split("/").filter((part) => /\d/.test(part));
  return [password, decodeURIComponent(password), username, ...path, search.slice(1)];
}
