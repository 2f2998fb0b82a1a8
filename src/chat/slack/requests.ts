/** What people ask for by command, button, form and Home: acknowledged, verified, dispatched, answered in private. */

import type { Invocation } from "../../command.ts";
import { notice, type View } from "../../view.ts";
import type { AdapterParts, Council } from "../adapter.ts";
import { parseTextCommand, slash } from "../text-command.ts";
import { turns } from "../turns.ts";
import { answerMessage } from "./answer-message.ts";
import { fieldErrors } from "./field-errors.ts";
import { type Incoming, incomingClick, incomingCommand, incomingEvent, incomingForm } from "./incoming.ts";
import { asTyped } from "./mrkdwn.ts";
import { type AnswerParts, PrivateAnswer } from "./private-answer.ts";
import type { Profiles } from "./profiles.ts";
import type { Senders } from "./senders.ts";

/** Answers the delivery itself, within three seconds; always before anything else is done. */
type Acknowledge = (body?: { response_action: "errors"; errors: Record<string, string> }) => Promise<void>;

/** What a delivery asks for, once its sender is known; a View is the answer already. */
type Asked = Pick<Invocation, "command" | "options" | "revision"> | View;

export interface RequestParts extends AnswerParts {
  adapter: AdapterParts;
  senders: Senders;
  profiles: Profiles;
  council(): Council;
}

/** None of its methods rejects. */
export class Requests {
  readonly #parts: RequestParts;
  readonly #turn = turns();

  constructor(parts: RequestParts) {
    this.#parts = parts;
  }

  command(body: unknown, ack: Acknowledge): Promise<void> {
    return this.#attend("slack command", ack, async () => {
      const incoming = incomingCommand(body);
      await this.#carryOut(incoming, async () => this.#typed(asTyped(incoming.text)));
    });
  }

  click(body: unknown, ack: Acknowledge): Promise<void> {
    return this.#attend("slack click", ack, async () => {
      const incoming = incomingClick(body);
      await this.#carryOut(incoming, async () => {
        const button = await this.#parts.presenter.pressed(incoming.value);
        return button === undefined
          ? unknownButton
          : { command: button.command, options: button.options, ...revisionOf(button) };
      });
      if (incoming.atHome) await this.#publish(incoming);
    });
  }

  form(body: unknown, ack: Acknowledge): Promise<void> {
    let incoming: ReturnType<typeof incomingForm> | undefined;
    let errors: Record<string, string> = {};
    return this.#attend(
      "slack form",
      () => {
        incoming = incomingForm(body);
        const { command: name, values, required } = incoming;
        const command = this.#parts.adapter.commands.find((one) => one.name === name);
        errors = fieldErrors(command, values, required);
        return Object.keys(errors).length === 0 ? ack() : ack({ response_action: "errors", errors });
      },
      async () => {
        if (incoming === undefined || Object.keys(errors).length > 0) return;
        const { button: token, values } = incoming;
        await this.#carryOut(incoming, async () => {
          const button = await this.#parts.presenter.pressed(token);
          if (button === undefined) return unknownButton;
          return { command: button.command, options: { ...button.options, ...values }, ...revisionOf(button) };
        });
      },
    );
  }

  home(body: unknown): Promise<void> {
    return this.#guard("slack home", async () => {
      const incoming = incomingEvent(body);
      if (incoming.tab !== "messages") await this.#publish(incoming);
    });
  }

  accountChanged(body: unknown): Promise<void> {
    return this.#guard("slack account", async () => this.#parts.profiles.forget(incomingEvent(body).claim.user));
  }

  async #attend(where: string, ack: Acknowledge, work: () => Promise<void>): Promise<void> {
    await this.#guard(where, async () => {
      // Not awaited: a lost acknowledgement is Slack's to notice, and it delivers again.
      void this.#guard(where, () => ack());
      await this.#turn();
      await work();
    });
  }

  async #guard(where: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (fault) {
      this.#parts.onFault(where, fault);
    }
  }

  async #carryOut(incoming: Incoming, ask: () => Promise<Asked>): Promise<void> {
    const sender = await this.#parts.senders.verify(incoming.claim);
    const answer = new PrivateAnswer(this.#parts, incoming);
    if (!sender.ok) return answer.give(notice("bad", sender.sentence));
    await answer.give(await this.#result(incoming, sender.account, answer, ask));
  }

  /** A fault of ours ends in a sentence too: nobody is left waiting. */
  async #result(incoming: Incoming, account: string, answer: PrivateAnswer, ask: () => Promise<Asked>): Promise<View> {
    try {
      const asked = await ask();
      if ("kind" in asked) return asked;
      const invocation: Invocation = { ...asked, account, deliveryId: incoming.deliveryId };
      return await this.#parts.council().dispatch(invocation, (text) => answer.progress(text));
    } catch (fault) {
      this.#parts.onFault("slack request", fault);
      return notice("bad", "Something went wrong inside Quorate. Look at the card before you try again.");
    }
  }

  #typed(line: string): Asked {
    const { commands } = this.#parts.adapter;
    const read = parseTextCommand(line, commands);
    if (read.kind === "command") return { command: read.command, options: read.options };
    if (read.kind === "empty") return { command: "help", options: {} };
    const { sentence, suggestion } = read;
    const better = suggestion === undefined ? undefined : parseTextCommand(suggestion, commands);
    if (better?.kind !== "command") return notice("warning", sentence);
    const label = `${slash} ${(suggestion ?? "").replace(/^\/upgrade\s+/, "")}`;
    return notice("warning", sentence, {
      actions: [{ label, command: better.command, options: better.options, style: "plain" }],
    });
  }

  async #publish(incoming: Pick<Incoming, "claim" | "deliveryId">): Promise<void> {
    const { senders, presenter, api } = this.#parts;
    const sender = await senders.verify(incoming.claim);
    const view = sender.ok ? await this.#todo(sender.account, incoming.deliveryId) : notice("bad", sender.sentence);
    if (view.kind === "form") return;
    if (view.kind !== "wallet") await presenter.keep(view.actions);
    const { blocks } = answerMessage(view, presenter.rendering(false));
    await api.call("to show the Home", () =>
      api.usual.views.publish({ user_id: incoming.claim.user, view: { type: "home", blocks } }),
    );
  }

  #todo(account: string, deliveryId: string): Promise<View> {
    const invocation = { command: "todo", options: {}, account, deliveryId: `${deliveryId}:home` };
    return this.#parts.council().dispatch(invocation, () => undefined);
  }
}

const unknownButton = notice(
  "bad",
  "Quorate does not know this button, so nothing was done. Use a newer card, or type the command.",
);

function revisionOf({ revision }: { revision: number | undefined }): Pick<Invocation, "revision"> {
  return revision === undefined ? {} : { revision };
}
