/** JSON schemas of what Slack takes, made at test time from the vendor's own types and closed to unknown keys. */

import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import { type Config, createGenerator, type Schema } from "ts-json-schema-generator";
import type { Json, Problem } from "./model.ts";

const require = createRequire(import.meta.url);

/** Web API method to the type of its arguments in @slack/web-api. */
const argumentTypes: Record<string, string> = {
  "chat.postMessage": "ChatPostMessageArguments",
  "chat.update": "ChatUpdateArguments",
  "chat.delete": "ChatDeleteArguments",
  "chat.postEphemeral": "ChatPostEphemeralArguments",
  "chat.getPermalink": "ChatGetPermalinkArguments",
  "conversations.history": "ConversationsHistoryArguments",
  "conversations.replies": "ConversationsRepliesArguments",
  "conversations.info": "ConversationsInfoArguments",
  "users.info": "UsersInfoArguments",
  "views.open": "ViewsOpenArguments",
  "views.push": "ViewsPushArguments",
  "views.update": "ViewsUpdateArguments",
  "views.publish": "ViewsPublishArguments",
  "files.getUploadURLExternal": "FilesGetUploadURLExternalArguments",
  "files.completeUploadExternal": "FilesCompleteUploadExternalArguments",
};

interface Definition {
  $ref?: string;
  anyOf?: Definition[];
  properties?: Record<string, Json>;
  required?: string[];
  [key: string]: unknown;
}
type Definitions = Record<string, Definition>;

export interface Schemas {
  /** What is wrong with a list of blocks; `pointer` leads to the offending place, `/blocks/0/text/text`. */
  blocks(blocks: readonly unknown[], pointer: string): Problem[];
  /** What is wrong with a view, its blocks included. */
  view(view: Json, pointer: string): Problem[];
  /** What is wrong with a method's arguments apart from blocks and view; none where the method is not in the table. */
  args(method: string, args: Json): Problem[];
  /** Whether any block, element or view has this `type`. */
  knows(type: string): boolean;
  /** What is wrong with an app manifest, one line each. */
  manifest(manifest: unknown): string[];
}

let made: Promise<Schemas> | undefined;

/** The schemas; made once in a process, and kept under node_modules/.cache for the next. */
export function slackSchemas(): Promise<Schemas> {
  made ??= definitionsOfVersion().then(compile);
  return made;
}

/** Problems of an app manifest by @slack/web-api's Manifest type, unknown keys included; empty where there is none. */
export async function validateManifest(manifest: unknown): Promise<string[]> {
  return (await slackSchemas()).manifest(manifest);
}

async function definitionsOfVersion(): Promise<Definitions> {
  const versions = ["@slack/web-api", "@slack/types", "ts-json-schema-generator"].map(
    (name) => (require(`${packageFolder(name)}/package.json`) as { version: string }).version,
  );
  const folder = join(packageFolder("ajv"), "..", ".cache", "quorate");
  const recipe = createHash("sha256")
    .update(await readFile(import.meta.filename))
    .digest("hex")
    .slice(0, 12);
  const file = join(folder, `slack-schemas-${versions.join("-")}-${recipe}.json`);
  const kept = await readFile(file, "utf8").catch(() => undefined);
  if (kept !== undefined) return JSON.parse(kept) as Definitions;
  const definitions = generate();
  await mkdir(folder, { recursive: true });
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, JSON.stringify(definitions));
  await rename(draft, file);
  return definitions;
}

/** About 2 s on a slow core: TypeScript reads every type of the SDK. */
function generate(): Definitions {
  const definitions = definitionsIn("index.d.ts", Object.values(argumentTypes));
  // The index knows another Manifest, which an answer carries and where everything is optional.
  const manifest = definitionsIn("manifest.d.ts", ["Manifest"]);
  return { ...definitions, ...manifest, Manifest: { ...manifest.Manifest, additionalProperties: false } };
}

function definitionsIn(file: string, types: string[]): Definitions {
  const config: Config = {
    path: join(packageFolder("@slack/web-api"), "dist/types/request", file),
    skipTypeCheck: true,
    additionalProperties: false,
    expose: "all",
    jsDoc: "none",
  };
  const generator = createGenerator(config);
  const parts: Schema[] = types.map((type) => generator.createSchema(type));
  return Object.assign({}, ...parts.map((part) => part.definitions)) as Definitions;
}

function packageFolder(name: string): string {
  const entry = require.resolve(name);
  const at = entry.lastIndexOf(join("node_modules", name));
  if (at === -1) return dirname(entry);
  return entry.slice(0, at) + join("node_modules", name);
}

