/** Modals: what Discord refuses though the published schema admits it. */

import type { Problem } from "../errors.ts";
import type { Rule } from "../rules.ts";
import { allComponents, componentType, duplicatedIds, type Placed, selectProblems } from "./components.ts";

export const modalRules: readonly Rule[] = [
  {
    says: "a modal has 1 to 5 components",
    check: ({ components }) =>
      Array.isArray(components) && (components.length < 1 || components.length > 5)
        ? [{ path: ["components"], code: "BASE_TYPE_BAD_LENGTH", message: "Must be between 1 and 5 in length." }]
        : [],
  },
  { says: "a custom id is there once", check: ({ components }) => duplicatedIds(components) },
  { says: "a select's options are distinct", check: ({ components }) => selectProblems(components) },
  {
    says: "a row has one text input",
    check: ({ components }) =>
      allComponents(components)
        .filter(({ component }) => component.type === componentType.row && (component.components ?? []).length !== 1)
        .map(({ path }) => ({
          path,
          code: "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
          message: "The specified component exceeds the maximum width",
        })),
  },
  {
    says: "a text input has its label from exactly one place, and a value within its lengths",
    check: ({ components }) =>
      allComponents(components)
        .filter(({ component }) => component.type === componentType.textInput)
        .flatMap(inputProblems),
  },
];

function inputProblems({ component, path }: Placed): Problem[] {
  const inLabel = path.at(-1) === "component";
  const labelled = (component.label ?? "") !== "";
  const least = component.min_length ?? 0;
  const most = component.max_length ?? 4000;
  const length = (component.value ?? "").length;
  return [
    ...(inLabel && labelled
      ? [
          {
            path: [...path, "label"],
            code: "LABEL_NOT_ALLOWED",
            message: "Inside a label component this is not allowed.",
          },
        ]
      : []),
    ...(!inLabel && !labelled
      ? [{ path: [...path, "label"], code: "BASE_TYPE_REQUIRED", message: "This field is required" }]
      : []),
    ...(least > most || length > most
      ? [{ path, code: "BASE_TYPE_BAD_LENGTH", message: `Must be between ${least} and ${most} in length.` }]
      : []),
  ];
}
