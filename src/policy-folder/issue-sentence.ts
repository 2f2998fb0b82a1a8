/** What zod found, in words for whoever wrote the file. */

import type { z } from "zod";

type Issue = z.core.$ZodIssue;

/** Each as `path: reason`, one a path, without file name and full stop; `value` is what was parsed. */
export function issueSentences(issues: readonly Issue[], value: unknown): string[] {
  const byPath = new Map<string, string>();
  for (const issue of issues) {
    const path = pathInWords(issue.path, value);
    // A second complaint about the same thing mostly follows from the first.
    if (!byPath.has(path)) byPath.set(path, `${path}: ${reason(issue, valueAt(value, issue.path))}`);
  }
  return [...byPath.values()];
}

/**
 * A path as its author would point at it: an entry of a list by its own id or name, where it has one, else by its
 * number from 1. The empty path is "(whole file)".
 */
function pathInWords(path: Issue["path"], value: unknown): string {
  const words: string[] = [];
  let at = value;
  for (const key of path) {
    const list = Array.isArray(at);
    at = valueAt(at, [key]);
    words.push(list ? nameOf(at, Number(key) + 1) : String(key));
  }
  return words.join(".") || "(whole file)";
}

function nameOf(entry: unknown, number: number): string {
  for (const key of ["id", "name"] as const) {
    const own = valueAt(entry, [key]);
    if (typeof own === "string" && own !== "") return own;
  }
  return String(number);
}

function valueAt(value: unknown, path: Issue["path"]): unknown {
  let at = value;
  for (const key of path) at = typeof at === "object" && at !== null ? Reflect.get(at, key) : undefined;
  return at;
}

function reason(issue: Issue, found: unknown): string {
  if (found !== undefined && !/^(Invalid|Too|Unrecognized)/.test(issue.message)) return issue.message; // the shape's own words
  switch (issue.code) {
    case "invalid_type":
      return found === undefined ? "it is missing" : wrongType(issue.expected, found);
    case "invalid_union":
      return found === undefined ? "it is missing" : unionReason(issue, found);
    case "unrecognized_keys":
      return `there is no setting called ${issue.keys.join(", ")} here`;
    case "invalid_key":
      return issue.issues[0]?.message ?? "this name is not possible here";
    case "invalid_value":
      return found === undefined
        ? "it is missing"
        : `${shown(found)} is none of ${issue.values.map((one) => String(one)).join(", ")}`;
    case "too_big":
      return Number(issue.maximum) >= Number.MAX_SAFE_INTEGER
        ? "a number this large goes into quotes, or its last digits would be lost"
        : sized("more than", issue.maximum, issue.origin);
    case "too_small":
      return sized("less than", issue.minimum, issue.origin);
    default:
      return issue.message;
  }
}

const kinds: Record<string, string> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a group of settings",
  record: "a group of settings",
};

function wrongType(expected: string, found: unknown): string {
  const wanted = kinds[expected] ?? expected;
  // YAML reads an unquoted 0x… as a number, and yes, 1.20 and the like as something else than text.
  if (expected === "string" && typeof found !== "object")
    return `${shown(found)} is read as something else than text: write it in quotes`;
  return `it must be ${wanted}, and is ${shown(found)}`;
}

/** The choice that was nearest: a union that every type fails is told by what it would have taken. */
function unionReason(issue: Extract<Issue, { code: "invalid_union" }>, found: unknown): string {
  const nearest = issue.errors.find((branch) => branch.some((one) => one.code !== "invalid_type"));
  const [first] = nearest ?? [];
  if (first !== undefined) return reason(first, valueAt(found, first.path));
  return typeof found === "object"
    ? `${shown(found)} is not possible here`
    : `it must be a number, and is ${shown(found)}`;
}

function sized(relation: string, limit: number | bigint, origin: string): string {
  const of = origin === "array" ? " entries" : origin === "string" ? " characters" : "";
  return `it must not be ${relation} ${limit}${of}`;
}

function shown(value: unknown): string {
  if (value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a group of settings";
  const text = String(value);
  return text === "" ? "empty" : text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
