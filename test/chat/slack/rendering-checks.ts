/** What Slack would refuse in a rendered message, and what in it would act. */

import type { KnownBlock } from "@slack/types";
import type { Rendering } from "../../../src/chat/slack/rendering.ts";
import { allTexts, blockLimitProblems, limits } from "../../support/slack/limits.ts";
import { slackSchemas } from "../../support/slack/schemas.ts";

export const schemas = await slackSchemas();

export const render: Rendering = {
  userOf: (person) => ({ caro: "UCARO", dev: "UDEV", finn: "UFINN", gia: "UGIA" })[person],
  group: "SONCALL",
  token: () => `q1.${"a".repeat(22)}.${"b".repeat(22)}`,
  pictureFile: () => undefined,
  fullView: () => undefined,
};

/** What Slack would refuse about a message, one line each. */
export function problems({ text, blocks }: { text: string; blocks: KnownBlock[] }): string[] {
  const found = [...schemas.blocks(blocks, "/blocks"), ...blockLimitProblems(blocks, "/blocks", limits.messageBlocks)];
  return [
    ...found.map((one) => `${one.pointer}: ${one.text}`),
    ...(allTexts(blocks) > limits.allBlockTexts ? [`${allTexts(blocks)} characters in blocks`] : []),
    ...(text.length > limits.updateText ? [`${text.length} characters of text`] : []),
    ...(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(
      text + stringsOf(blocks).join("\n"),
    )
      ? ["half a character"]
      : []),
  ];
}

export function stringsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(stringsOf);
}

/** Everything in a payload that Slack would act on: mentions, links, styles it parses. */
export function acting({ text, blocks }: { text: string; blocks: KnownBlock[] }): string[] {
  const elements: string[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const { type } = node as { type?: unknown };
    if (type === "mrkdwn" || type === "markdown" || type === "emoji" || type === "broadcast" || type === "channel")
      elements.push(String(type));
    if (type === "user") elements.push(`<@${(node as { user_id: string }).user_id}>`);
    if (type === "usergroup") elements.push(`<!subteam^${(node as { usergroup_id: string }).usergroup_id}>`);
    if (type === "link") elements.push((node as { url: string }).url);
    if (type === "plain_text" && (node as { emoji?: boolean }).emoji !== false) elements.push("emoji in plain_text");
    for (const inner of Object.values(node)) walk(inner);
  };
  walk(blocks);
  const inText = text.match(/<[^>]*>|[*_~`]|@\w|#\w|:[\w+'-]+:|\w:\/\/|mailto:|\w\.[a-z]{2}/gi) ?? [];
  return [...elements, ...inText];
}

export function buttonsOf(blocks: KnownBlock[]): unknown[] {
  return blocks.flatMap((block) => (block.type === "actions" ? block.elements : []));
}
