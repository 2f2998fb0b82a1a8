/** Pictures as Slack files, uploaded once each. */

import { createHash } from "node:crypto";
import type { Picture } from "../../view.ts";
import { cut, inertText } from "../inert-text.ts";
import type { SlackApi, WebClient } from "./api.ts";

/** Files remembered; the oldest is uploaded again if it is wanted again. */
const most = 200;

export class Pictures {
  readonly #api: SlackApi;
  readonly #png: (picture: Picture) => Promise<Uint8Array>;
  readonly #onFault: (where: string, fault: unknown) => void;
  readonly #files = new Map<string, string>();

  constructor(
    api: SlackApi,
    png: (picture: Picture) => Promise<Uint8Array>,
    onFault: (where: string, fault: unknown) => void,
  ) {
    this.#api = api;
    this.#png = png;
    this.#onFault = onFault;
  }

  /** The file's id; undefined where it is not there or could not be uploaded. */
  file(picture: Picture): string | undefined {
    return this.#files.get(keyOf(picture));
  }

  /** Uploads what is not there yet. Never rejects: a card without its picture says what it shows. */
  async upload(pictures: readonly Picture[]): Promise<void> {
    const missing = pictures.filter((picture) => this.file(picture) === undefined);
    await Promise.all(
      missing.map(async (picture) => {
        try {
          this.#keep(keyOf(picture), await this.#send(picture));
        } catch (fault) {
          this.#onFault("slack picture", fault);
        }
      }),
    );
  }

  forget(pictures: readonly Picture[]): void {
    for (const picture of pictures) this.#files.delete(keyOf(picture));
  }

  #keep(key: string, file: string): void {
    const [oldest] = this.#files.keys();
    if (oldest !== undefined && this.#files.size >= most) this.#files.delete(oldest);
    this.#files.set(key, file);
  }

  /** The three steps of an upload. The SDK's own sends the token to the upload address; this does not. */
  async #send(picture: Picture): Promise<string> {
    const bytes = await this.#png(picture);
    const client: WebClient = this.#api.usual;
    const told = { filename: "chart.png", length: bytes.length, alt_txt: cut(inertText(picture.alt), 1_000) };
    const { upload_url, file_id } = await this.#api.call("to take a picture", () =>
      client.files.getUploadURLExternal(told),
    );
    if (upload_url === undefined || file_id === undefined) throw new Error("Slack named no place for the picture.");
    const answer = await fetch(upload_url, {
      method: "POST",
      body: new Uint8Array(bytes),
      headers: { "content-type": "application/octet-stream" },
      redirect: "error",
      signal: AbortSignal.timeout(10_000),
    });
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`Slack answered the upload of a picture with HTTP status ${answer.status}.`);
    const title = cut(inertText(picture.title), 200);
    await this.#api.call("to keep a picture", () =>
      client.files.completeUploadExternal({ files: [{ id: file_id, title }] }),
    );
    return file_id;
  }
}

function keyOf({ title, alt, svg }: Picture): string {
  return createHash("sha256")
    .update(JSON.stringify([title, alt, svg]))
    .digest("hex");
}
