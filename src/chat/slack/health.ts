/** How the connection to Slack is, from everything that can go wrong with it at once. */

import type { ChatHealth, Clock } from "../../ports.ts";

export class Health {
  readonly #clock: Clock;
  /** What has not come about yet, by source. */
  readonly #awaited: Set<string>;
  readonly #troubles = new Map<string, string>();
  #shown: ChatHealth;

  /** Starting until each of `awaited` is well once. */
  constructor(clock: Clock, awaited: readonly string[]) {
    this.#clock = clock;
    this.#awaited = new Set(awaited);
    this.#shown = { state: "starting", since: clock.now(), reason: "Slack has not answered yet." };
  }

  /** `reason` is one sentence. */
  trouble(source: string, reason: string): void {
    this.#troubles.set(source, reason);
    this.#update();
  }

  well(source: string): void {
    this.#troubles.delete(source);
    this.#awaited.delete(source);
    this.#update();
  }

  read(): ChatHealth {
    return this.#shown;
  }

  #update(): void {
    const [reason] = this.#troubles.values();
    const state = reason !== undefined ? "down" : this.#awaited.size > 0 ? "starting" : "up";
    const since = state === this.#shown.state ? this.#shown.since : this.#clock.now();
    this.#shown = { state, since, reason: reason ?? (state === "starting" ? "Slack has not answered yet." : "") };
  }
}
