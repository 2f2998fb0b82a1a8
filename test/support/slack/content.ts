/** Checks what a message or a view contains, by the vendor's types and the documented limits, before it is taken. */

import { allTexts, blockLimitProblems, limits } from "./limits.ts";
import { type Json, type Problem, record, records, refusedFor, SlackRefusal, text } from "./model.ts";
import type { Workspace } from "./workspace.ts";

/** Refuses a message that Slack would refuse. */
export function checkMessage(workspace: Workspace, args: Json, longest: number = limits.messageText): void {
  const attachments = records(args.attachments);
  if (args.blocks !== undefined) checkBlocks(workspace, args.blocks, "/blocks");
  for (const [at, { blocks }] of attachments.entries())
    if (blocks !== undefined) checkBlocks(workspace, blocks, `/attachments/${at}/blocks`);
  if (allTexts([args.blocks, ...attachments.map((one) => one.blocks)]) > limits.allBlockTexts)
    throw new SlackRefusal("msg_blocks_too_long");
  const nothing = text(args.text) === "" && records(args.blocks).length === 0 && attachments.length === 0;
  if (nothing && text(args.markdown_text) === "") throw new SlackRefusal("no_text");
  if (text(args.text).length > longest) throw new SlackRefusal("msg_too_long");
}

function checkBlocks(workspace: Workspace, blocks: unknown, pointer: string): void {
  if (!Array.isArray(blocks)) throw new SlackRefusal("invalid_blocks_format");
  const problems = blockProblems(workspace, blocks, pointer, limits.messageBlocks);
  if (problems.length > 0) throw refusedFor("invalid_blocks", problems);
}

/** Refuses a view that Slack would refuse. */
export function checkView(workspace: Workspace, view: Json, kind: "modal" | "home"): void {
  const blocks = Array.isArray(view.blocks) ? view.blocks : [];
  const problems = [
    ...(view.type === kind ? [] : [{ text: "unsupported type", pointer: "/view/type" }]),
    ...workspace.schemas.view(view, "/view"),
    ...(Array.isArray(view.blocks) ? [] : [{ text: "missing required field: blocks", pointer: "/view" }]),
    ...blockProblems(workspace, blocks, "/view/blocks", limits.viewBlocks),
    ...viewProblems(view),
  ];
  if (problems.length > 0) throw refusedFor("invalid_arguments", problems);
}

function blockProblems(workspace: Workspace, blocks: unknown[], pointer: string, most: number): Problem[] {
  const typed = pointer.startsWith("/view") ? [] : workspace.schemas.blocks(blocks, pointer);
  return [...typed, ...blockLimitProblems(blocks, pointer, most), ...fileProblems(workspace, blocks, pointer)];
}

function viewProblems(view: Json): Problem[] {
  const sizes: [string, unknown, number][] = [
    ["private_metadata", view.private_metadata, limits.privateMetadata],
    ["callback_id", view.callback_id, limits.callbackId],
    ["external_id", view.external_id, limits.callbackId],
    ["title/text", record(view.title).text, limits.viewTitle],
    ["submit/text", record(view.submit).text, limits.viewTitle],
    ["close/text", record(view.close).text, limits.viewTitle],
  ];
  const long = sizes.filter(([, value, most]) => text(value).length > most);
  const asks = view.type === "modal" && records(view.blocks).some((block) => block.type === "input");
  return [
    ...long.map(([key, , most]) => ({ text: `must be less than ${most + 1} characters`, pointer: `/view/${key}` })),
    ...(asks && view.submit === undefined ? [{ text: "missing required field: submit", pointer: "/view" }] : []),
  ];
}

/** A picture by `slack_file` must be a file whose upload is complete. */
function fileProblems(workspace: Workspace, blocks: unknown[], pointer: string): Problem[] {
  return blocks.flatMap((block, at) => {
    const places: [Json, string][] = [[record(block), `${pointer}/${at}`]];
    const accessory = record(record(block).accessory);
    places.push([accessory, `${pointer}/${at}/accessory`]);
    records(record(block).elements).forEach((one, each) => {
      places.push([one, `${pointer}/${at}/elements/${each}`]);
    });
    return places
      .filter(([node]) => node.type === "image" && node.slack_file !== undefined)
      .filter(([node]) => workspace.files.get(text(record(node.slack_file).id))?.complete !== true)
      .map(([, place]) => ({ text: "invalid slack file", pointer: `${place}/slack_file` }));
  });
}
