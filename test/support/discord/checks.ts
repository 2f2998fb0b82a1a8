/** Schema and rules together: what a body is refused for. */

import { type Problem, refusals } from "./errors.ts";
import { ruleProblems, type rules } from "./rules.ts";
import { type BodyName, schemaProblems } from "./schema.ts";

/** A file of a multipart request: `files[index]`. */
export interface UploadedFile {
  index: number;
  filename: string;
  contentType: string;
  bytes: Uint8Array;
}

export type Body = Record<string, unknown>;

/** Throws a refusal with code 50035 and every problem; `at` is where in the request the body is. */
export function checkBody(
  schema: BodyName,
  kind: keyof typeof rules,
  body: unknown,
  at: Problem["path"] = [],
  filenames: readonly string[] = [],
): void {
  const formed = schemaProblems(schema, body);
  const ruled = typeof body === "object" && body !== null ? ruleProblems(kind, body as Body, { filenames }) : [];
  refuseIfAny([...formed, ...ruled], at);
}

export function refuseIfAny(problems: Problem[], at: Problem["path"] = []): void {
  const told = new Map(problems.map((one) => [`${one.path.join(".")} ${one.code}`, one]));
  if (told.size > 0)
    throw refusals.invalidForm([...told.values()].map((one) => ({ ...one, path: [...at, ...one.path] })));
}

/** discord.js says these, as false, with every message, edits and answers too, and Discord ignores it there. */
const sdkDefaults = ["tts", "enforce_nonce"];

/** A message's body, new or edited: `kept` are the attachments that the message has already. */
export function checkMessage(
  schema: BodyName,
  body: Body,
  files: readonly UploadedFile[],
  kept: readonly { id: string; filename: string }[] = [],
  at: Problem["path"] = [],
): void {
  const listed = Array.isArray(body.attachments)
    ? (body.attachments as { id?: string; filename?: string }[])
    : undefined;
  const filenames = [
    ...files.map((file) => listed?.find((one) => one.id === String(file.index))?.filename ?? file.filename),
    ...kept
      .filter((one) => listed === undefined || listed.some((other) => other.id === one.id))
      .map((one) => one.filename),
  ];
  const told = Object.entries(body).filter(([key, value]) => !(value === false && sdkDefaults.includes(key)));
  checkBody(schema, "message", Object.fromEntries(told), at, filenames);
  const unknown = (listed ?? []).findIndex(
    ({ id }) => !files.some((file) => String(file.index) === id) && !kept.some((one) => one.id === id),
  );
  refuseIfAny(
    unknown < 0
      ? []
      : [
          {
            path: ["attachments", unknown, "id"],
            code: "ATTACHMENT_NOT_FOUND",
            message: "No such attachment is there or was sent.",
          },
        ],
    at,
  );
}
