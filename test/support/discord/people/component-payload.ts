/** Buttons and selects of a message, as somebody sees and uses them. */

import { allComponents, type Component } from "../rules/components.ts";
import type { Message } from "../world.ts";

/** By visible label, placeholder or custom id; throws where this person could not use it. */
export function findComponent(
  message: Message,
  user: string,
  wanted: string,
  types: number[],
  forged = false,
): Component {
  if (forged) return { type: types[0] ?? 2, custom_id: wanted, ...byName(message, wanted, types) };
  if (message.deleted) throw new Error("The message is deleted.");
  if (message.ephemeralFor !== undefined && message.ephemeralFor !== user)
    throw new Error("Only the person it was sent to sees this message.");
  const found = byName(message, wanted, types);
  if (found === undefined)
    throw new Error(`The message shows no "${wanted}"; it shows ${visible(message, types) || "nothing to use"}.`);
  if (found.disabled === true) throw new Error(`"${wanted}" is disabled.`);
  if (found.style === 5) throw new Error(`"${wanted}" is a link to ${found.url}: pressing it tells the bot nothing.`);
  return found;
}

function byName(message: Message, wanted: string, types: number[]): Component | undefined {
  const usable = allComponents(message.components)
    .map((one) => one.component as Component & { placeholder?: string })
    .filter((one) => types.includes(one.type ?? 0));
  const named = usable.filter((one) => one.custom_id === wanted || one.label === wanted || one.placeholder === wanted);
  if (named.length > 1) throw new Error(`The message shows "${wanted}" ${named.length} times.`);
  return named[0];
}

function visible(message: Message, types: number[]): string {
  return allComponents(message.components)
    .filter(({ component }) => types.includes(component.type ?? 0))
    .map(({ component }) => `"${component.label ?? component.custom_id}"`)
    .join(", ");
}

export function componentPayload(component: Component): Record<string, unknown> {
  const { type, custom_id, id } = component as Component & { id?: number };
  return { component_type: type, custom_id, ...(id === undefined ? {} : { id }) };
}

/** Values of the options named by label or value; a select of users, roles or channels takes ids as they are. */
export function selectedValues(
  { options, min_values, max_values }: Component,
  choices: string[],
  forged = false,
): string[] {
  const values = choices.map((choice) => {
    const option = options?.find((one) => one.label === choice || one.value === choice);
    if (options !== undefined && option === undefined && !forged)
      throw new Error(`The select offers ${options.map((one) => one.label).join(", ")}, not ${choice}.`);
    return option?.value ?? choice;
  });
  if (!forged && (values.length < (min_values ?? 1) || values.length > (max_values ?? 1)))
    throw new Error(`The select does not take ${values.length} values.`);
  return values;
}
