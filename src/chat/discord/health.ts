/** How the connection is, from what happened: discord.js goes on saying "ready" after Discord has hung up for good. */

import type { ChatHealth, Clock } from "../../ports.ts";
import type { CallFault } from "./calls.ts";

export class Health {
  readonly #clock: Clock;
  #gateway: Pick<ChatHealth, "state" | "reason"> = {
    state: "starting",
    reason: "Quorate has not connected to Discord yet.",
  };
  #trouble = new Map<string, string>();
  #told: ChatHealth;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#told = { ...this.#gateway, since: clock.now() };
  }

  up(): void {
    this.#gateway = { state: "up", reason: "" };
    this.#settle();
  }

  down(reason: string): void {
    this.#gateway = { state: "down", reason };
    this.#settle();
  }

  /** What does not work although the connection is there, by a name of its own; undefined once it works again. */
  trouble(name: string, reason: string | undefined): void {
    if (reason === undefined) this.#trouble.delete(name);
    else this.#trouble.set(name, reason);
    this.#settle();
  }

  /** A call that reached Discord heals what calls that did not had broken; refusals of one message are no illness. */
  called(fault: CallFault | undefined): void {
    if (fault?.status === 429) return;
    const ill = fault !== undefined && (fault.status === 0 || fault.status >= 500 || fault.status === 401);
    this.trouble("calls", ill ? fault.message : undefined);
  }

  now(): ChatHealth {
    return this.#told;
  }

  #settle(): void {
    const [reason] = this.#trouble.values();
    const next =
      this.#gateway.state === "up" && reason !== undefined ? { state: "down" as const, reason } : this.#gateway;
    const since = next.state === this.#told.state ? this.#told.since : this.#clock.now();
    this.#told = { ...next, since };
  }
}
