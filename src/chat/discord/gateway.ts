/** The connection that Discord sends interactions over: made, kept, and made anew with a new client where it died. */

import { type Client, DiscordjsError, DiscordjsErrorCodes, Events, GatewayCloseCodes, HTTPError } from "discord.js";
import { callTimeout } from "./calls.ts";
import type { DiscordConfig, Pace } from "./config.ts";
import { type GuardedClient, guardedClient, onDispatch } from "./guarded-client.ts";
import type { Health } from "./health.ts";

export interface GatewayParts {
  config: DiscordConfig;
  pace: Pace;
  health: Health;
  /** An interaction as it came, unchecked. */
  onInteraction(data: unknown): void;
  /** The connection is there, for the first time or again. */
  onReady(client: Client): void;
  onFault(where: string, fault: unknown): void;
}

/** Close codes after which trying again at once is no use: something has to be set right first. */
const refusals: Record<number, string> = {
  [GatewayCloseCodes.AuthenticationFailed]: "Discord refused the bot's token.",
  [GatewayCloseCodes.InvalidShard]: "Discord refused the connection (4010).",
  [GatewayCloseCodes.ShardingRequired]: "Discord wants this bot to split its connection (4011).",
  [GatewayCloseCodes.InvalidAPIVersion]: "Discord no longer speaks this version of its protocol (4012).",
  [GatewayCloseCodes.InvalidIntents]: "Discord refused the bot's intents (4013).",
  [GatewayCloseCodes.DisallowedIntents]: "Discord refused the bot's intents (4014).",
};

export class Gateway {
  readonly #parts: GatewayParts;
  #current: GuardedClient | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #isUp = false;
  #stopped = false;

  constructor(parts: GatewayParts) {
    this.#parts = parts;
  }

  /** Resolves when the first try has come to an end, whichever, or takes long; it goes on by itself. */
  async start(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, callTimeout);
    });
    await Promise.race([this.#connect(), patience]);
    clearTimeout(timer);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#abandon();
  }

  async #connect(): Promise<void> {
    const { config, onFault } = this.#parts;
    const guarded = guardedClient(config, (fault) => onFault("discord gateway", cleaned(fault, config.token)));
    this.#current = guarded;
    const closed = this.#listen(guarded);
    try {
      await guarded.client.login(config.token);
      this.#up(guarded);
    } catch (fault) {
      this.#lost(guarded, refusalOf(fault) ?? refusals[closed.code], reasonOf(fault));
    }
  }

  /** Returns where the newest close code is kept. */
  #listen(guarded: GuardedClient): { code: number } {
    const { onInteraction } = this.#parts;
    const { client } = guarded;
    const closed = { code: 0 };
    const mine = (act: () => void) => () => (this.#isMine(guarded) ? act() : undefined);
    onDispatch(client.ws, "INTERACTION_CREATE", (data) => mine(() => onInteraction(data))());
    client.on(Events.ShardReady, () => this.#up(guarded));
    client.on(Events.ShardResume, () => this.#up(guarded));
    client.on(
      Events.ShardReconnecting,
      mine(() => this.#waitForReturn(guarded)),
    );
    client.on(
      Events.ShardError,
      mine(() => this.#waitForReturn(guarded)),
    );
    client.on(Events.ShardDisconnect, ({ code }) => {
      closed.code = code;
      this.#lost(guarded, refusals[code], `Discord closed the connection (${code}).`);
    });
    client.on(Events.Invalidated, () => this.#lost(guarded, undefined, "Discord ended the session."));
    return closed;
  }

  /** Not an earlier client's, nor one that was given up: what these still say counts no more. */
  #isMine(guarded: GuardedClient): boolean {
    return this.#current === guarded && !this.#stopped && !guarded.over;
  }

  #up(guarded: GuardedClient): void {
    if (!this.#isMine(guarded) || this.#isUp) return;
    this.#isUp = true;
    clearTimeout(this.#timer);
    this.#failures = 0;
    this.#parts.health.up();
    this.#parts.onReady(guarded.client);
  }

  /** discord.js resumes by itself; where it does not manage, a new client takes over. */
  #waitForReturn(guarded: GuardedClient): void {
    this.#isUp = false;
    this.#parts.health.down("The connection to Discord was lost and is being made again.");
    this.#after(this.#parts.pace.most, guarded);
  }

  #lost(guarded: GuardedClient, refusal: string | undefined, reason: string): void {
    if (!this.#isMine(guarded)) return;
    guarded.over = true;
    this.#isUp = false;
    const { pace, health, onFault } = this.#parts;
    health.down(refusal ?? reason);
    onFault("discord gateway", new Error(refusal ?? reason));
    const backOff = Math.min(pace.most, pace.first * 2 ** Math.min(this.#failures++, 16));
    this.#after(refusal === undefined ? backOff : pace.refused, guarded);
  }

  #after(milliseconds: number, guarded: GuardedClient): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#stopped || this.#current !== guarded) return;
      void this.#abandon()
        .then(() => (this.#stopped ? undefined : this.#connect()))
        .catch((fault) => this.#parts.onFault("discord gateway", cleaned(fault, this.#parts.config.token)));
    }, milliseconds);
  }

  async #abandon(): Promise<void> {
    const guarded = this.#current;
    if (guarded === undefined) return;
    guarded.over = true;
    await guarded.client
      .destroy()
      .catch((fault) => this.#parts.onFault("discord gateway", cleaned(fault, this.#parts.config.token)));
  }
}

function refusalOf(fault: unknown): string | undefined {
  const invalid = fault instanceof DiscordjsError && fault.code === DiscordjsErrorCodes.TokenInvalid;
  return invalid ? refusals[GatewayCloseCodes.AuthenticationFailed] : undefined;
}

function reasonOf(fault: unknown): string {
  return fault instanceof HTTPError
    ? `Discord cannot be reached: it answers with HTTP ${fault.status}.`
    : "Discord cannot be reached.";
}

/** As the client throws it, without the token. */
function cleaned(fault: unknown, token: string): Error {
  const text = fault instanceof Error ? `${fault.name}: ${fault.message}` : String(fault);
  return new Error(text.replaceAll(token, "…").slice(0, 500));
}
