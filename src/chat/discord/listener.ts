/** What people do on Discord, from the raw interaction to the answer. It decides nothing but who is heard. */

import type { Invocation } from "../../command.ts";
import { personOfAccount } from "../../domain/policy.ts";
import type { StoredButton } from "../../ports.ts";
import { type Form, notice, type View } from "../../view.ts";
import type { AdapterParts, Council } from "../adapter.ts";
import { pressedButton } from "../buttons.ts";
import type { Calls } from "./calls.ts";
import { commandName } from "./command-json.ts";
import type { DiscordConfig } from "./config.ts";
import type { Drawing, Step } from "./drawn.ts";
import { type CommandDeed, type Deed, type Envelope, readDeed, readEnvelope } from "./interaction.ts";
import type { Members } from "./members.ts";
import { filled, formOf, formRow, modalOf, optionsOf } from "./modal.ts";
import { readyNotice, readyQuestion, readyView } from "./ready-views.ts";
import { Reply } from "./reply.ts";
import { type Sender, senderOf } from "./sender.ts";
import { suggestions } from "./suggestions.ts";

export interface ListenerParts {
  config: DiscordConfig;
  parts: AdapterParts;
  council: Council;
  members: Members;
  drawing: Drawing;
  /** What the buttons of this server are bound to. */
  where: string;
  acks: Calls;
  answers: Calls;
}

/** The button that takes a question back; pressing it does nothing, so it needs no proof. */
const noButton = "no";
const mostSeen = 10_000;

interface Heard {
  envelope: Envelope;
  sender: Exclude<Sender, { refusal: string }>;
  reply: Reply;
}

export class Listener {
  readonly #parts: ListenerParts;
  readonly #seen = new Set<string>();

  constructor(parts: ListenerParts) {
    this.#parts = parts;
  }

  /** Never throws and never rejects, whatever comes. */
  hear(data: unknown): void {
    const { onFault } = this.#parts.parts;
    const envelope = readEnvelope(data);
    if (envelope === undefined) {
      onFault("discord interaction", new Error("Discord sent what is no interaction."));
      return;
    }
    if (this.#seen.has(envelope.id)) return;
    this.#seen.add(envelope.id);
    const [oldest] = this.#seen;
    if (this.#seen.size > mostSeen && oldest !== undefined) this.#seen.delete(oldest);
    const deed = readDeed(envelope);
    const mayDefer = deed.kind !== "command" || deed.focused === undefined;
    const inPlace = deed.kind === "click" && deed.privately;
    const reply = new Reply({ ...this.#parts, interaction: envelope, inPlace, mayDefer, onFault });
    this.#answer(envelope, deed, reply).catch(async (fault: unknown) => {
      onFault("discord interaction", fault);
      const sentence =
        "Something went wrong inside Quorate. Look at the card before you try again; the operator finds the cause in the log.";
      await reply.show(readyNotice(sentence, this.#parts.drawing));
    });
  }

  async #answer(envelope: Envelope, deed: Deed, reply: Reply): Promise<void> {
    const { config, parts, drawing } = this.#parts;
    const sender = senderOf(envelope, config, parts.policy, parts.clock.now());
    if (deed.kind === "command" && deed.focused !== undefined) return this.#suggest(deed, deed.focused, sender, reply);
    if ("refusal" in sender) return reply.show(readyNotice(sender.refusal, drawing));
    const heard: Heard = { envelope, sender, reply };
    switch (deed.kind) {
      case "command":
        if (deed.name !== commandName) return this.#unknown(reply);
        return this.#run({ command: deed.command, options: deed.options }, heard);
      case "click":
        return this.#click(deed.token, heard);
      case "submit":
        return this.#submit(deed.token, deed.typed, heard);
      default:
        return this.#unknown(reply);
    }
  }

  #unknown(reply: Reply): Promise<void> {
    const sentence =
      "This is nothing that Quorate offers now. Type /upgrade help, or look at the newest card. Nothing was done.";
    return reply.show(readyNotice(sentence, this.#parts.drawing));
  }

  async #suggest({ options }: CommandDeed, focused: string, sender: Sender, reply: Reply): Promise<void> {
    const { parts, council } = this.#parts;
    const known = "account" in sender && personOfAccount(parts.policy, sender.account) !== undefined;
    const typed = options[focused] ?? "";
    await reply.choices(known ? await suggestions(council, focused, typed, parts.onFault) : []);
  }

  async #click(token: string, heard: Heard): Promise<void> {
    const { parts, drawing } = this.#parts;
    if (token === noButton)
      return heard.reply.show(await readyView(notice("neutral", "Nothing was done."), parts, drawing));
    const toDo = await this.#pressed(token, "do");
    if (toDo !== undefined) return this.#run(invocationOf(toDo), heard);
    const toAsk = await this.#pressed(token, "ask");
    if (toAsk !== undefined) return heard.reply.show(readyQuestion(toAsk, noButton, drawing));
    const toOpen = await this.#pressed(token, "open");
    const form = toOpen === undefined ? undefined : formOf(toOpen);
    if (form === undefined) return this.#unknown(heard.reply);
    return this.#show(form, heard.reply);
  }

  async #submit(token: string, typed: ReadonlyMap<string, string>, heard: Heard): Promise<void> {
    const row = await this.#pressed(token, "submit");
    const form = row === undefined ? undefined : formOf(row);
    if (form === undefined) return this.#unknown(heard.reply);
    const given = filled(form, typed);
    const { revision, command } = form;
    await this.#run(
      { command, options: optionsOf(given), ...(revision === undefined ? {} : { revision }) },
      heard,
      given,
    );
  }

