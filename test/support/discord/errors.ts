/**
 * How Discord says no: a status, a numeric code, a message and, for a form that is wrong, the problems by path.
 * Codes are those of Discord's "Opcodes and Status Codes" page.
 */

/** One thing wrong with a request body. */
export interface Problem {
  path: (string | number)[];
  /** Discord's name of it, such as `BASE_TYPE_MAX_LENGTH`. */
  code: string;
  message: string;
}

export class DiscordRefusal extends Error {
  readonly status: number;
  readonly code: number;
  readonly problems: readonly Problem[];

  constructor(status: number, code: number, message: string, problems: readonly Problem[] = []) {
    super(message);
    this.status = status;
    this.code = code;
    this.problems = problems;
  }

  /** As the body of the answer. */
  toJSON(): Record<string, unknown> {
    const plain = { message: this.message, code: this.code };
    return this.problems.length === 0 ? plain : { ...plain, errors: nested(this.problems) };
  }
}

type Nested = { [key: string]: Nested | { code: string; message: string }[] };

function nested(problems: readonly Problem[]): Nested {
  const root: Nested = {};
  for (const { path, code, message } of problems) {
    let place = root;
    for (const step of path) {
      const next = (place[String(step)] ?? {}) as Nested;
      place[String(step)] = next;
      place = next;
    }
    const list = (place._errors ?? []) as { code: string; message: string }[];
    place._errors = [...list, { code, message }];
  }
  return root;
}

export const refusals = {
  notFound: () => new DiscordRefusal(404, 0, "404: Not Found"),
  unauthorized: () => new DiscordRefusal(401, 0, "401: Unauthorized"),
  unknownApplication: () => new DiscordRefusal(404, 10_002, "Unknown Application"),
  unknownChannel: () => new DiscordRefusal(404, 10_003, "Unknown Channel"),
  unknownGuild: () => new DiscordRefusal(404, 10_004, "Unknown Guild"),
  unknownMember: () => new DiscordRefusal(404, 10_007, "Unknown Member"),
  unknownMessage: () => new DiscordRefusal(404, 10_008, "Unknown Message"),
  unknownUser: () => new DiscordRefusal(404, 10_013, "Unknown User"),
  /** What a follow-up before the first answer gets: the token's webhook is not there yet. */
  unknownWebhook: () => new DiscordRefusal(404, 10_015, "Unknown Webhook"),
  unknownInteraction: () => new DiscordRefusal(404, 10_062, "Unknown interaction"),
  unknownCommand: () => new DiscordRefusal(404, 10_063, "Unknown application command"),
  alreadyAcknowledged: () => new DiscordRefusal(400, 40_060, "Interaction has already been acknowledged."),
  missingAccess: () => new DiscordRefusal(403, 50_001, "Missing Access"),
  notTheAuthor: () => new DiscordRefusal(403, 50_005, "Cannot edit a message authored by another user"),
  emptyMessage: () => new DiscordRefusal(400, 50_006, "Cannot send an empty message"),
  missingPermissions: () => new DiscordRefusal(403, 50_013, "Missing Permissions"),
  /** Also what an interaction's token gets once its 15 minutes are over. */
  invalidWebhookToken: () => new DiscordRefusal(401, 50_027, "Invalid Webhook Token"),
  archivedThread: () => new DiscordRefusal(400, 50_083, "Thread is archived"),
  malformedBody: () => new DiscordRefusal(400, 50_109, "The request body contains invalid JSON."),
  threadExists: () => new DiscordRefusal(400, 160_004, "A thread has already been created for this message"),
  invalidForm: (problems: readonly Problem[]) => new DiscordRefusal(400, 50_035, "Invalid Form Body", problems),
};
