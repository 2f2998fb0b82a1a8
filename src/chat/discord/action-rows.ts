/** Actions as rows of buttons, each with a signed token. */

import { ButtonStyle, ComponentType } from "discord.js";
import type { APIActionRowComponent, APIButtonComponent, APIButtonComponentWithCustomId } from "discord-api-types/v10";
import type { StoredButton } from "../../ports.ts";
import type { Action } from "../../view.ts";
import { storedButton } from "../buttons.ts";
import { cut, inertText } from "../inert-text.ts";
import type { Drawing } from "./drawn.ts";
import { limits } from "./limits.ts";

const styles: Record<Action["style"], APIButtonComponentWithCustomId["style"]> = {
  primary: ButtonStyle.Primary,
  plain: ButtonStyle.Secondary,
  danger: ButtonStyle.Danger,
};

export interface ActionRows {
  components: APIActionRowComponent<APIButtonComponent>[];
  buttons: StoredButton[];
  /** Actions that did not fit. */
  missing: number;
}

/** The same action twice is one button: Discord refuses a custom_id that occurs twice. */
export function actionRows(actions: readonly Action[], { token }: Drawing): ActionRows {
  const unique = new Map(actions.map(wellFormed).map((action) => [storedButton(action).id, action]));
  const shown = [...unique.values()].slice(0, limits.rows * limits.buttonsInRow);
  const buttons = shown.map(storedButton);
  const components = shown.map((action, index): APIButtonComponent => {
    const row = buttons[index] ?? storedButton(action);
    return button(action.label, styles[action.style], token(row, action.confirm === undefined ? "do" : "ask"));
  });
  return { components: rowsOf(components), buttons, missing: unique.size - shown.length };
}

/** Half a character has no canonical form, and would keep the whole message back. */
function wellFormed(action: Action): Action {
  const options = Object.entries(action.options).map(([name, value]) => [name, value.toWellFormed()]);
  const confirm = action.confirm === undefined ? {} : { confirm: action.confirm.toWellFormed() };
  return { ...action, ...confirm, label: action.label.toWellFormed(), options: Object.fromEntries(options) };
}

export function button(
  label: string,
  style: APIButtonComponentWithCustomId["style"],
  custom_id: string,
): APIButtonComponentWithCustomId {
  const text = cut(inertText(label), limits.buttonLabel);
  return { type: ComponentType.Button, style, label: text.trim() === "" ? "Go" : text, custom_id };
}

export function rowsOf(buttons: readonly APIButtonComponent[]): APIActionRowComponent<APIButtonComponent>[] {
  const rows = Math.ceil(buttons.length / limits.buttonsInRow);
  return Array.from({ length: rows }, (_, row) => ({
    type: ComponentType.ActionRow,
    components: buttons.slice(row * limits.buttonsInRow, (row + 1) * limits.buttonsInRow),
  }));
}
