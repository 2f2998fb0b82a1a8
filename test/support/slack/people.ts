/** What people do in Slack, each with what came of it. */

import { post } from "./chat-methods.ts";
import { checkMessage } from "./content.ts";
import type { Deliver, Delivered } from "./delivery.ts";
import { optionOf, stateValues } from "./form.ts";
import { type Json, type Message, record, records, SlackRefusal, text, type View } from "./model.ts";
import { eventBody, messageAction, slashBody, viewAction, viewClosed, viewSubmission } from "./payloads.ts";
import { madeView, pushView, replaceView, setStack, stackOf, viewJson } from "./view-methods.ts";
import { findView, newId, type Workspace } from "./workspace.ts";

export interface SlashOptions {
  channel?: string;
  command?: string;
  /** Any field of the body in another form: a forged team_id, an unknown api_app_id. */
  overrides?: Json;
}

export interface ClickOptions {
  channel?: string;
  /** What the person answers where the button asks; must be said there, and only there. */
  confirm?: "accept" | "deny";
  /** Visible text or value of an option, for menus. */
  option?: string;
  overrides?: Json;
}

export interface People {
  /** Types a command, in the first channel the user is in unless another is named. */
  slash(user: string, words: string, options?: SlashOptions): Promise<Delivered>;
  /** Presses a button, by its visible label or action_id, in a message the user sees. Denied: nothing is delivered. */
  click(user: string, ts: string, button: string, options?: ClickOptions): Promise<Delivered | undefined>;
  /** The same in a modal or Home tab. */
  clickInView(user: string, viewId: string, button: string, options?: ClickOptions): Promise<Delivered | undefined>;
  /** Fills in and sends a modal, by label, block_id or action_id; the top one if no id is given. */
  submit(user: string, values: Record<string, string>, viewId?: string, overrides?: Json): Promise<Delivered>;
  /** Closes the top modal; with `all`, every one of them. Undefined where the app did not ask to be told. */
  closeModal(user: string, all?: boolean): Promise<Delivered | undefined>;
  openHome(user: string, overrides?: Json): Promise<Delivered>;
}

export function people(workspace: Workspace, deliver: Deliver): People {
  const press = async (element: Json, options: ClickOptions, payload: () => Json) => {
    const asks = element.confirm !== undefined;
    if (asks !== (options.confirm !== undefined))
      throw new Error(`The button ${asks ? "asks for confirmation: say accept or deny" : "does not ask anything"}.`);
    if (options.confirm === "deny") return undefined;
    return deliver("interactive", { ...payload(), ...options.overrides });
  };
  return {
    slash: async (user, words, { channel, command = "/upgrade", overrides = {} } = {}) => {
      const where = channel ?? [...workspace.channels.values()].find((one) => one.members.includes(user))?.id;
      if (where === undefined) throw new Error(`${user} is in no channel to type in.`);
      const body = { ...slashBody(workspace, user, where, command, words), ...overrides };
      const delivered = await deliver("slash_commands", body);
      if (delivered.acked && delivered.body !== undefined) showAnswer(workspace, user, where, delivered.body);
      return delivered;
    },
    click: async (user, ts, button, options = {}) => {
      const message = visible(workspace, user, ts, options.channel);
      const { element, block } = elementOf(
        [...message.blocks, ...message.attachments.flatMap((one) => one.blocks)],
        button,
      );
      const action = actionOf(element, block, options.option);
      return press(element, options, () => messageAction(workspace, user, message, action));
    },
    clickInView: async (user, viewId, button, options = {}) => {
      const view = openView(workspace, user, viewId);
      const { element, block } = elementOf(view.blocks, button);
      const action = actionOf(element, block, options.option);
      return press(element, options, () => viewAction(workspace, view, action));
    },
    submit: async (user, values, viewId, overrides = {}) => {
      const view = viewId === undefined ? stackOf(workspace, user).at(-1) : openView(workspace, user, viewId);
      if (view === undefined) throw new Error(`${user} has no form open.`);
      if (view.submit === undefined) throw new Error(`The form "${view.title}" has no button to send it.`);
      const body = { ...viewSubmission(workspace, view, stateValues(view, values)), ...overrides };
      const delivered = await deliver("interactive", body);
      return delivered.acked ? afterSubmission(workspace, view, delivered) : delivered;
    },
    closeModal: async (user, all = false) => {
      const stack = stackOf(workspace, user);
      const top = stack.at(-1);
      if (top === undefined) throw new Error(`${user} has no form open.`);
      const cleared = all || top.clearOnClose;
      setStack(workspace, user, cleared ? [] : stack.slice(0, -1));
      return top.notifyOnClose ? deliver("interactive", viewClosed(workspace, top, cleared)) : undefined;
    },
    openHome: (user, overrides = {}) => {
      const home = workspace.homes.get(user);
      const event = {
        type: "app_home_opened",
        channel: newId("D"),
        tab: "home",
        ...(home === undefined ? {} : { view: viewJson(workspace, home) }),
      };
      return deliver("events_api", { ...eventBody(workspace, user, event), ...overrides });
    },
  };
}

