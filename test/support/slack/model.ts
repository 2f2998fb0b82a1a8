/** What Slack keeps, and how it refuses. */

export type Json = Record<string, unknown>;

export interface Team {
  id: string;
  domain: string;
  enterprise: { id: string; name: string } | undefined;
}

export interface User {
  id: string;
  team: string;
  enterprise: string | undefined;
  name: string;
  bot: boolean;
  deleted: boolean;
  restricted: boolean;
  ultraRestricted: boolean;
  /** Of another workspace, met through a shared channel. */
  stranger: boolean;
}

export interface Channel {
  id: string;
  name: string;
  /** User ids; the bot's own where it was invited. */
  members: string[];
}

export type Block = Json & { type: string; block_id: string };

export type Attachment = Json & { blocks: Block[] };

export interface Message {
  channel: string;
  ts: string;
  threadTs: string | undefined;
  user: string;
  text: string;
  blocks: Block[];
  /** Secondary content beside a coloured bar; its blocks under `blocks`. */
  attachments: Attachment[];
  metadata: Json | undefined;
  /** How often it was changed since it was posted. */
  edits: number;
  /** File ids shared with it. */
  files: string[];
  unfurlLinks: boolean | undefined;
  unfurlMedia: boolean | undefined;
  /** Only this user sees it. */
  ephemeralFor: string | undefined;
}

export interface View {
  id: string;
  hash: string;
  type: "modal" | "home";
  user: string;
  callbackId: string;
  externalId: string;
  privateMetadata: string;
  title: string;
  submit: string | undefined;
  close: string | undefined;
  notifyOnClose: boolean;
  clearOnClose: boolean;
  blocks: Block[];
  rootId: string;
  previousId: string | undefined;
  /** What the person sees under a field, by block_id, after a refused submission. */
  errors: Record<string, string>;
}

export interface StoredFile {
  id: string;
  name: string;
  title: string;
  /** Bytes announced. */
  length: number;
  bytes: Uint8Array | undefined;
  altText: string | undefined;
  complete: boolean;
  channel: string | undefined;
  threadTs: string | undefined;
}

/** One call of a Web API method as it came. */
export interface ApiRequest {
  method: string;
  token: string;
  args: Json;
  /** Milliseconds since 1970, by the platform's clock. */
  at: number;
  /** Milliseconds by the monotonic clock that all processes of a machine share. */
  heardAt: number;
  contentType: string;
}

/** One thing wrong with a payload; `pointer` is a JSON pointer. */
export interface Problem {
  text: string;
  pointer: string;
}

/** An expected "no" of the Web API: `{ok: false, error, ...more}`. */
export class SlackRefusal extends Error {
  override readonly name = "SlackRefusal";
  readonly code: string;
  readonly more: Json;
  constructor(code: string, more: Json = {}) {
    super(code);
    this.code = code;
    this.more = more;
  }
}

/** The refusal that names every place that is wrong, as Slack does for blocks, views and arguments. */
export function refusedFor(code: string, problems: readonly Problem[]): SlackRefusal {
  const lines = problems.map((one) => `${one.text} [json-pointer:${one.pointer}]`);
  return new SlackRefusal(code, {
    errors: lines,
    response_metadata: { messages: lines.map((line) => `[ERROR] ${line}`) },
  });
}

export function record(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

export function records(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(record) : [];
}

export function text(value: unknown): string {
  return typeof value === "string" ? value : value === undefined || value === null ? "" : String(value);
}
