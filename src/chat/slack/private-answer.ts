/** What only the person who asked sees: by the delivery's response_url, else as an ephemeral message, else directly. */

import { type Action, notice, type View } from "../../view.ts";
import { answerMessage } from "./answer-message.ts";
import type { SlackApi } from "./api.ts";
import type { SlackMessage } from "./card-message.ts";
import { errorCode, unfit } from "./faults.ts";
import { formView } from "./form-view.ts";
import type { FormOrigin, Incoming } from "./incoming.ts";
import { plainMessage } from "./plain-message.ts";
import type { Presenter } from "./presenter.ts";

export interface AnswerParts {
  api: SlackApi;
  presenter: Presenter;
  apiUrl: string | undefined;
  onFault(where: string, fault: unknown): void;
}

type Shown = Exclude<View, { kind: "form" }>;
type Sent = "sent" | "refused as it is" | "nowhere to send";

export class PrivateAnswer {
  readonly #parts: AnswerParts;
  readonly #incoming: Incoming;
  #progress: Promise<unknown> | undefined;

  constructor(parts: AnswerParts, incoming: Incoming) {
    this.#parts = parts;
    this.#incoming = incoming;
  }

  /** The first time only: a response_url takes five messages, and the answer matters most. */
  progress(text: string): void {
    this.#progress ??= this.#send(this.#messageOf(notice("progress", text), false)).catch((fault: unknown) =>
      this.#parts.onFault("slack progress", fault),
    );
  }

  /** Never rejects: an answer that cannot be brought is reported. */
  async give(view: View): Promise<void> {
    try {
      await this.#progress;
      if (view.kind !== "form") return await this.#show(view);
      if (await this.#open(view)) return;
      const { title: label, command, options, revision } = view;
      const again: Action = {
        label,
        command,
        options,
        style: "primary",
        ...(revision === undefined ? {} : { revision }),
      };
      await this.#show(
        notice(
          "warning",
          "Slack opens a form within three seconds only, and it took longer. Press the button to open it.",
          {
            actions: [again],
          },
        ),
      );
    } catch (fault) {
      this.#parts.onFault("slack answer", fault);
    }
  }

  async #open(form: Extract<View, { kind: "form" }>): Promise<boolean> {
    const { presenter, api } = this.#parts;
    const { trigger, reply } = this.#incoming;
    if (trigger === undefined) return false;
    const { title: label, command, options, revision } = form;
    const action: Action = { label, command, options, style: "plain", ...(revision === undefined ? {} : { revision }) };
    await presenter.keep([action]);
    const origin: FormOrigin = {
      button: presenter.token(action),
      ...(reply.channel === undefined ? {} : { channel: reply.channel }),
      ...(reply.thread === undefined ? {} : { thread: reply.thread }),
    };
    try {
      const view = formView(form, JSON.stringify(origin));
      await api.call("to open a form", () => api.usual.views.open({ trigger_id: trigger, view }));
      return true;
    } catch (fault) {
      if (errorCode(fault) !== "expired_trigger_id") this.#parts.onFault("slack form", fault);
      return false;
    }
  }

  async #show(view: Shown): Promise<void> {
    const { presenter } = this.#parts;
    if (view.kind !== "wallet") {
      await presenter.keep(view.actions);
      await presenter.pictures.upload(view.pictures);
      const sent = await this.#send(this.#messageOf(view, true));
      if (sent === "sent") return;
      if (sent === "refused as it is" && view.pictures.length > 0) {
        presenter.pictures.forget(view.pictures);
        if ((await this.#send(this.#messageOf(view, false))) === "sent") return;
      }
    } else if ((await this.#send(this.#messageOf(view, false))) === "sent") return;
    const text = plainMessage(view, this.#messageOf(view, false).text);
    if ((await this.#send({ text, blocks: [] })) !== "sent")
      this.#parts.onFault("slack answer", new Error("Slack took the private answer on no way there is."));
  }

  #messageOf(view: Shown, withPictures: boolean): SlackMessage {
    return answerMessage(view, this.#parts.presenter.rendering(withPictures));
  }

  async #send(message: SlackMessage): Promise<Sent> {
    const content = message.blocks.length === 0 ? { text: message.text } : message;
    const answered = await this.#respond(content);
    if (answered !== "nowhere to send") return answered;
    const { user, channel, thread } = this.#incoming.reply;
    const client = this.#parts.api.usual;
    const quiet = { ...content, link_names: false, parse: "none" as const };
    if (channel !== undefined) {
      const place = { channel, user, ...(thread === undefined ? {} : { thread_ts: thread }) };
      const posted = await this.#attempt(() => client.chat.postEphemeral({ ...quiet, ...place }));
      if (posted !== "nowhere to send") return posted;
    }
    return this.#attempt(() =>
      client.chat.postMessage({ ...quiet, channel: user, unfurl_links: false, unfurl_media: false }),
    );
  }

  async #attempt(run: () => Promise<unknown>): Promise<Sent> {
    try {
      await this.#parts.api.call("to bring an answer", run);
      return "sent";
    } catch (fault) {
      return unfit.has(errorCode(fault) ?? "") ? "refused as it is" : "nowhere to send";
    }
  }

  /** Never `replace_original`: the original of a click is the card that everybody sees. */
  async #respond(content: { text: string }): Promise<Sent> {
    const url = this.#incoming.reply.responseUrl;
    if (url === undefined || !isSlacks(url, this.#parts.apiUrl)) return "nowhere to send";
    try {
      const answer = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json; charset=utf-8" },
        body: JSON.stringify({ response_type: "ephemeral", replace_original: false, ...content }),
        redirect: "error",
        signal: AbortSignal.timeout(10_000),
      });
      const said = await answer.text();
      if (answer.ok) return "sent";
      return [...unfit].some((code) => said.includes(code)) ? "refused as it is" : "nowhere to send";
    } catch {
      return "nowhere to send";
    }
  }
}

/** Answers go to Slack alone, whatever a delivery says. */
function isSlacks(url: string, apiUrl: string | undefined): boolean {
  if (!URL.canParse(url)) return false;
  const { origin } = new URL(url);
  if (apiUrl !== undefined && origin === new URL(apiUrl).origin) return true;
  return ["https://hooks.slack.com", "https://hooks.slack-gov.com"].includes(origin);
}
