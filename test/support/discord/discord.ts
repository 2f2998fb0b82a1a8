/**
 * A loopback Discord: real HTTP and a real WebSocket gateway on 127.0.0.1 for an unmodified discord.js, as strict as
 * Discord about limits, deadlines and permissions. `new Client({ rest: { api: discord.apiUrl } })` talks to it.
 */

import type { AddressInfo } from "node:net";
import type { APIApplicationCommand } from "discord-api-types/v10";
import { platformClock } from "./clock.ts";
import { createFaults, type RestFaults } from "./faults.ts";
import { createGateway, type Gateway } from "./gateway.ts";
import { createRest, type ReceivedRequest, type Violation } from "./http.ts";
import { createInteractions, type Interaction, type Interactions } from "./interactions.ts";
import { createPeople, type People } from "./people.ts";
import { type Population, populate } from "./population.ts";
import { createRateLimits, type RateLimit } from "./rate-limits.ts";
import { channelRoutes } from "./routes/channels.ts";
import { commandRoutes } from "./routes/commands.ts";
import { directoryRoutes } from "./routes/directory.ts";
import { interactionRoutes } from "./routes/interactions.ts";
import { waiting } from "./until.ts";
import { type Channel, emptyWorld, type Message } from "./world.ts";

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
  const interactions: Interactions = createInteractions(world);
  const faults = createFaults();
  const credentials = { token: `${Buffer.from(world.botUserId).toString("base64url")}.loopback.${"x".repeat(27)}` };
  let gateway: ReturnType<typeof createGateway> | undefined;
  const dispatch = (type: string, data: unknown) => gateway?.dispatch(type, data);
  const address = { url: () => gateway?.url() ?? "", remainingStarts: () => gateway?.remainingStarts() ?? 0 };
  const server = createRest({
    world,
    token: () => credentials.token,
    faults,
    limits: createRateLimits(clock, options.rateLimits ?? [], options.globalLimit ?? 50),
    requests,
    violations,
    routes: [
      ...directoryRoutes(world, address),
      ...commandRoutes(world),
      ...channelRoutes(world, dispatch),
      ...interactionRoutes(world, interactions),
    ],
  });
  gateway = createGateway(server, {
    world,
    token: () => credentials.token,
    violations,
    heartbeatMilliseconds: options.heartbeatMilliseconds ?? 41_250,
    grantedIntents: options.grantedIntents ?? 0,
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const population = populate(world, dispatch);
  const home = population.addGuild("Council");
  const { id: channelId } = population.addChannel(home.id, "upgrades");
  const until = waiting(world, { requests, violations, interactions });
  const { stop: stopGateway } = gateway;

  return {
    ...population,
    ...createPeople(world, interactions, dispatch),
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
    commands: (guild = "") => world.commands.get(guild) ?? [],
    messages: (channel = channelId) =>
      [...world.messages.values()].filter((one) => one.channelId === channel && !one.deleted),
    threads: (channel = channelId) => [...world.channels.values()].filter((one) => one.parentId === channel),
    interactions: () => [...interactions.all.values()],
    modals: (user) => [...interactions.all.values()].filter((one) => one.userId === user && one.modal !== undefined),
    now: clock.now,
    advance: clock.advance,
    until,
    async stop() {
      faults.clear();
      interactions.stop();
      stopGateway();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
