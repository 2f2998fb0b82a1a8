/** A modal filled in: every field as Discord sends it back, in its place. */

import type { APIModalInteractionResponseCallbackData } from "discord-api-types/v10";
import type { Component } from "../rules/components.ts";
import { selectedValues } from "./component-payload.ts";

/** By visible label or custom id; a list for a select. What is left out keeps what the modal had. */
export type FieldValues = Record<string, string | string[]>;

interface Field extends Component {
  id?: number;
}

/** Throws where the client would not let it be sent: an unknown field, one that is required and empty, one too long. */
export function modalPayload(
  modal: APIModalInteractionResponseCallbackData,
  values: FieldValues,
  forged = false,
): Record<string, unknown> {
  const left = new Set(Object.keys(values));
  const take = (field: Field, label: string | undefined): string | string[] | undefined => {
    const key = [field.custom_id, label].find((one) => typeof one === "string" && one in values);
    if (typeof key !== "string") return undefined;
    left.delete(key);
    return values[key];
  };
  let id = 0;
  const filled = (field: Field, label = field.label ?? undefined): Record<string, unknown> => {
    id += 1;
    const place = { type: field.type, id: field.id ?? id };
    switch (field.type) {
      case 1:
        return { ...place, components: (field.components ?? []).map((one) => filled(one)) };
      case 18:
        return { ...place, component: filled(field.component ?? {}, field.label ?? undefined) };
      case 10:
        return place;
      case 4:
        return { ...place, custom_id: field.custom_id, value: text(field, label, take(field, label), forged) };
      default:
        return { ...place, custom_id: field.custom_id, ...chosen(field, label, take(field, label), forged) };
    }
  };
  const components = (modal.components as Field[]).map((one) => filled(one));
  if (left.size > 0 && !forged) throw new Error(`The modal "${modal.title}" has no field ${[...left].join(", ")}.`);
  return { custom_id: modal.custom_id, components };
}

function text(field: Field, label: string | undefined, given: string | string[] | undefined, forged: boolean): string {
  const value = String(given ?? field.value ?? "");
  if (forged) return value;
  if (field.required !== false && value === "") throw new Error(`The field "${label}" is required.`);
  const tooShort = value !== "" && value.length < (field.min_length ?? 0);
  if (tooShort || value.length > (field.max_length ?? 4000))
    throw new Error(`The field "${label}" does not take ${value.length} characters.`);
  return value;
}

/** Selects answer with `values`; a radio group (21) with one `value`. */
function chosen(
  field: Field,
  label: string | undefined,
  given: string | string[] | undefined,
  forged: boolean,
): Record<string, unknown> {
  const preset = (field.options ?? []).filter((one) => one.default === true).map((one) => one.value ?? "");
  const choices = given === undefined ? preset : [given].flat();
  if (choices.length === 0 && field.required !== false && !forged) throw new Error(`The field "${label}" is required.`);
  const optional = field.required === false ? { ...field, min_values: 0 } : field;
  const values = selectedValues(optional, choices, forged);
  return field.type === 21 ? { value: values[0] ?? null } : { values };
}
