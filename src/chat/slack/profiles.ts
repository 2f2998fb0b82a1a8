/** What Slack says of an account now: asked at most once a minute and person, and again when Slack says it changed. */

import type { webApi } from "@slack/bolt";
import type { Clock } from "../../ports.ts";
import type { SlackApi } from "./api.ts";

export type Profile = NonNullable<webApi.UsersInfoResponse["user"]>;

/** Seconds for which an answer holds. */
const freshness = 60n;

export class Profiles {
  readonly #api: SlackApi;
  readonly #clock: Clock;
  readonly #known = new Map<string, { asked: bigint; profile: Promise<Profile> }>();

  constructor(api: SlackApi, clock: Clock) {
    this.#api = api;
    this.#clock = clock;
  }

  /** Rejects with a ChatFault where Slack does not say; a failure is not kept. */
  of(user: string): Promise<Profile> {
    const now = this.#clock.now();
    const known = this.#known.get(user);
    if (known !== undefined && now >= known.asked && now < known.asked + freshness) return known.profile;
    const profile = this.#ask(user);
    this.#known.set(user, { asked: now, profile });
    profile.catch(() => {
      if (this.#known.get(user)?.profile === profile) this.#known.delete(user);
    });
    return profile;
  }

  forget(user: string): void {
    this.#known.delete(user);
  }

  async #ask(user: string): Promise<Profile> {
    const answer = await this.#api.call("to tell about an account", () => this.#api.usual.users.info({ user }));
    if (answer.user === undefined) throw new Error("Slack said nothing of the account.");
    return answer.user;
  }
}
