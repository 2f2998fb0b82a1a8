/** A discord.js client out of which nothing is thrown, whatever Discord sends. */

import { Client, GatewayIntentBits, SimpleShardingStrategy, type WebSocketManager } from "discord.js";
import { callTimeout } from "./calls.ts";
import type { DiscordConfig } from "./config.ts";

/** A destroyed client that was about to reconnect would do so all the same; `over` keeps it from that. */
export interface GuardedClient {
  client: Client;
  over: boolean;
}

/** Intents: Guilds alone. No text of any message ever reaches the program. */
export function guardedClient({ apiUrl }: DiscordConfig, onFault: (fault: unknown) => void): GuardedClient {
  const client = new Client({
    intents: [GatewayIntentBits.Guilds],
    allowedMentions: { parse: [] },
    rest: { ...(apiUrl === undefined ? {} : { api: apiUrl }), timeout: callTimeout, retries: 0 },
    ws: { buildStrategy: (manager) => new GuardedStrategy(manager, guard) },
  });
  const guarded: GuardedClient = { client, over: false };
  const guard = (owner: object, method: string, whenOver: boolean) => {
    const methods = owner as Record<string, (...values: unknown[]) => unknown>;
    const original = methods[method]?.bind(owner);
    if (original === undefined) throw new Error(`discord.js has no ${method} any more, which the adapter guards.`);
    methods[method] = (...values) => {
      if (guarded.over && !whenOver) return undefined;
      try {
        const result = original(...values);
        return result instanceof Promise ? result.catch(onFault) : result;
      } catch (fault) {
        onFault(fault);
        return undefined;
      }
    };
  };
  guard(client.ws, "handlePacket", false);
  client.on("error", onFault);
  return guarded;
}

type Guard = (owner: object, method: string, whenOver: boolean) => void;

/**
 * discord.js leaves the promises of these methods to nobody: one malformed frame, or a resume address that is none,
 * would be an unhandled rejection and end the program.
 */
class GuardedStrategy extends SimpleShardingStrategy {
  readonly #guard: Guard;

  constructor(manager: ConstructorParameters<typeof SimpleShardingStrategy>[0], guard: Guard) {
    super(manager);
    this.#guard = guard;
  }

  override async spawn(shardIds: number[]): Promise<void> {
    await super.spawn(shardIds);
    for (const shard of (this as unknown as { shards: Map<number, object> }).shards.values()) {
      for (const method of ["onMessage", "heartbeat", "internalConnect"]) this.#guard(shard, method, false);
      for (const method of ["onClose", "destroy"]) this.#guard(shard, method, true);
    }
  }
}

/** What the gateway sends, as discord.js hands it on before it looks at it. */
export function onDispatch(ws: WebSocketManager, type: string, listener: (data: unknown) => void): void {
  (ws as unknown as NodeJS.EventEmitter).on(type, listener);
}
