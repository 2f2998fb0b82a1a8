/** Calls to Discord's REST API; every failure is a sentence without any token in it. */

import { DiscordAPIError, HTTPError, RateLimitError, type RawFile, REST, type RequestMethod } from "discord.js";
import { ChatFault } from "../../ports.ts";
import { cut, inertText } from "../inert-text.ts";
import type { DiscordConfig } from "./config.ts";

/** Codes of Discord's page "Opcodes and Status Codes" that something is done about. */
export const codes = {
  unknownChannel: 10003,
  unknownMember: 10007,
  unknownMessage: 10008,
  unknownUser: 10013,
  unknownInteraction: 10062,
  alreadyAcknowledged: 40060,
  missingAccess: 50001,
  missingPermissions: 50013,
  invalidForm: 50035,
  threadArchived: 50083,
  threadThere: 160004,
} as const;

/** Why Discord did not take a call. `code` is Discord's, `status` HTTP's; both 0 where no answer came. */
export class CallFault extends ChatFault {
  readonly code: number;
  readonly status: number;
  constructor(message: string, more: { code?: number; status?: number; retryAfter?: bigint } = {}) {
    super(message, { retryAfter: more.retryAfter });
    this.code = more.code ?? 0;
    this.status = more.status ?? 0;
  }
}

export function hasCode(fault: unknown, ...wanted: number[]): boolean {
  return fault instanceof CallFault && wanted.includes(fault.code);
}

export interface CallOptions {
  body?: unknown;
  files?: RawFile[];
}

/** A REST client with its own queues: a limit in one holds nothing in another. Rejects with a {@link CallFault}. */
export interface Calls {
  call(method: `${RequestMethod}`, route: `/${string}`, options?: CallOptions): Promise<unknown>;
  stop(): void;
}

/** Milliseconds until an answer is no longer waited for. */
export const callTimeout = 10_000;

export interface CallsOptions {
  retries: number;
  /** Answers to interactions carry a token of their own instead of the bot's, and count towards no limit of the bot's. */
  asBot: boolean;
  /** Told how each call as the bot went: undefined where Discord took it. */
  onOutcome?(fault: CallFault | undefined): void;
}

export function createCalls({ token, apiUrl }: DiscordConfig, { retries, asBot, onOutcome }: CallsOptions): Calls {
  const rest = new REST({
    ...(apiUrl === undefined ? {} : { api: apiUrl }),
    timeout: callTimeout,
    retries,
    rejectOnRateLimit: ["/channels"],
    ...(asBot ? {} : { globalRequestsPerSecond: Number.MAX_SAFE_INTEGER }),
  });
  return {
    async call(method, fullRoute, { body, files } = {}) {
      // A 401 makes the client forget the token; an operator may set things right at Discord, so it is tried again.
      if (asBot) rest.setToken(token);
      try {
        const answer = await rest.request({
          method: method as RequestMethod,
          fullRoute,
          auth: asBot,
          ...(body === undefined ? {} : { body }),
          ...(files === undefined || files.length === 0 ? {} : { files }),
        });
        onOutcome?.(undefined);
        return answer;
      } catch (cause) {
        const fault = callFault(cause, token);
        onOutcome?.(fault);
        throw fault;
      }
    },
    stop: () => {
      rest.clearHashSweeper();
      rest.clearHandlerSweeper();
    },
  };
}

/** The cause is not kept: it holds the address, which carries an interaction's token, and the body. */
function callFault(cause: unknown, token: string): CallFault {
  const clean = (text: string) => cut(inertText(text.replaceAll(token, "…")), 300);
  if (cause instanceof RateLimitError) {
    const seconds = BigInt(Math.max(1, Math.ceil(Math.max(cause.retryAfter, cause.timeToReset) / 1000)));
    return new CallFault(`Discord asks to wait ${seconds} s before the next message there.`, {
      status: 429,
      retryAfter: seconds,
    });
  }
  if (cause instanceof DiscordAPIError) {
    const code = Number(cause.code);
    const sentence =
      cause.status === 401
        ? "Discord refused the bot's token."
        : `Discord refused it: ${clean(cause.message)} (${code}).`;
    return new CallFault(sentence, { code: Number.isSafeInteger(code) ? code : 0, status: cause.status });
  }
  if (cause instanceof HTTPError)
    return new CallFault(`Discord has a fault of its own: HTTP ${cause.status}.`, { status: cause.status });
  if (cause instanceof Error && cause.name === "AbortError")
    return new CallFault(`Discord did not answer within ${callTimeout / 1000} s.`);
  return new CallFault(`Discord cannot be reached: ${clean(cause instanceof Error ? cause.message : String(cause))}.`);
}
