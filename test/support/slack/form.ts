/** What a person can enter in a modal: the client's own checks, and `state.values` as Slack sends it. */

import { type Json, record, records, text, type View } from "./model.ts";

/**
 * `state.values` of a view for what was entered, by label, block_id or action_id; fields left out keep their initial
 * value. Throws where Slack's client would not let the person submit.
 */
export function stateValues(view: View, entered: Record<string, string>): Json {
  const left = new Set(Object.keys(entered));
  const values: Json = {};
  for (const block of view.blocks.filter((one) => one.type === "input")) {
    const element = record(block.element);
    const label = text(record(block.label).text);
    const key = [label, block.block_id, text(element.action_id)].find((one) => one in entered);
    if (key !== undefined) left.delete(key);
    const value = fieldValue(element, key === undefined ? undefined : entered[key], label, block.optional === true);
    values[block.block_id] = { [text(element.action_id)]: value };
  }
  if (left.size > 0) throw new Error(`The form "${view.title}" has no field ${[...left].join(", ")}.`);
  return values;
}

function fieldValue(element: Json, entered: string | undefined, label: string, optional: boolean): Json {
  const type = text(element.type);
  if (type === "plain_text_input") {
    const value = entered ?? text(element.initial_value);
    if (value === "" && !optional) throw new Error(`"${label}" is required.`);
    if (value.length > Number(element.max_length ?? 3000)) throw new Error(`"${label}" takes no more characters.`);
    if (value !== "" && value.length < Number(element.min_length ?? 0)) throw new Error(`"${label}" is too short.`);
    if (value.includes("\n") && element.multiline !== true) throw new Error(`"${label}" is one line.`);
    return { type, value: value === "" ? null : value };
  }
  if (type === "static_select" || type === "radio_buttons") {
    const option = entered === undefined ? element.initial_option : optionOf(element, entered, label);
    if (option === undefined && !optional) throw new Error(`"${label}" is required.`);
    return { type, selected_option: option ?? null };
  }
  throw new Error(`The test's Slack cannot fill in a ${type} ("${label}").`);
}

/** An option by its visible text or its value. */
export function optionOf(element: Json, wanted: string, label: string): Json {
  const groups = records(element.option_groups).flatMap((group) => records(group.options));
  const options = [...records(element.options), ...groups];
  const found = options.find((one) => text(record(one.text).text) === wanted || one.value === wanted);
  if (found === undefined)
    throw new Error(
      `"${label}" has no option ${wanted}; there is ${options.map((one) => record(one.text).text).join(", ")}.`,
    );
  return found;
}
