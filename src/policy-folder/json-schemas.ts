/** JSON Schemas of the policy files, for editors: made from the shapes, so that they cannot say anything else. */

import { z } from "zod";
import { fileShapes } from "./file-shapes.ts";

/** The text of every file in policies/schema, by its name. */
export function jsonSchemas(): Map<string, string> {
  return new Map(
    Object.entries(fileShapes).map(([name, shape]) => {
      // "input": what is written in the file, before an address is spelled out and a number becomes a bigint.
      const schema = z.toJSONSchema(shape, { io: "input", target: "draft-7", unrepresentable: "any" });
      const whole = { title: `Quorate policy: ${name}`, ...(writable(schema) as object) };
      return [`${name}.json`, `${JSON.stringify(whole, undefined, 2)}\n`];
    }),
  );
}

/** YAML has no bigint: zod leaves an empty schema for it, which would let anything pass. */
function writable(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(writable);
  if (typeof schema !== "object" || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key,
      key === "anyOf" && Array.isArray(value) ? value.filter((one) => !isEmpty(one)).map(writable) : writable(value),
    ]),
  );
}

const isEmpty = (schema: unknown) => typeof schema === "object" && schema !== null && Object.keys(schema).length === 0;
