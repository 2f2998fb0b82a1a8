/** A form as a modal, the row that carries it, and what was typed into it. */

import { ComponentType, TextInputStyle } from "discord.js";
import type {
  APILabelComponent,
  APIModalInteractionResponseCallbackData,
  APIStringSelectComponent,
  APITextInputComponent,
} from "discord-api-types/v10";
import { z } from "zod";
import type { StoredButton } from "../../ports.ts";
import type { Form, FormField } from "../../view.ts";
import { storedButton } from "../buttons.ts";
import { cut, inertText } from "../inert-text.ts";
import { limits } from "./limits.ts";

const carried = z.object({
  kind: z.literal("form"),
  title: z.string(),
  command: z.string(),
  options: z.record(z.string(), z.string()),
  revision: z.number().optional(),
  fields: z.array(
    z.object({
      name: z.string(),
      label: z.string(),
      hint: z.string(),
      required: z.boolean(),
      type: z.enum(["line", "paragraph", "choice"]),
      choices: z.array(z.object({ value: z.string(), label: z.string() })),
      value: z.string(),
      maxLength: z.number(),
    }),
  ),
  submit: z.string(),
});

/** The row of a form: its options, its revision and what is filled in travel under one token. */
export function formRow(form: Form): StoredButton {
  const { command, revision, submit } = form;
  const content = {
    label: submit.toWellFormed(),
    command,
    options: { form: JSON.stringify(form) },
    style: "primary",
  } as const;
  return storedButton(revision === undefined ? content : { ...content, revision });
}

/** The form that a row carries; undefined where it carries none. */
export function formOf(row: StoredButton): Form | undefined {
  try {
    const { revision, ...form } = carried.parse(JSON.parse(row.options.form ?? ""));
    return revision === undefined ? form : { ...form, revision };
  } catch {
    return undefined;
  }
}

/** `token` is what the modal's sender proves the form with. */
export function modalOf(form: Form, token: string): APIModalInteractionResponseCallbackData {
  return { title: plain(form.title, limits.modalTitle, "Form"), custom_id: token, components: asked(form).map(label) };
}

/** Discord takes five fields: the required ones come first, and what is left out keeps the form's own value. */
function asked({ fields }: Form): FormField[] {
  const first = [...fields.filter((one) => one.required), ...fields.filter((one) => !one.required)];
  const kept = new Set(first.slice(0, limits.modalComponents));
  return fields.filter((one) => kept.has(one));
}

function label(field: FormField): APILabelComponent {
  const hint = plain(field.hint, limits.labelDescription, "");
  return {
    type: ComponentType.Label,
    label: plain(field.label, limits.labelText, field.name),
    ...(hint === "" ? {} : { description: hint }),
    component: fitsAsSelect(field) ? select(field) : input(field),
  };
}

function fitsAsSelect({ type, choices }: FormField): boolean {
  if (type !== "choice" || choices.length === 0 || choices.length > limits.selectOptions) return false;
  const values = choices.map((one) => one.value);
  return new Set(values).size === values.length && values.every((one) => one !== "" && one.length <= limits.selectText);
}

function select({ name, required, choices, value }: FormField): APIStringSelectComponent {
  return {
    type: ComponentType.StringSelect,
    custom_id: name,
    required,
    min_values: required ? 1 : 0,
    max_values: 1,
    options: choices.map((one) => ({
      label: plain(one.label, limits.selectText, one.value),
      value: one.value,
      ...(one.value === value ? { default: true } : {}),
    })),
  };
}

function input({ name, required, type, value, maxLength }: FormField): APITextInputComponent {
  const most = Math.max(1, Math.min(maxLength, limits.textInput));
  return {
    type: ComponentType.TextInput,
    custom_id: name,
    style: type === "paragraph" ? TextInputStyle.Paragraph : TextInputStyle.Short,
    required,
    max_length: most,
    ...(value === "" ? {} : { value: cut(value, most) }),
  };
}

/** Modals show plain text: nothing is escaped there. */
function plain(text: string, limit: number, otherwise: string): string {
  const shown = cut(inertText(text), limit);
  return shown.trim() === "" ? cut(otherwise, limit) : shown;
}

/** The form with what was typed; a field that was not asked keeps its value. */
export function filled(form: Form, typed: ReadonlyMap<string, string>): Form {
  return { ...form, fields: form.fields.map((field) => ({ ...field, value: typed.get(field.name) ?? field.value })) };
}

/** The options that sending the form means. */
export function optionsOf(form: Form): Record<string, string> {
  const given = form.fields.filter((one) => one.value !== "").map((one) => [one.name, one.value] as const);
  return { ...form.options, ...Object.fromEntries(given) };
}
