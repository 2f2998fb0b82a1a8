/** Calls of Slack's Web API: each answered or refused within ten seconds, and none waiting for another. */

import { webApi } from "@slack/bolt";
import { isSignedOut, isUnanswered, slackFault } from "./faults.ts";
import type { Health } from "./health.ts";
import { quietLogger } from "./quiet-logger.ts";

export type WebClient = webApi.WebClient;

/**
 * No queue, no retries: the outbox tries again, and only after it has looked whether the first try arrived. A 429
 * rejects at once instead of pausing whatever else the client was asked.
 */
export function clientOptions(apiUrl: string | undefined): webApi.WebClientOptions {
  return {
    ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl.endsWith("/") ? apiUrl : `${apiUrl}/` }),
    rejectRateLimitedCalls: true,
    retryConfig: { retries: 0 },
    timeout: 10_000,
    maxRequestConcurrency: 1_000,
    logger: quietLogger,
  };
}

export class SlackApi {
  readonly usual: WebClient;
  /** What wakes people goes out over a client of its own. */
  readonly urgent: WebClient;
  readonly #health: Health;
  #onLost: () => void = () => undefined;

  constructor(botToken: string, apiUrl: string | undefined, health: Health) {
    this.usual = new webApi.WebClient(botToken, clientOptions(apiUrl));
    this.urgent = new webApi.WebClient(botToken, clientOptions(apiUrl));
    this.#health = health;
  }

  /** Told when Slack stops answering or the token stops holding: something has to find out when it is over. */
  whenLost(listener: () => void): void {
    this.#onLost = listener;
  }

  /** Runs a call; rejects with a {@link import("../../ports.ts").ChatFault}. `doing` is "to show a card". */
  async call<Result>(doing: string, run: () => Promise<Result>): Promise<Result> {
    try {
      const result = await run();
      this.#health.well("calls");
      return result;
    } catch (cause) {
      const fault = slackFault(doing, cause);
      if (isSignedOut(fault) || isUnanswered(fault)) {
        this.#health.trouble("calls", fault.message);
        this.#onLost();
      }
      throw fault;
    }
  }
}
