/** A Slack on loopback: real HTTP, real WebSockets, the vendor's own limits and error codes. */

import { randomBytes } from "node:crypto";
import { startApi } from "./api-server.ts";
import { type Changes, changes } from "./changes.ts";
import { post } from "./chat-methods.ts";
import { type PlatformClock, platformClock } from "./clock.ts";
import type { Deliver, Delivered, DeliveryKind, Retry } from "./delivery.ts";
import { apiFaults, type Faults } from "./faults.ts";
import { deliverOverHttp, encoded, postRaw, type RawDelivery, signed } from "./http-delivery.ts";
import { limits } from "./limits.ts";
import type { ApiRequest, Channel, Json, Message, StoredFile, Team, User, View } from "./model.ts";
import { type People, people } from "./people.ts";
import type { RateLimit } from "./rate-limit.ts";
import { slackSchemas } from "./schemas.ts";
import { SocketMode } from "./socket.ts";
import { type Installation, newId, timestamps, userOf, type Workspace } from "./workspace.ts";

export interface SlackOptions {
  team?: Partial<Team>;
  /** Scopes of the bot token; what Quorate's manifest asks for, unless said otherwise. */
  scopes?: string[];
  /** About one message a second and channel; off unless given. */
  rateLimit?: RateLimit;
  /** How long Slack waits for an acknowledgement, in milliseconds: 3000. */
  ackDeadline?: number;
  /** How long a trigger_id can be used: 3 s. Real seconds count, and those the clock is advanced by. */
  triggerSeconds?: number;
}

export interface SlackPlatform extends People, Pick<Installation, "appId" | "botToken" | "appToken" | "signingSecret"> {
  /** For SLACK_API_URL: ends with a slash. */
  apiUrl: string;
  botUserId: string;
  team: Team;
  /** Sends commands, clicks and events to this URL from now on; over Socket Mode without one. Gives the one before. */
  deliverTo(url: string | undefined): string | undefined;
  addTeam(team: Partial<Team> & { id: string }): void;
  addUser(user: Partial<User> & { id: string }): User;
  setUser(id: string, change: Partial<User>): void;
  /** The bot is a member unless `invited` is false. */
  addChannel(channel: { id: string; name: string; members?: string[]; invited?: boolean }): void;
  /** What everybody in the channel sees, oldest first. */
  messages(channel: string): Message[];
  /** What this user alone sees, oldest first. */
  ephemerals(user: string): Message[];
  /** Open modals, the top last. */
  modals(user: string): View[];
  home(user: string): View | undefined;
  files(): StoredFile[];
  /** A person's own message. */
  say(user: string, channel: string, words: string): Message;
  /** Sends an event of any kind; repeated at once, after 1 and after 5 minutes of the platform's clock, until acknowledged. */
  event(payload: Json): Promise<Delivered>;
  /** Every body that was delivered, in order. */
  readonly delivered: readonly { kind: DeliveryKind; payload: Json }[];
  /** POSTs to the bot's URL exactly these bytes and headers. */
  deliverRaw(body: string, headers: Record<string, string>): Promise<RawDelivery>;
  /** A genuine body with genuine headers, to be replayed, altered or sent late; `age` is in seconds, negative ahead. */
  sign(kind: DeliveryKind, payload: Json, age?: number): { body: string; headers: Record<string, string> };
  faults: Faults;
  socket: SocketMode;
  clock: PlatformClock;
  /** Every Web API call as it came. */
  readonly requests: readonly ApiRequest[];
  /** Payloads that no Slack would take. Empty at the end of a good test. */
  readonly violations: readonly string[];
  until: Changes["until"];
  /** Wakes the waits after something changed that is not the platform's own, such as a test's list of what ran. */
  changed: Changes["changed"];
  stop(): Promise<void>;
}

const defaultScopes = ["commands", "chat:write", "files:write", "users:read"];