/** The acknowledgement of a command may carry a message: private, unless it says otherwise. */
function showAnswer(workspace: Workspace, user: string, channel: string, body: Json | string): void {
  const args = typeof body === "string" ? { text: body } : body;
  try {
    checkMessage(workspace, args);
    post(workspace, args, { channel, ephemeralFor: args.response_type === "in_channel" ? undefined : user });
  } catch (fault) {
    if (!(fault instanceof SlackRefusal)) throw fault;
    workspace.violations.push(`answer to a command: ${fault.code} ${JSON.stringify(fault.more)}`);
  }
}

function visible(workspace: Workspace, user: string, ts: string, channel: string | undefined): Message {
  const message = workspace.messages.find(
    (one) =>
      one.ts === ts &&
      (channel === undefined || one.channel === channel) &&
      (one.ephemeralFor === undefined || one.ephemeralFor === user),
  );
  if (message === undefined) throw new Error(`${user} sees no message ${ts}.`);
  return message;
}

function openView(workspace: Workspace, user: string, id: string): View {
  const view = findView(workspace, id);
  if (view === undefined || view.user !== user) throw new Error(`${user} has no view ${id} open.`);
  return view;
}

/** An interactive element by its visible label or its action_id; the label must be the only one of its kind. */
function elementOf(blocks: readonly Json[], wanted: string): { element: Json; block: Json } {
  const all = blocks.flatMap((block) =>
    [...records(block.elements), record(block.accessory)]
      .filter((element) => element.action_id !== undefined)
      .map((element) => ({ element, block })),
  );
  const label = ({ element }: { element: Json }) => text(record(element.text ?? element.placeholder).text);
  const found = all.filter((one) => one.element.action_id === wanted || label(one) === wanted);
  const [first] = found;
  if (first === undefined || found.length > 1)
    throw new Error(`${found.length} buttons are called ${wanted}; there are: ${all.map(label).join(", ")}.`);
  return first;
}

function actionOf(element: Json, block: Json, option: string | undefined): Json {
  const base = { action_id: element.action_id, block_id: block.block_id, type: element.type };
  if (element.type === "button") {
    const optional = Object.fromEntries(["value", "style", "url", "confirm"].map((key) => [key, element[key]]));
    return { ...base, text: element.text, ...JSON.parse(JSON.stringify(optional)) };
  }
  if (option === undefined) throw new Error("Say which option of the menu is chosen.");
  return { ...base, selected_option: optionOf(element, option, text(element.action_id)) };
}

/** What an acknowledged submission does to the open modals. */
function afterSubmission(workspace: Workspace, view: View, delivered: Delivered): Delivered {
  const body = record(delivered.body);
  const stack = stackOf(workspace, view.user);
  try {
    switch (body.response_action) {
      case undefined:
        if (delivered.body !== undefined && Object.keys(body).length > 0) throw new SlackRefusal("invalid_response");
        setStack(
          workspace,
          view.user,
          stack.filter((one) => one.id !== view.id),
        );
        return delivered;
      case "clear":
        setStack(workspace, view.user, []);
        return delivered;
      case "errors":
        showErrors(workspace, view, record(body.errors));
        return delivered;
      case "update":
        replaceView(
          workspace,
          view,
          madeView(workspace, record(body.view), { type: "modal", user: view.user, replaces: view }),
        );
        return delivered;
      case "push":
        pushView(workspace, view.user, record(body.view));
        return delivered;
      default:
        throw new SlackRefusal("invalid_response_action");
    }
  } catch (fault) {
    if (!(fault instanceof SlackRefusal)) throw fault;
    workspace.violations.push(`answer to a submission: ${fault.code} ${JSON.stringify(fault.more)}`);
    return { ...delivered, failure: fault.code };
  }
}

function showErrors(workspace: Workspace, view: View, errors: Json): void {
  const fields = view.blocks.filter((block) => block.type === "input").map((block) => block.block_id);
  const unknown = Object.keys(errors).filter((id) => !fields.includes(id));
  if (unknown.length > 0 || Object.keys(errors).length === 0) throw new SlackRefusal("invalid_errors", { unknown });
  view.errors = Object.fromEntries(Object.entries(errors).map(([id, words]) => [id, text(words)]));
  workspace.changes.changed();
}
