/** files.*: an upload is announced, sent to its own URL, and completed. */

import { post } from "./chat-methods.ts";
import { limits } from "./limits.ts";
import { type Json, record, records, SlackRefusal, text } from "./model.ts";
import { newId, type Workspace } from "./workspace.ts";

export function getUploadUrl(workspace: Workspace, args: Json): Json {
  const length = Number(args.length);
  if (!(length > 0) || text(args.filename) === "") throw new SlackRefusal("missing_argument");
  // The SDK's uploadV2 sends `alt_text`; Slack documents `alt_txt` and takes no notice of the other: the words are lost.
  if (args.alt_text !== undefined)
    workspace.violations.push("files.getUploadURLExternal: alt_text is dropped by Slack, which reads alt_txt.");
  const altText = args.alt_txt === undefined ? undefined : text(args.alt_txt);
  if ((altText ?? "").length > limits.altText) throw new SlackRefusal("alt_txt_too_large");
  const id = newId("F");
  workspace.files.set(id, {
    id,
    name: text(args.filename),
    title: text(args.filename),
    length,
    bytes: undefined,
    altText,
    complete: false,
    channel: undefined,
    threadTs: undefined,
  });
  return { upload_url: `${workspace.origin}/upload/v1/${id}`, file_id: id };
}

/** What is POSTed to the upload URL: raw bytes or one part of a multipart form. Gives the HTTP answer. */
export async function receiveUpload(
  workspace: Workspace,
  id: string,
  contentType: string,
  body: Uint8Array<ArrayBuffer>,
): Promise<{ status: number; body: string }> {
  const file = workspace.files.get(id);
  if (file === undefined || file.complete) return { status: 404, body: "not found" };
  const bytes = contentType.startsWith("multipart/form-data")
    ? await formFile(contentType, body)
    : new Uint8Array(body);
  if (bytes === undefined || bytes.length !== file.length) {
    workspace.violations.push(`upload of ${file.name}: ${bytes?.length} bytes came, ${file.length} were announced.`);
    return { status: 400, body: "length mismatch" };
  }
  file.bytes = bytes;
  workspace.changes.changed();
  return { status: 200, body: `OK - ${bytes.length}` };
}

async function formFile(contentType: string, body: Uint8Array<ArrayBuffer>): Promise<Uint8Array | undefined> {
  const form = await new Response(body, { headers: { "content-type": contentType } }).formData();
  const part = [...form.values()].find((value) => typeof value !== "string");
  return part === undefined ? undefined : new Uint8Array(await part.arrayBuffer());
}

export function completeUpload(workspace: Workspace, args: Json): Json {
  const channel = args.channel_id === undefined ? undefined : text(args.channel_id);
  if (channel !== undefined) {
    const members = workspace.channels.get(channel)?.members;
    if (members === undefined) throw new SlackRefusal("channel_not_found");
    if (!members.includes(workspace.installation.botUserId)) throw new SlackRefusal("not_in_channel");
  }
  const files = records(args.files).map((given) => {
    const file = workspace.files.get(text(given.id));
    if (file?.bytes === undefined || file.complete) throw new SlackRefusal("file_not_found");
    return { file, given };
  });
  for (const { file, given } of files) {
    file.title = text(given.title) || file.title;
    file.complete = true;
    file.channel = channel;
    file.threadTs = args.thread_ts === undefined ? undefined : text(args.thread_ts);
  }
  if (channel !== undefined)
    post(
      workspace,
      { text: args.initial_comment },
      {
        channel,
        files: files.map((one) => one.file.id),
        threadTs: args.thread_ts === undefined ? undefined : text(args.thread_ts),
      },
    );
  workspace.changes.changed();
  return { files: files.map(({ file }) => record({ id: file.id, title: file.title })) };
}
