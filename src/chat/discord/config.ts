/** How the adapter is set up. */

export interface DiscordConfig {
  /** The bot's token. It goes to Discord alone: no error, log or fault carries it. */
  token: string;
  applicationId: string;
  /** The council's server; nothing is taken from anywhere else. */
  guildId: string;
  /** Where Discord's API is, without a version; discord.com where left out. */
  apiUrl?: string | undefined;
}

/** Milliseconds between tries to connect. */
export interface Pace {
  /** After the first failure; doubled after each further one. */
  first: number;
  /** At most so long; and so long a lost connection may try to resume before a new one is made. */
  most: number;
  /** After Discord refused the token or the intents: only a person can mend that. */
  refused: number;
}

export const usualPace: Pace = { first: 1000, most: 60_000, refused: 60_000 };
