/** A view's actions as Slack buttons. */

import type { ActionsBlock, Button, ConfirmationDialog } from "@slack/types";
import type { Action } from "../../view.ts";
import { inertText } from "../inert-text.ts";
import type { Rendering } from "./rendering.ts";
import { plainText } from "./rich-text.ts";
import type { Space } from "./space.ts";

/** Buttons a message has at most: one actions block. */
const mostButtons = 25;
/** Characters that buttons and their questions may use up, so that the text keeps most of the message. */
const mostOfMessage = 5_000;

/** Every button here has an `action_id` that begins with this. */
export const actionPrefix = "quorate:";

/** One block with the buttons that fit, in their order; none where there are none. */
export function buttonsBlock(actions: readonly Action[], render: Rendering, space: Space): ActionsBlock[] {
  const buttons: Button[] = [];
  let used = 0;
  for (const action of actions.slice(0, mostButtons)) {
    const made = button(action, buttons.length, render);
    const size = sizeOf(made);
    if (used + size > mostOfMessage || !space.take(size)) break;
    used += size;
    buttons.push(made);
  }
  space.leaveOutButtons(actions.length - buttons.length);
  return buttons.length === 0 ? [] : [{ type: "actions", elements: buttons }];
}

function button(action: Action, at: number, render: Rendering): Button {
  const { label, style, confirm } = action;
  return {
    type: "button",
    text: plainText(label, 75),
    action_id: `${actionPrefix}${at}`,
    value: render.token(action),
    ...(style === "plain" ? {} : { style }),
    ...(confirm === undefined ? {} : { confirm: dialog(label, confirm, style === "danger") }),
  };
}

function dialog(label: string, question: string, danger: boolean): ConfirmationDialog {
  return {
    title: plainText(label, 100),
    text: plainText(question, 300),
    confirm: plainText(inertText(label).length <= 30 ? label : "Yes", 30),
    deny: plainText("Go back", 30),
    ...(danger ? { style: "danger" } : {}),
  };
}

function sizeOf({ text, confirm }: Button): number {
  const asked = confirm === undefined ? [] : [confirm.title, confirm.text, confirm.confirm, confirm.deny];
  return [text, ...asked].reduce((sum, one) => sum + (one?.text.length ?? 0), 0);
}
