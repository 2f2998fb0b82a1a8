/**
 * Discord's own OpenAPI schema of request bodies, closed to unknown keys: Discord ignores those, so a misspelt key would
 * silently do nothing.
 */

import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import * as spec from "discord-api-spec/zod";
import { toJSONSchema } from "zod/v4/core";
import type { Problem } from "./errors.ts";

/** A request body by its name in Discord's specification. */
export type BodyName = keyof typeof spec;

const ajv = new Ajv2020({ allErrors: true, strict: false });
ajv.addFormat("uri", (text) => URL.canParse(text) && /^(https?|attachment):/.test(text));
ajv.addFormat("date-time", (text) => !Number.isNaN(Date.parse(text)));

const schemas = { ...spec };
const compiled = new Map<BodyName, ValidateFunction>();

/** What the official schema has against a body; nothing if it is valid. */
export function schemaProblems(name: BodyName, body: unknown): Problem[] {
  const validate = compiled.get(name) ?? ajv.compile(adapted(toJSONSchema(schemas[name])) as object);
  compiled.set(name, validate);
  if (validate(body)) return [];
  const errors = validate.errors ?? [];
  const telling = errors.filter((one) => !isAlternative(one));
  return (telling.length === 0 ? errors : telling).map(problem);
}

/** "or null" of an optional value says nothing about what is wrong with the value. */
function isAlternative({ keyword, params }: ErrorObject): boolean {
  return keyword === "anyOf" || keyword === "if" || (keyword === "type" && params.type === "null");
}

type Json = { [key: string]: unknown };

/**
 * Unions of components become discriminated by `type`, for errors about the one that was meant. Two places are wider
 * than the specification, as Discord and discord.js are: permissions as a string, times with any offset.
 */
function adapted(schema: unknown, key = ""): unknown {
  if (Array.isArray(schema)) return schema.map((one) => adapted(one));
  if (typeof schema !== "object" || schema === null) return schema;
  if (key === "default_member_permissions") return { type: ["string", "number", "null"] };
  const result: Json = {};
  for (const [name, value] of Object.entries(schema)) result[name] = adapted(value, name);
  if (result.format === "date-time") delete result.pattern;
  const { anyOf, ...rest } = result;
  if (Array.isArray(anyOf) && anyOf.length > 1 && anyOf.every(hasType) && distinct(anyOf))
    return {
      ...rest,
      type: "object",
      required: ["type"],
      properties: { type: { enum: anyOf.flatMap(typeTags) } },
      allOf: anyOf.map((one) => ({ if: { properties: { type: { not: { enum: typeTags(one) } } } }, else: one })),
    };
  return result;
}

function hasType(schema: unknown): boolean {
  return typeTags(schema).length > 0;
}

function distinct(schemas: unknown[]): boolean {
  const tags = schemas.flatMap(typeTags);
  return new Set(tags).size === tags.length;
}

function typeTags(schema: unknown): unknown[] {
  const type = (schema as { properties?: { type?: { const?: unknown; enum?: unknown[] } } }).properties?.type;
  return type?.enum ?? (type?.const === undefined ? [] : [type.const]);
}

function problem(error: ErrorObject): Problem {
  const path = error.instancePath.split("/").slice(1);
  const { keyword, params } = error;
  switch (keyword) {
    case "required":
      return { path: [...path, params.missingProperty], code: "BASE_TYPE_REQUIRED", message: "This field is required" };
    case "additionalProperties":
      return {
        path: [...path, params.additionalProperty],
        code: "UNKNOWN_KEY",
        message: "Discord would ignore this: its specification has no such key.",
      };
    case "maxLength":
      return { path, code: "BASE_TYPE_MAX_LENGTH", message: `Must be ${params.limit} or fewer in length.` };
    case "minLength":
    case "minItems":
    case "maxItems":
      return { path, code: "BASE_TYPE_BAD_LENGTH", message: `Bad length: ${error.message} (${keyword}).` };
    case "const":
    case "enum":
      return { path, code: "BASE_TYPE_CHOICES", message: `Value ${error.message} ${JSON.stringify(params)}.` };
    case "format":
      return { path, code: "URL_TYPE_INVALID_URL", message: "Not a well formed URL." };
    default:
      return { path, code: "BASE_TYPE_INVALID", message: `This ${error.message ?? keyword}.` };
  }
}
