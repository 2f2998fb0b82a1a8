/** One Slack as it is remembered: people, channels, messages, views, files, triggers. */

import { randomBytes } from "node:crypto";
import type { Changes } from "./changes.ts";
import type { PlatformClock } from "./clock.ts";
import {
  type ApiRequest,
  type Block,
  type Channel,
  type Json,
  type Message,
  records,
  SlackRefusal,
  type StoredFile,
  type Team,
  text,
  type User,
  type View,
} from "./model.ts";
import type { Schemas } from "./schemas.ts";

export interface Trigger {
  user: string;
  issued: number;
  used: boolean;
  /** The modal it came from, for views.push. */
  view: string | undefined;
}

export interface ResponseUrl {
  issued: number;
  uses: number;
  user: string;
  channel: string;
  threadTs: string | undefined;
  /** The message that was clicked. */
  original: string | undefined;
}

/** What the app was installed with. */
export interface Installation {
  appId: string;
  botToken: string;
  appToken: string;
  signingSecret: string;
  verificationToken: string;
  botUserId: string;
  botId: string;
  team: string;
  scopes: string[];
}

export interface Workspace {
  installation: Installation;
  clock: PlatformClock;
  changes: Changes;
  schemas: Schemas;
  teams: Map<string, Team>;
  users: Map<string, User>;
  channels: Map<string, Channel>;
  messages: Message[];
  /** Open modals by user, the top last. */
  modals: Map<string, View[]>;
  homes: Map<string, View>;
  files: Map<string, StoredFile>;
  triggers: Map<string, Trigger>;
  responseUrls: Map<string, ResponseUrl>;
  requests: ApiRequest[];
  /** Payloads that Slack would refuse or drop, as sentences. */
  violations: string[];
  /** How long a trigger_id can be used. */
  triggerSeconds: number;
  /** http://127.0.0.1:PORT */
  origin: string;
  ts(): string;
}

/** Ids as Slack's: a letter and ten capitals or digits. */
export function newId(letter: string): string {
  return letter + randomBytes(8).toString("hex").toUpperCase().slice(0, 10);
}

/** Message timestamps: seconds and a counter, unique and growing. */
export function timestamps(clock: PlatformClock): () => string {
  let last = 0;
  return () => {
    last = Math.max(last + 1, Math.floor(clock.now()) * 1000);
    return `${Math.floor(last / 1_000_000)}.${String(last % 1_000_000).padStart(6, "0")}`;
  };
}

export function userOf(workspace: Workspace, id: string): User {
  const user = workspace.users.get(id);
  if (user === undefined) throw new Error(`The test's Slack has no user ${id}.`);
  return user;
}

export function teamOf(workspace: Workspace, id: string): Team {
  const team = workspace.teams.get(id);
  if (team === undefined) throw new Error(`The test's Slack has no team ${id}.`);
  return team;
}

/** Blocks as Slack keeps them: every block has a block_id, every interactive element an action_id. */
export function kept(blocks: unknown): Block[] {
  const named = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(named);
    if (typeof value !== "object" || value === null) return value;
    const node = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, named(inner)]));
    const type = text(node.type);
    const interactive = /^(button|overflow|plain_text_input|checkboxes|radio_buttons|datepicker)$|_select$/.test(type);
    return interactive && node.action_id === undefined ? { ...node, action_id: shortId() } : node;
  };
  return records(blocks).map((block) => ({
    ...(named(block) as Json),
    type: text(block.type),
    block_id: text(block.block_id) || shortId(),
  }));
}

function shortId(): string {
  return randomBytes(3).toString("hex").slice(0, 5);
}

export function issueTrigger(workspace: Workspace, user: string, view?: string): string {
  const id = `${Date.now()}.${workspace.triggers.size}.${randomBytes(16).toString("hex")}`;
  workspace.triggers.set(id, { user, issued: workspace.clock.now(), used: false, view });
  return id;
}

/** Takes a trigger_id: once, and within three seconds. */
export function useTrigger(workspace: Workspace, id: string): Trigger {
  const trigger = workspace.triggers.get(id);
  if (trigger === undefined) throw new SlackRefusal("invalid_trigger_id");
  if (trigger.used) throw new SlackRefusal("exchanged_trigger_id");
  if (workspace.clock.now() - trigger.issued > workspace.triggerSeconds * 1000)
    throw new SlackRefusal("expired_trigger_id");
  trigger.used = true;
  return trigger;
}

export function issueResponseUrl(workspace: Workspace, about: Omit<ResponseUrl, "issued" | "uses">): string {
  const path = `/actions/${workspace.installation.team}/${randomBytes(12).toString("hex")}`;
  workspace.responseUrls.set(path, { ...about, issued: workspace.clock.now(), uses: 0 });
  return `${workspace.origin}${path}`;
}

/** A modal by its id or external_id, wherever it is open; or a user's home. */
export function findView(workspace: Workspace, id: string): View | undefined {
  const open = [...workspace.modals.values()].flat().concat([...workspace.homes.values()]);
  return open.find((view) => view.id === id || (view.externalId !== "" && view.externalId === id));
}
