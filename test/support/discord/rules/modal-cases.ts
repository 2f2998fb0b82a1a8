/** What Discord refuses in a modal, limit by limit. */

import { type Case, type Json, many, options, row, x } from "./case.ts";

const input = (more: Json = {}) => ({ type: 4, custom_id: "reason", style: 1, ...more });
const label = (component: Json, more: Json = {}) => ({ type: 18, label: "Reason", component, ...more });
const modal = (...components: unknown[]) => ({ custom_id: "m", title: "Why", components });

export const modalCases: readonly Case[] = [
  {
    what: "title",
    bad: { ...modal(label(input())), title: x(46) },
    good: { ...modal(label(input())), title: x(45) },
    at: "title",
  },
  {
    what: "count of components",
    bad: modal(...many(6, (n) => label(input({ custom_id: `i${n}` })))),
    good: modal(...many(5, (n) => label(input({ custom_id: `i${n}` })))),
    at: "components",
  },
  {
    what: "labels",
    bad: modal(label(input(), { label: x(46) })),
    good: modal(label(input(), { label: x(45) })),
    at: "components.0.label",
  },
  {
    what: "descriptions",
    bad: modal(label(input(), { description: x(101) })),
    good: modal(label(input(), { description: x(100) })),
    at: "components.0.description",
  },
  {
    what: "lengths",
    bad: modal(label(input({ max_length: 4001 }))),
    good: modal(label(input({ max_length: 4000 }))),
    at: "components.0.component.max_length",
  },
  {
    what: "values that are too long",
    bad: modal(label(input({ max_length: 3, value: "four" }))),
    good: modal(label(input({ max_length: 4, value: "four" }))),
    at: "components.0.component",
  },
  {
    what: "two labels",
    bad: modal(label(input({ label: "Twice" }))),
    good: modal(label(input())),
    at: "components.0.component.label",
  },
  {
    what: "inputs without a label",
    bad: modal(row(input())),
    good: modal(row(input({ label: "Reason" }))),
    at: "components.0.components.0.label",
  },
  {
    what: "two inputs in a row",
    bad: modal(row(input({ label: "A" }), input({ label: "B", custom_id: "b" }))),
    good: modal(row(input({ label: "A" })), row(input({ label: "B", custom_id: "b" }))),
    at: "components.0",
  },
  {
    what: "custom ids that are there twice",
    bad: modal(label(input()), label(input())),
    good: modal(label(input()), label(input({ custom_id: "other" }))),
    at: "components.1.component.custom_id",
  },
  {
    what: "options that are there twice",
    bad: modal(label({ type: 3, custom_id: "s", options: [...options(1), ...options(1)] })),
    good: modal(label({ type: 3, custom_id: "s", options: options(2) })),
    at: "components.0.component.options.1",
  },
];
