/** A form as a Slack modal, and what a person put into it. */

import type { InputBlock, ModalView, PlainTextOption } from "@slack/types";
import type { Form, FormField } from "../../view.ts";
import { cut, inertText } from "../inert-text.ts";
import { plainText } from "./rich-text.ts";

/** Slack's limits: 100 options, 75 characters of text and 150 of value each; 3,000 characters in a text field. */
const most = { choices: 100, value: 150, text: 3_000 };

/** The command follows: which fields there are, and what they may hold, is its to say. */
export const formPrefix = "quorate:";

/** `metadata` comes back with the submission as it is: at most 3,000 characters. */
export function formView(form: Form, metadata: string): ModalView {
  return {
    type: "modal",
    callback_id: `${formPrefix}${form.command}`,
    title: plainText(form.title, 24),
    submit: plainText(form.submit, 24),
    close: plainText("Cancel", 24),
    private_metadata: metadata,
    blocks: form.fields.slice(0, 100).map(inputBlock),
  };
}

function inputBlock(field: FormField): InputBlock {
  const options = field.type === "choice" ? optionsOf(field) : [];
  const hint = [field.hint, ...limitsOf(field, options)].filter((one) => one !== "").join(" ");
  return {
    type: "input",
    block_id: field.name,
    label: plainText(field.label, 2_000),
    optional: !field.required,
    ...(hint === "" ? {} : { hint: plainText(hint, 2_000) }),
    element: options.length > 0 ? select(field, options) : textInput(field),
  };
}

function select(field: FormField, options: PlainTextOption[]): InputBlock["element"] {
  const initial = options.find((option) => option.value === field.value);
  return {
    type: "static_select",
    action_id: field.name,
    options,
    ...(initial === undefined ? {} : { initial_option: initial }),
  };
}

function textInput(field: FormField): InputBlock["element"] {
  const limit = Math.min(most.text, Math.max(1, field.maxLength));
  return {
    type: "plain_text_input",
    action_id: field.name,
    multiline: field.type === "paragraph",
    max_length: limit,
    ...(field.value === "" ? {} : { initial_value: cut(field.value, limit) }),
  };
}

function optionsOf({ choices }: FormField): PlainTextOption[] {
  return choices
    .filter(({ value }) => value !== "" && value.length <= most.value)
    .slice(0, most.choices)
    .map(({ value, label }) => ({ text: plainText(inertText(label) === "" ? value : label, 75), value }));
}

/** What Slack's own limits take away from a field, said where it is filled in. */
function limitsOf(field: FormField, options: PlainTextOption[]): string[] {
  if (options.length > 0) {
    const gone = field.choices.length - options.length;
    return gone === 0 ? [] : [`${gone} more can only be typed, as ${field.name}=VALUE.`];
  }
  return field.maxLength > most.text ? [`Slack takes ${most.text} characters here.`] : [];
}
