/**
 * Socket Mode, kept open by a loop of its own: the SDK's does not come back from `invalid_auth` and lets the rejection
 * go unhandled (node-slack-sdk #2656), and waits five seconds where Slack asks for a new connection.
 */

import { SocketModeReceiver } from "@slack/bolt";
import { clientOptions } from "./api.ts";
import { Attempts } from "./attempts.ts";
import { slackFault } from "./faults.ts";
import type { Health } from "./health.ts";
import { quietLogger } from "./quiet-logger.ts";

/** Milliseconds: for `hello` to come, and for a connection to close that was asked to. */
const waits = { hello: 15_000, close: 2_000 };

export interface SocketParts {
  appToken: string;
  apiUrl: string | undefined;
  health: Health;
  onFault(where: string, fault: unknown): void;
  /** Slack says at `hello` for which app the connection is. */
  onApp(app: string): void;
}

export class SocketConnection {
  readonly receiver: SocketModeReceiver;
  readonly #parts: SocketParts;
  readonly #attempts: Attempts;
  #closing: NodeJS.Timeout | undefined;
  #stopped = false;
  #connected = false;

  constructor(parts: SocketParts) {
    this.#parts = parts;
    this.receiver = new SocketModeReceiver({
      appToken: parts.appToken,
      autoReconnectEnabled: false,
      clientPingTimeout: 5_000,
      logger: quietLogger,
      installerOptions: { clientOptions: clientOptions(parts.apiUrl) },
      processEventErrorHandler: async ({ error }) => {
        parts.onFault("slack delivery", error);
        return false;
      },
    });
    this.#attempts = new Attempts(() => this.#connect());
    this.#guardMessages();
    this.receiver.client.on("disconnected", () => this.#disconnected());
  }

  /** Resolves after the first try. */
  start(): Promise<void> {
    return this.#attempts.first();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#attempts.stop();
    clearTimeout(this.#closing);
    await this.#hangUp();
  }

  async #connect(): Promise<boolean> {
    const timeout = Promise.withResolvers<never>();
    const timer = setTimeout(() => timeout.reject(new Error("There was no hello.")), waits.hello);
    try {
      await Promise.race([this.receiver.client.start(), timeout.promise]);
      if (this.#stopped) await this.#hangUp();
      this.#connected = true;
      this.#parts.health.well("connection");
      return true;
    } catch (cause) {
      this.#parts.health.trouble("connection", slackFault("to open a connection", cause).message);
      await this.#hangUp();
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Also what becomes of a connection that Slack renews: a moment without one is told, because commands fail in it. */
  #disconnected(): void {
    clearTimeout(this.#closing);
    if (this.#stopped || !this.#connected) return;
    this.#connected = false;
    this.#parts.health.trouble("connection", "The connection to Slack broke off and is being made again.");
    this.#attempts.again();
  }

  /** Asked twice, the SDK closes whether or not the other side agrees. */
  async #hangUp(): Promise<void> {
    const { client } = this.receiver;
    const closed = client.disconnect();
    const again = setTimeout(() => void client.disconnect(), waits.close);
    await closed.catch(() => undefined);
    clearTimeout(again);
  }

  /** The SDK's reader is async and nobody awaits it: what it throws at a malformed frame would end the program. */
  #guardMessages(): void {
    const { client } = this.receiver;
    const readers = client.listeners("ws_message");
    client.removeAllListeners("ws_message");
    client.on("ws_message", async (data: unknown, isBinary: unknown) => {
      try {
        this.#notice(data);
        for (const read of readers) await read(data, isBinary);
      } catch (fault) {
        this.#parts.onFault("slack frame", fault);
      }
    });
  }

  #notice(data: unknown): void {
    const frame: unknown = typeof data === "string" ? JSON.parse(data) : undefined;
    if (typeof frame !== "object" || frame === null || !("type" in frame)) return;
    if (frame.type === "disconnect") this.#closing = setTimeout(() => void this.#hangUp(), waits.close);
    if (frame.type !== "hello" || !("connection_info" in frame)) return;
    const info = frame.connection_info;
    if (typeof info === "object" && info !== null && "app_id" in info && typeof info.app_id === "string")
      this.#parts.onApp(info.app_id);
  }
}
