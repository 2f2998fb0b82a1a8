/** JSON, or multipart with `payload_json` and `files[n]`, as Discord's page "Uploading Files" has it. */

import type { UploadedFile } from "./checks.ts";
import { refusals } from "./errors.ts";

export async function parseBody(
  contentType: string | undefined,
  bytes: Buffer,
): Promise<{ body: unknown; files: UploadedFile[] }> {
  if (bytes.length === 0) return { body: undefined, files: [] };
  if (!contentType?.startsWith("multipart/form-data")) return { body: json(bytes.toString("utf8")), files: [] };
  const form = await new Response(new Uint8Array(bytes), { headers: { "content-type": contentType } }).formData();
  const files: UploadedFile[] = [];
  for (const [name, value] of form) {
    const index = /^files\[([0-9]+)\]$/.exec(name)?.[1];
    if (index === undefined || typeof value === "string") continue;
    const content = new Uint8Array(await value.arrayBuffer());
    const type = value.type === "" ? "application/octet-stream" : value.type;
    files.push({ index: Number(index), filename: value.name, contentType: type, bytes: content });
  }
  const payload = form.get("payload_json");
  return { body: typeof payload === "string" ? json(payload) : {}, files };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refusals.malformedBody();
  }
}
