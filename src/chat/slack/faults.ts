/** Slack's errors as sentences for people. Tokens are in no SDK error, and nothing of a request is put into a sentence. */

import { webApi } from "@slack/bolt";
import { ChatFault } from "../../ports.ts";

/** What somebody can do about it, by Slack's error code (docs.slack.dev, errors of each method). */
const remedies: Record<string, string> = {
  invalid_auth: "Check SLACK_BOT_TOKEN and SLACK_APP_TOKEN.",
  not_authed: "Check SLACK_BOT_TOKEN and SLACK_APP_TOKEN.",
  token_revoked: "Install the app again and renew SLACK_BOT_TOKEN.",
  token_expired: "Install the app again and renew SLACK_BOT_TOKEN.",
  account_inactive: "Install the app again and renew SLACK_BOT_TOKEN.",
  missing_scope: "Install the app again with all scopes of its manifest.",
  not_in_channel: "Invite the bot to the channel.",
  channel_not_found: "Check channels.yaml, and invite the bot to the channel.",
  is_archived: "Check channels.yaml: the channel is archived.",
};

const signedOut = new Set(["invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive"]);

/** Slack's words for a message that is wrong or too big, whatever the place it goes to. */
export const unfit = new Set([
  "invalid_blocks",
  "invalid_blocks_format",
  "msg_too_long",
  "msg_blocks_too_long",
  "invalid_arguments",
]);

/** Slack's own code, such as `channel_not_found`; undefined where Slack did not answer. */
export function errorCode(fault: unknown): string | undefined {
  if (fault instanceof ChatFault) return errorCode(fault.cause);
  return fault instanceof webApi.WebAPIPlatformError ? fault.data.error : undefined;
}

/** The tokens hold no longer; nothing works until somebody renews them, or Slack is itself again. */
export function isSignedOut(fault: unknown): boolean {
  return signedOut.has(errorCode(fault) ?? "");
}

/** Slack did not answer, so it may or may not have done what it was asked. */
export function isUnanswered(fault: unknown): boolean {
  if (fault instanceof ChatFault) return isUnanswered(fault.cause);
  return fault instanceof webApi.WebAPIRequestError || fault instanceof webApi.WebAPIHTTPError;
}

/** `doing` completes "Slack refused …": "to show a card". */
export function slackFault(doing: string, fault: unknown): ChatFault {
  if (fault instanceof ChatFault) return fault;
  if (fault instanceof webApi.WebAPIRateLimitedError) {
    const retryAfter = BigInt(Math.max(1, Math.ceil(fault.retryAfter)));
    return new ChatFault(`Slack wants ${retryAfter} s of rest before it is asked ${doing}.`, {
      cause: fault,
      retryAfter,
    });
  }
  const code = errorCode(fault);
  if (code !== undefined) {
    const remedy = remedies[code];
    return new ChatFault(`Slack refused ${doing} (${code}).${remedy === undefined ? "" : ` ${remedy}`}`, {
      cause: fault,
    });
  }
  if (fault instanceof webApi.WebAPIHTTPError)
    return new ChatFault(`Slack answered with HTTP status ${fault.statusCode} when asked ${doing}.`, { cause: fault });
  return new ChatFault(`Slack could not be reached ${doing}.`, { cause: fault });
}