  #pressed(token: string, step: Step): Promise<StoredButton | undefined> {
    const { parts, where } = this.#parts;
    return pressedButton(parts.secret, where, token, parts.store, step);
  }

  /** `given`: the form it came from, offered again where the answer is a no. */
  async #run(wanted: Pick<Invocation, "command" | "options" | "revision">, heard: Heard, given?: Form): Promise<void> {
    const { envelope, sender, reply } = heard;
    const asks = given === undefined && this.#asks(wanted);
    if (!asks && !(await reply.defer())) return;
    const deliveryId = `discord:${envelope.id}`;
    const view = await this.#dispatch({ ...wanted, account: sender.account, deliveryId }, heard);
    const refused = view.kind === "notice" && (view.tone === "bad" || view.tone === "warning");
    await this.#show(view, reply, refused ? given : undefined);
  }

  #asks({ command, options }: Pick<Invocation, "command" | "options">): boolean {
    return this.#parts.parts.commands.find((one) => one.name === command)?.asks?.(options) ?? false;
  }

  /** Whoever changes something is a member at this very moment. */
  async #dispatch(invocation: Invocation, { sender, reply }: Heard): Promise<View> {
    const { parts, council, members } = this.#parts;
    const command = parts.commands.find((one) => one.name === invocation.command);
    const refusal = command?.effect === "read" ? undefined : await members.refusal(sender.user);
    if (refusal !== undefined) return notice("bad", refusal);
    return council.dispatch(invocation, (text) => reply.progress(text));
  }

  /** A form opens at once where it is the first answer; otherwise a button opens it. */
  async #show(view: View, reply: Reply, again?: Form): Promise<void> {
    const { parts, drawing } = this.#parts;
    if (view.kind !== "form") return reply.show(await readyView(view, parts, drawing, again));
    const row = formRow(view);
    await parts.store.keepButtons([row], parts.clock.now());
    if (reply.canAsk) await reply.modal(modalOf(view, drawing.token(row, "submit")));
    else await reply.show(await readyView(view, parts, drawing));
  }
}

function invocationOf({
  command,
  options,
  revision,
}: StoredButton): Pick<Invocation, "command" | "options" | "revision"> {
  return revision === undefined ? { command, options } : { command, options, revision };
}
