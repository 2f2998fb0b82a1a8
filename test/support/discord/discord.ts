/**
 * A loopback Discord: real HTTP and a real WebSocket gateway on 127.0.0.1 for an unmodified discord.js, as strict as
 * Discord about limits, deadlines and permissions. `new Client({ rest: { api: discord.apiUrl } })` talks to it.
 */

import type { AddressInfo } from "node:net";
import type { APIApplicationCommand } from "discord-api-types/v10";
import { platformClock } from "./clock.ts";
import { createFaults, type RestFaults } from "./faults.ts";
import { createGateway, type Gateway } from "./gateway.ts";
import { createRest, type ReceivedRequest, type Route, type Violation } from "./http.ts";
import { createInteractions, type Interaction, type Interactions } from "./interactions.ts";
import { createPeople, type People } from "./people.ts";
import { type Population, populate } from "./population.ts";
import { createRateLimits, type RateLimit } from "./rate-limits.ts";
import { channelRoutes } from "./routes/channels.ts";
import { commandRoutes } from "./routes/commands.ts";
import { directoryRoutes } from "./routes/directory.ts";
import { interactionRoutes } from "./routes/interactions.ts";
import { waiting } from "./until.ts";
import { type Channel, emptyWorld, type Message, type World } from "./world.ts";

export interface DiscordOptions {
  /** Limits that bite, as 429; without any, the headers are there and never reach zero. */
  rateLimits?: RateLimit[];
  /** Requests a second in all, where limits bite. */
  globalLimit?: number;
  heartbeatMilliseconds?: number;
  /** Privileged intents granted in the developer portal, as bits. */
  grantedIntents?: number;
}

export interface DiscordPlatform extends People, Population {
  readonly apiUrl: string;
  token: string;
  readonly applicationId: string;
  readonly botUserId: string;
  /** The first guild and its first channel, where the bot is installed. */
  readonly guildId: string;
  readonly channelId: string;
  readonly gateway: Gateway;
  readonly faults: RestFaults;
  /** Every REST request as it was received, oldest first. */
  readonly requests: readonly ReceivedRequest[];
  /** Requests that break a rule or the schema. A test ends with `expect(discord.violations).toEqual([])`. */
  readonly violations: readonly Violation[];
  /** As registered: of a guild, or the global ones. */
  commands(guild?: string): APIApplicationCommand[];
  /** What is in a channel or thread, oldest first; private answers too, deleted ones not. */
  messages(channel?: string): Message[];
  threads(channel?: string): Channel[];
  /** What people did, oldest first. */
  interactions(): Interaction[];
  /** Interactions that were answered with a modal, of this user, oldest first. */
  modals(user: string): Interaction[];
  now(): number;
  /** Lets time pass at once: for the 3 seconds, the 15 minutes, nonces and rate limits. */
  advance(milliseconds: number): void;
  /** Resolves on the first state that satisfies; a wait that fails says what was there instead. */
  until<T>(condition: () => T | undefined | false | null, what: string, milliseconds?: number): Promise<T>;
  stop(): Promise<void>;
}

export async function startDiscord(options: DiscordOptions = {}): Promise<DiscordPlatform> {
  const clock = platformClock();
  let origin = "";
  const world = emptyWorld(clock, () => origin);
  const requests: ReceivedRequest[] = [];
  const violations: Violation[] = [];
  const interactions = createInteractions(world);
  const faults = createFaults();
  const credentials = { token: `${Buffer.from(world.botUserId).toString("base64url")}.loopback.${"x".repeat(27)}` };
  const token = () => credentials.token;
  const routes: Route[] = [];
  const limits = createRateLimits(clock, options.rateLimits ?? [], options.globalLimit ?? 50);
  const server = createRest({ world, token, faults, limits, requests, violations, routes });
  const { heartbeatMilliseconds = 41_250, grantedIntents = 0 } = options;
  const gateway = createGateway(server, { world, token, violations, heartbeatMilliseconds, grantedIntents });
  routes.push(
    ...directoryRoutes(world, gateway),
    ...commandRoutes(world),
    ...channelRoutes(world, gateway.dispatch),
    ...interactionRoutes(world, interactions),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const population = populate(world, gateway.dispatch);
  const home = population.addGuild("Council");
  const { id: channelId } = population.addChannel(home.id, "upgrades");
  return {
    ...population,
    ...createPeople(world, interactions, gateway.dispatch),
    ...recordOf(world, interactions, channelId),
    apiUrl: `${origin}/api`,
    get token() {
      return credentials.token;
    },
    set token(changed: string) {
      credentials.token = changed;
    },
    applicationId: world.applicationId,
    botUserId: world.botUserId,
    guildId: home.id,
    channelId,
    gateway,
    faults,
    requests,
    violations,
    now: clock.now,
    advance: clock.advance,
    until: waiting(world, { requests, violations, interactions }),
    async stop() {
      faults.clear();
      interactions.stop();
      gateway.stop();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

type PlatformRecord = Pick<DiscordPlatform, "commands" | "messages" | "threads" | "interactions" | "modals">;

function recordOf(world: World, interactions: Interactions, home: string): PlatformRecord {
  const all = () => [...interactions.all.values()];
  return {
    commands: (guild = "") => world.commands.get(guild) ?? [],
    messages: (channel = home) =>
      [...world.messages.values()].filter((one) => one.channelId === channel && !one.deleted),
    threads: (channel = home) => [...world.channels.values()].filter((one) => one.parentId === channel),
    interactions: all,
    modals: (user) => all().filter((one) => one.userId === user && one.modal !== undefined),
  };
}