export async function startSlack(options: SlackOptions = {}): Promise<SlackPlatform> {
  const { ackDeadline = limits.ackSeconds * 1000 } = options;
  const workspace = await emptyWorkspace(options);
  const { installation } = workspace;
  const faults = apiFaults();
  const socket = new SocketMode(workspace);
  const api = await startApi(workspace, faults, socket, options.rateLimit);
  const delivered: { kind: DeliveryKind; payload: Json }[] = [];
  let requestUrl: string | undefined;

  const deliver: Deliver = async (kind, payload, retry) => {
    delivered.push({ kind, payload });
    const url = requestUrl;
    const answer =
      url === undefined
        ? await socket.deliver(kind, payload, ackDeadline, retry)
        : await deliverOverHttp(workspace, url, kind, payload, ackDeadline, retry);
    if (kind === "events_api" && !answer.acked) {
      const late = answer.failure === "operation_timeout";
      repeatLater(payload, retry?.attempt ?? 0, url === undefined ? "timeout" : late ? "http_timeout" : "http_error");
    }
    workspace.changes.changed();
    return answer;
  };
  const repeatLater = (payload: Json, attempts: number, reason: Retry["reason"]) => {
    const wait = [0, 60_000, 300_000][attempts];
    if (wait === undefined) return;
    const again = () => void deliver("events_api", payload, { attempt: attempts + 1, reason });
    if (wait === 0) again();
    else workspace.clock.at(workspace.clock.now() + wait, again);
  };

  return {
    ...people(workspace, deliver),
    ...state(workspace),
    ...installation,
    apiUrl: `${workspace.origin}/api/`,
    team: workspace.teams.get(installation.team) as Team,
    deliverTo: (url) => {
      const before = requestUrl;
      requestUrl = url;
      return before;
    },
    say: (user, channel, words) => post(workspace, { text: words }, { channel, user: userOf(workspace, user).id }),
    event: (payload) => deliver("events_api", payload),
    delivered,
    deliverRaw: (body, headers) => {
      if (requestUrl === undefined) throw new Error("The bot has no request URL: call deliverTo first.");
      return postRaw(requestUrl, body, headers, ackDeadline);
    },
    sign: (kind, payload, age = 0) => {
      const { body, contentType } = encoded(kind, payload);
      const seconds = Math.floor(workspace.clock.now() / 1000) - age;
      return { body, headers: { "content-type": contentType, ...signed(installation.signingSecret, body, seconds) } };
    },
    faults,
    socket,
    clock: workspace.clock,
    requests: workspace.requests,
    violations: workspace.violations,
    until: workspace.changes.until,
    changed: workspace.changes.changed,
    stop: async () => {
      await socket.stop();
      await api.stop();
    },
  };
}

type State = Pick<
  SlackPlatform,
  "addTeam" | "addUser" | "setUser" | "addChannel" | "messages" | "ephemerals" | "modals" | "home" | "files"
>;

/** Who and what is there, to be set up and to be looked at. */
function state(workspace: Workspace): State {
  const { installation } = workspace;
  return {
    addTeam: (team) => {
      workspace.teams.set(team.id, { domain: team.id.toLowerCase(), enterprise: undefined, ...team });
    },
    addUser: (user) => {
      const added = { ...person(installation.team, user.id), ...user };
      workspace.users.set(user.id, added);
      return added;
    },
    setUser: (id, change) => {
      workspace.users.set(id, { ...userOf(workspace, id), ...change });
    },
    addChannel: ({ id, name, members = [], invited = true }) => {
      const channel: Channel = { id, name, members: invited ? [...members, installation.botUserId] : [...members] };
      workspace.channels.set(id, channel);
    },
    messages: (channel) =>
      workspace.messages.filter((one) => one.channel === channel && one.ephemeralFor === undefined),
    ephemerals: (user) => workspace.messages.filter((one) => one.ephemeralFor === user),
    modals: (user) => workspace.modals.get(user) ?? [],
    home: (user) => workspace.homes.get(user),
    files: () => [...workspace.files.values()],
  };
}

function person(team: string, id: string): User {
  return {
    id,
    team,
    enterprise: undefined,
    name: id.toLowerCase(),
    bot: false,
    deleted: false,
    restricted: false,
    ultraRestricted: false,
    stranger: false,
  };
}

async function emptyWorkspace(options: SlackOptions): Promise<Workspace> {
  const clock = platformClock();
  const team: Team = { id: "T0COUNCIL", domain: "council", enterprise: undefined, ...options.team };
  const installation: Installation = {
    appId: newId("A"),
    botToken: `xoxb-${randomBytes(12).toString("hex")}`,
    appToken: `xapp-1-${randomBytes(12).toString("hex")}`,
    signingSecret: randomBytes(16).toString("hex"),
    verificationToken: randomBytes(12).toString("hex"),
    botUserId: newId("U"),
    botId: newId("B"),
    team: team.id,
    scopes: options.scopes ?? defaultScopes,
  };
  const workspace: Workspace = {
    installation,
    clock,
    changes: changes(() => summary(workspace)),
    schemas: await slackSchemas(),
    teams: new Map([[team.id, team]]),
    users: new Map(),
    channels: new Map(),
    messages: [],
    modals: new Map(),
    homes: new Map(),
    files: new Map(),
    triggers: new Map(),
    responseUrls: new Map(),
    requests: [],
    violations: [],
    triggerSeconds: options.triggerSeconds ?? limits.triggerSeconds,
    origin: "",
    ts: timestamps(clock),
  };
  const bot = { ...person(team.id, installation.botUserId), name: "quorate", bot: true };
  workspace.users.set(bot.id, bot);
  return workspace;
}

/** What is there, for a wait that failed. */
function summary(workspace: Workspace): string {
  const messages = workspace.messages.map(
    ({ channel, ephemeralFor, edits, text, blocks }) =>
      `${ephemeralFor === undefined ? channel : `${channel} for ${ephemeralFor} alone`}${edits > 0 ? ` (edited ${edits})` : ""}: ${text.slice(0, 200)} [${blocks.length} blocks]`,
  );
  const modals = [...workspace.modals].flatMap(([user, stack]) =>
    stack.map((view) => `modal "${view.title}" of ${user}`),
  );
  const calls = workspace.requests.slice(-10).map((call) => call.method);
  return JSON.stringify({ messages, modals, lastCalls: calls, violations: workspace.violations }, undefined, 1);
}
