/** What Slack's documentation says of sizes (docs.slack.dev, reference/block-kit and surfaces), and who goes beyond. */

import { type Json, type Problem, record, records, text } from "./model.ts";

/** Sizes of a whole message or view. */
export const limits = {
  messageBlocks: 50,
  viewBlocks: 100,
  /** chat.postMessage cuts longer texts off; here it refuses, because a cut text is never meant. */
  messageText: 40_000,
  /** chat.update refuses longer texts. */
  updateText: 4_000,
  /** All texts in the blocks of one message; Slack answers msg_blocks_too_long from about here on. */
  allBlockTexts: 12_000,
  privateMetadata: 3_000,
  callbackId: 255,
  viewTitle: 24,
  altText: 1_000,
  modalDepth: 3,
  responseUrlUses: 5,
  responseUrlMinutes: 30,
  triggerSeconds: 3,
  ackSeconds: 3,
} as const;

interface Rule {
  /** Longest string in a property. */
  strings?: Record<string, number>;
  /** Longest text of a text object in a property, or of each in a list of them. */
  texts?: Record<string, number>;
  /** Most members of a list. */
  items?: Record<string, number>;
  /** Largest number. */
  numbers?: Record<string, number>;
}

const selects: Rule = { texts: { placeholder: 150 }, items: { options: 100, option_groups: 100 } };

/** By `type`; composition objects, which have none, by the property they are found under. */
export const rules: Record<string, Rule> = {
  section: { texts: { text: 3000, fields: 2000 }, items: { fields: 10 } },
  header: { texts: { text: 150 } },
  context: { texts: { elements: 3000 }, items: { elements: 10 } },
  actions: { items: { elements: 25 } },
  image: { strings: { alt_text: 2000, image_url: 3000 }, texts: { title: 2000 } },
  input: { texts: { label: 2000, hint: 2000 } },
  markdown: { strings: { text: 12_000 } },
  button: { strings: { value: 2000, url: 3000, accessibility_label: 75 }, texts: { text: 75 } },
  plain_text_input: { texts: { placeholder: 150 }, numbers: { max_length: 3000, min_length: 3000 } },
  static_select: selects,
  multi_static_select: selects,
  external_select: selects,
  users_select: selects,
  conversations_select: selects,
  channels_select: selects,
  overflow: { items: { options: 5 } },
  radio_buttons: { items: { options: 10 } },
  checkboxes: { items: { options: 10 } },
  option: { strings: { value: 150, url: 3000 }, texts: { text: 75, description: 75 } },
  option_group: { texts: { label: 75 }, items: { options: 100 } },
  confirm: { texts: { title: 100, text: 300, confirm: 30, deny: 30 } },
};

const nameless: Record<string, string> = {
  options: "option",
  initial_option: "option",
  initial_options: "option",
  option_groups: "option_group",
  confirm: "confirm",
};

/** Problems of the blocks' sizes and ids. */
export function blockLimitProblems(blocks: readonly unknown[], pointer: string, most: number): Problem[] {
  const found: Problem[] = [];
  if (blocks.length > most) found.push({ text: `no more than ${most} items allowed`, pointer });
  blocks.forEach((block, at) => {
    walk(record(block), text(record(block).type), `${pointer}/${at}`, found);
    sectionProblem(record(block), `${pointer}/${at}`, found);
    repeated(found, `${pointer}/${at}`, "action_id", actionIds(block));
  });
  repeated(
    found,
    pointer,
    "block_id",
    blocks.map((block) => text(record(block).block_id)),
  );
  return found;
}

/** Characters of every text in the blocks together. */
export function allTexts(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + allTexts(one), 0);
  return Object.entries(record(value)).reduce(
    (sum, [key, inner]) => sum + (key === "text" && typeof inner === "string" ? inner.length : allTexts(inner)),
    0,
  );
}

function walk(node: Json, kind: string, pointer: string, found: Problem[]): void {
  const rule = rules[kind] ?? {};
  for (const id of ["action_id", "block_id"]) tooLong(node[id], 255, `${pointer}/${id}`, found);
  for (const [key, most] of Object.entries(rule.strings ?? {})) tooLong(node[key], most, `${pointer}/${key}`, found);
  for (const [key, most] of Object.entries(rule.numbers ?? {}))
    if (Number(node[key] ?? 0) > most)
      found.push({ text: `must be no more than ${most}`, pointer: `${pointer}/${key}` });
  for (const [key, most] of Object.entries(rule.items ?? {})) itemProblem(node[key], most, `${pointer}/${key}`, found);
  for (const [key, most] of Object.entries(rule.texts ?? {})) textsProblem(node[key], most, `${pointer}/${key}`, found);
  addressProblem(node, pointer, found);
  for (const [key, inner] of Object.entries(node)) {
    const list = Array.isArray(inner);
    for (const [at, child] of (list ? inner : [inner]).entries()) {
      if (typeof child !== "object" || child === null) continue;
      const type = text(record(child).type) || (nameless[key] ?? "");
      walk(record(child), type, list ? `${pointer}/${key}/${at}` : `${pointer}/${key}`, found);
    }
  }
}

function tooLong(value: unknown, most: number, pointer: string, found: Problem[]): void {
  if (typeof value !== "string") return;
  if (value.length > most) found.push({ text: `must be less than ${most + 1} characters`, pointer });
}

function itemProblem(value: unknown, most: number, pointer: string, found: Problem[]): void {
  if (!Array.isArray(value)) return;
  if (value.length > most) found.push({ text: `no more than ${most} items allowed`, pointer });
  if (value.length === 0) found.push({ text: "must contain at least 1 item", pointer });
}

function textsProblem(value: unknown, most: number, pointer: string, found: Problem[]): void {
  const list = Array.isArray(value) ? records(value) : [record(value)];
  for (const [at, one] of list.entries()) {
    const own = Array.isArray(value) ? `${pointer}/${at}/text` : `${pointer}/text`;
    tooLong(one.text, most, own, found);
    if (one.text === "") found.push({ text: "must be more than 0 characters", pointer: own });
  }
}

/** Links are http or https; pictures are fetched by Slack itself, which does not reach this machine. */
function addressProblem(node: Json, pointer: string, found: Problem[]): void {
  if (typeof node.url === "string" && node.type === "button" && !/^https?:\/\/[^\s/]+/.test(node.url))
    found.push({ text: "must be a valid URL", pointer: `${pointer}/url` });
  if (typeof node.image_url !== "string") return;
  if (!/^https?:\/\/[^\s/]+/.test(node.image_url))
    found.push({ text: "must be a valid URL", pointer: `${pointer}/image_url` });
  else if (/^https?:\/\/(localhost|127\.|\[::1\])/.test(node.image_url))
    found.push({ text: "downloading image failed", pointer: `${pointer}/image_url` });
}

function sectionProblem(block: Json, pointer: string, found: Problem[]): void {
  if (block.type === "section" && block.text === undefined && block.fields === undefined)
    found.push({ text: "missing required field: text", pointer });
}

/** action_id must differ from the others of its block. */
function actionIds(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(actionIds);
  const node = record(value);
  return [text(node.action_id), ...Object.values(node).flatMap(actionIds)];
}

function repeated(found: Problem[], pointer: string, name: string, ids: string[]): void {
  const given = ids.filter((id) => id !== "");
  const twice = given.find((id, at) => given.indexOf(id) < at);
  if (twice !== undefined) found.push({ text: `\`${name}\` already exists: ${twice}`, pointer });
}
