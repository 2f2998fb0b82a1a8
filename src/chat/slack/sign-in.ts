/** Who the bot is: asked of Slack at the start, and again whenever the connection was lost, until it answers. */

import type { SlackApi } from "./api.ts";
import { Attempts } from "./attempts.ts";
import type { Health } from "./health.ts";

export interface Identity {
  /** The team the app is installed in. */
  team: string;
  user: string;
  bot: string | undefined;
}

export class SignIn {
  identity: Identity | undefined;
  /**
   * The app's id, which every delivery must name: from Socket Mode's `hello`, else from the first delivery that was
   * verified otherwise (the signing secret is the app's own).
   */
  app: string | undefined;
  readonly #api: SlackApi;
  readonly #health: Health;
  readonly #teamIds: readonly string[];
  readonly #attempts: Attempts;
  #wrongTeam: string | undefined;

  constructor(api: SlackApi, health: Health, teamIds: readonly string[]) {
    this.#api = api;
    this.#health = health;
    this.#teamIds = teamIds;
    this.#attempts = new Attempts(() => this.#attempt());
    api.whenLost(() => this.#attempts.again());
  }

  /** Resolves after the first try, whatever came of it; rejects where the token belongs to another team. */
  async start(): Promise<void> {
    await this.#attempts.first();
    if (this.#wrongTeam !== undefined) throw new Error(this.#wrongTeam);
  }

  stop(): void {
    this.#attempts.stop();
  }

  async #attempt(): Promise<boolean> {
    try {
      const { team_id, user_id, bot_id } = await this.#api.call("to say who the bot is", () =>
        this.#api.usual.auth.test(),
      );
      if (team_id === undefined || user_id === undefined) throw new Error("Slack did not say who the bot is.");
      if (!this.#teamIds.includes(team_id)) return this.#isElsewhere(team_id);
      this.identity = { team: team_id, user: user_id, bot: bot_id };
      this.#health.well("sign-in");
      return true;
    } catch (fault) {
      this.#health.trouble("sign-in", fault instanceof Error ? fault.message : "Slack did not answer.");
      return false;
    }
  }

  /** No retry mends it, so it is not tried again. */
  #isElsewhere(team: string): true {
    this.identity = undefined;
    this.#wrongTeam = `SLACK_BOT_TOKEN belongs to the Slack team ${team}, which SLACK_TEAM_IDS does not name.`;
    this.#health.trouble("sign-in", this.#wrongTeam);
    return true;
  }
}
