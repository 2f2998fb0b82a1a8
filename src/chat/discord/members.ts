/** Whether somebody is a member of the council's server at this moment: asked of Discord, remembered for a minute. */

import { z } from "zod";
import type { Clock } from "../../ports.ts";
import { type Calls, codes, hasCode } from "./calls.ts";
import { memberRefusal } from "./sender.ts";

const answer = z.object({
  user: z.object({ id: z.string(), bot: z.boolean().optional(), system: z.boolean().optional() }),
  pending: z.boolean().optional(),
  communication_disabled_until: z.string().nullish(),
});

/** Seconds. */
const remembered = 60n;
const mostRemembered = 10_000;

export class Members {
  readonly #calls: Calls;
  readonly #guild: string;
  readonly #clock: Clock;
  /** Until when somebody counts as a member; nobody who was refused is in it. */
  readonly #known = new Map<string, bigint>();
  readonly #asking = new Map<string, Promise<string | undefined>>();

  constructor(calls: Calls, guild: string, clock: Clock) {
    this.#calls = calls;
    this.#guild = guild;
    this.#clock = clock;
  }

  /** A sentence where they may change nothing; undefined where they may be heard. Never rejects. */
  async refusal(user: string): Promise<string | undefined> {
    const now = this.#clock.now();
    const until = this.#known.get(user);
    if (until !== undefined && now < until && until <= now + remembered) return undefined;
    const asked = this.#asking.get(user) ?? this.#ask(user).finally(() => this.#asking.delete(user));
    this.#asking.set(user, asked);
    return asked;
  }

  async #ask(user: string): Promise<string | undefined> {
    this.#known.delete(user);
    try {
      const member = answer.parse(await this.#calls.call("GET", `/guilds/${this.#guild}/members/${user}`));
      const now = this.#clock.now();
      if (member.user.id !== user) return unsure;
      const refused = memberRefusal(member, now);
      if (refused !== undefined) return refused.refusal;
      if (this.#known.size >= mostRemembered) this.#known.clear();
      this.#known.set(user, now + remembered);
      return undefined;
    } catch (fault) {
      return hasCode(fault, codes.unknownMember, codes.unknownUser)
        ? "You are no longer a member of the council's Discord server. Join it again, and try again. Nothing was done."
        : unsure;
    }
  }
}

const unsure =
  "Discord could not say whether you are still a member of this server, so nothing was done. Try again in a minute.";