function compile(definitions: Definitions): Schemas {
  const ajv = new Ajv({ strict: false });
  ajv.addSchema({ $id: "slack", definitions: discriminated(definitions) });
  const validators = new Map<string, ValidateFunction>();
  const validator = (type: string): ValidateFunction => {
    const known = validators.get(type) ?? ajv.compile({ $ref: `slack#/definitions/${type}` });
    validators.set(type, known);
    return known;
  };
  const problems = (type: string, value: unknown, pointer: string): Problem[] => {
    const validate = validator(type);
    return validate(value) ? [] : [worded(deepest(validate.errors ?? []), pointer)];
  };
  const blockTypes = byType(definitions, "KnownBlock");
  const blocks: Schemas["blocks"] = (list, pointer) =>
    list.flatMap((block, at) => {
      const type = typeof block === "object" && block !== null && "type" in block ? String(block.type) : "undefined";
      const name = blockTypes.get(type);
      if (name === undefined) return [{ text: `unsupported type: ${type}`, pointer: `${pointer}/${at}/type` }];
      return problems(name, block, `${pointer}/${at}`);
    });
  const written = JSON.stringify(definitions);
  return {
    blocks,
    knows: (type) => written.includes(`"const":${JSON.stringify(type)}`),
    view: (view, pointer) => {
      const name = view.type === "modal" ? "ModalView" : "HomeView";
      const own = problems(name, { ...view, blocks: [] }, pointer);
      return [...own, ...blocks(Array.isArray(view.blocks) ? view.blocks : [], `${pointer}/blocks`)];
    },
    args: (method, args) => {
      const type = argumentTypes[method];
      if (type === undefined) return [];
      const rest = { ...args };
      if ("blocks" in rest) rest.blocks = [];
      if ("view" in rest) rest.view = { type: "home", blocks: [] };
      return problems(type, rest, "");
    },
    manifest: (manifest) => {
      const all = new Ajv({ strict: false, allErrors: true });
      const validate = all.compile({ $ref: "#/definitions/Manifest", definitions });
      if (validate(manifest)) return [];
      return (validate.errors ?? []).map((error) => worded(error, "")).map((one) => `${one.pointer}: ${one.text}`);
    },
  };
}

/** `type` constant to definition name, for a union of objects. */
function byType(definitions: Definitions, union: string): Map<string, string> {
  const branches = definitions[union]?.anyOf ?? [];
  return new Map(branches.flatMap((one) => typesOf(definitions, one).map((type) => [type, nameOf(one.$ref)] as const)));
}

function nameOf(ref: string | undefined): string {
  return decodeURIComponent((ref ?? "").replace("#/definitions/", ""));
}

/** The `type` constants a schema allows, through references and unions (an image by URL or by file); empty where unknown. */
function typesOf(definitions: Definitions, schema: Definition): string[] {
  if (schema.$ref !== undefined) return typesOf(definitions, definitions[nameOf(schema.$ref)] ?? {});
  const type = schema.properties?.type?.const;
  if (typeof type === "string") return [type];
  const branches = (schema.anyOf ?? []).map((branch) => typesOf(definitions, branch));
  return branches.some((types) => types.length === 0) ? [] : [...new Set(branches.flat())];
}

/** Unions told apart by `type` become a choice by it, so that an error names the place and not "matches no branch". */
function discriminated(definitions: Definitions): Definitions {
  const turn = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(turn);
    if (typeof node !== "object" || node === null) return node;
    const turned = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, turn(value)])) as Definition;
    const { anyOf: branches, ...rest } = turned;
    if (!Array.isArray(branches) || branches.length < 2) return turned;
    const types = (node as Definition).anyOf?.map((branch) => typesOf(definitions, branch)) ?? [];
    if (types.some((own) => own.length === 0) || new Set(types.flat()).size < types.flat().length) return turned;
    const choice = branches.map((branch, at) => ({ if: { not: ofType({ enum: types[at] }) }, else: branch }));
    return { ...rest, ...ofType({ enum: types.flat() }), type: "object", allOf: choice };
  };
  return turn(definitions) as Definitions;
}

function ofType(rule: Json): Json {
  return { required: ["type"], properties: { type: rule } };
}

function deepest(errors: ErrorObject[]): ErrorObject | undefined {
  return [...errors].sort((a, b) => b.instancePath.length - a.instancePath.length)[0];
}

/** Slack's wording, as far as it is known from its own answers. */
function worded(error: ErrorObject | undefined, root: string): Problem {
  const pointer = root + (error?.instancePath ?? "");
  switch (error?.keyword) {
    case "required":
      return { text: `missing required field: ${error.params.missingProperty}`, pointer };
    case "additionalProperties":
      return { text: `invalid additional property: ${error.params.additionalProperty}`, pointer };
    case "type":
      return { text: `must provide a ${error.params.type}`, pointer };
    case "const":
    case "enum":
      return { text: pointer.endsWith("/type") ? "unsupported type" : "must be a valid enum value", pointer };
    default:
      return { text: "failed to match all allowed schemas", pointer };
  }
}
