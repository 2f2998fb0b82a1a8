/** Components of a message or a modal, found wherever they are nested. */

import type { Problem } from "../errors.ts";

export interface Component {
  type?: number;
  custom_id?: string | null;
  label?: string | null;
  style?: number;
  url?: string | null;
  emoji?: unknown;
  sku_id?: string | null;
  disabled?: boolean;
  content?: string;
  value?: string | null;
  required?: boolean | null;
  min_values?: number | null;
  max_values?: number | null;
  min_length?: number | null;
  max_length?: number | null;
  options?: { label?: string; value?: string; default?: boolean }[];
  components?: Component[] | null;
  accessory?: Component;
  component?: Component;
}

export interface Placed {
  component: Component;
  path: (string | number)[];
}

export const componentType = {
  row: 1,
  button: 2,
  stringSelect: 3,
  textInput: 4,
  section: 9,
  container: 17,
  label: 18,
} as const;

/** Every component with its path, a parent before its children. */
export function allComponents(list: unknown, path: (string | number)[] = ["components"]): Placed[] {
  if (!Array.isArray(list)) return [];
  return (list as Component[]).flatMap((component, index) => withChildren(component, [...path, index]));
}

function withChildren(component: Component, path: (string | number)[]): Placed[] {
  if (typeof component !== "object" || component === null) return [];
  return [
    { component, path },
    ...allComponents(component.components, [...path, "components"]),
    ...(component.accessory === undefined ? [] : withChildren(component.accessory, [...path, "accessory"])),
    ...(component.component === undefined ? [] : withChildren(component.component, [...path, "component"])),
  ];
}

/** Two components of one message or modal never share a custom id. */
export function duplicatedIds(list: unknown): Problem[] {
  const seen = new Set<string>();
  return allComponents(list).flatMap(({ component, path }) => {
    const id = component.custom_id;
    if (typeof id !== "string") return [];
    if (!seen.has(id)) {
      seen.add(id);
      return [];
    }
    return [
      {
        path: [...path, "custom_id"],
        code: "COMPONENT_CUSTOM_ID_DUPLICATED",
        message: "Component custom id cannot be duplicated",
      },
    ];
  });
}

/** A select's options have distinct values, and as many as it asks for. */
export function selectProblems(list: unknown): Problem[] {
  return allComponents(list).flatMap(({ component, path }) => {
    const { options } = component;
    if (component.type !== componentType.stringSelect || !Array.isArray(options)) return [];
    const values = options.map((one) => one.value);
    const repeated = values.findIndex((value, index) => values.indexOf(value) !== index);
    const least = component.min_values ?? 1;
    const most = component.max_values ?? 1;
    return [
      ...(repeated < 0
        ? []
        : [
            {
              path: [...path, "options", repeated],
              code: "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
              message: "The specified option value is already used",
            },
          ]),
      ...(least > most || most > options.length
        ? [
            {
              path: [...path, "max_values"],
              code: "SELECT_COMPONENT_INVALID_VALUES",
              message: "There are fewer options than values asked for.",
            },
          ]
        : []),
    ];
  });
}
