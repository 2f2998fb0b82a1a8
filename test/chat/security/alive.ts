/** What text would do in a message if nobody had made it inert, and what of that is alive in messages as they were sent. */

import type { DiscordPlatform } from "../../support/discord/discord.ts";
import type { Message as DiscordMessage } from "../../support/discord/world.ts";
import type { Message as SlackMessage } from "../../support/slack/model.ts";

/** Each is short enough for a person's name. */
export const foul = {
  calls: "<!channel> <@U0EVE> <#C0UPGRADES> <!subteam^S0ONCALL> @here",
  callsToo: "@everyone <@900000000000000014> <@&900000000000000099> <:boom:1>",
  links: "[ok](https://evil.example/a) <https://evil.example/b|ok>",
  marks: "*bold* _thin_ ~gone~ `code` ||dark|| :boom: # 1",
  hidden: "txt.\u202eexe\u200b\u2066a\ufeff\u00adb\u2800",
} as const;
export const allFoul = Object.values(foul).join(" ");

/** Zero-width, bidirectional and other characters that are not seen; escapes of them, `\u{202e}`, are. */
const unseen = /[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\ufeff]/;

/** Tokens in `text` and elements in blocks that do something, beside mentions and links to `publicUrl`. */
export function aliveInSlack({ text, blocks }: Pick<SlackMessage, "text" | "blocks">, publicUrl: string): string[] {
  const without = text.replace(/<(?:@U0[A-Z]+|!subteam\^S0ONCALL)>/g, "");
  const found = [
    /[<>]/.test(without) ? `a token in "${without}"` : "",
    /@(?:channel|here|everyone)|#upgrades/.test(without) ? "a name that is looked up" : "",
    /:boom:/.test(without) ? "an emoji" : "",
    /https?:\/\/|evil\.example/.test(without) ? "a link" : "",
    /[*_~`]/.test(without) ? `a mark in "${without}"` : "",
  ];
  return [
    ...found,
    ...everyPart(blocks).flatMap((part) => livePart(part, publicUrl)),
    unseenIn({ text, blocks }),
  ].filter((one) => one !== "");
}

type Part = Record<string, unknown>;

function everyPart(value: unknown): Part[] {
  if (Array.isArray(value)) return value.flatMap(everyPart);
  if (typeof value !== "object" || value === null) return [];
  return [value as Part, ...Object.values(value).flatMap(everyPart)];
}

const shows = new Set([
  ...["header", "section", "rich_text", "rich_text_section", "rich_text_list", "rich_text_preformatted"],
  ...["text", "plain_text", "context", "actions", "button", "image", "input", "plain_text_input", "user", "usergroup"],
]);

function livePart({ type, emoji, url, text }: Part, publicUrl: string): string[] {
  if (type === undefined || shows.has(`${type}`)) return type === "plain_text" && emoji !== false ? ["an emoji"] : [];
  if (type !== "link") return [`a ${type}`];
  const ours = `${url}`.startsWith(`${publicUrl}/view/`) && (text === undefined || text === url);
  return ours ? [] : [`a link to ${url}`];
}

/** People and groups that the blocks call. */
export function calledInSlack({ text, blocks }: Pick<SlackMessage, "text" | "blocks">): {
  blocks: string[];
  text: string[];
} {
  const parts = everyPart(blocks).flatMap(({ user_id, usergroup_id }) => [user_id, usergroup_id]);
  const tokens = [...text.matchAll(/<(?:@|!subteam\^)(\w+)>/g)].map(([, id = ""]) => id);
  return { blocks: parts.filter((one) => typeof one === "string").sort(), text: tokens.sort() };
}

/** What Markdown and Discord's servers would make of it, beside our own emphasis, code and links. */
export function aliveInDiscord({ content, embeds, components }: DiscordMessage, publicUrl: string): string[] {
  const texts = [
    content,
    ...embeds.flatMap((one) => [
      one.title,
      one.description,
      ...(one.fields ?? []).flatMap((field) => [field.name, field.value]),
    ]),
  ];
  const ours = new RegExp(`${publicUrl.replaceAll(".", "\\.")}/view/\\S+`, "g");
  return [
    ...texts.flatMap((given) => {
      const raw = (given ?? "").replace(ours, "").replace(/`[^`]*`/g, "c");
      const plain = raw.replace(/\\[^0-9A-Za-z\s]/g, "e");
      return [
        /@(?:everyone|here)/.test(raw) ? `everyone in "${raw}"` : "",
        /https?:\/\//.test(raw) ? `a link in "${raw}"` : "",
        /<[#:]|<@&?900000000000000099|<@900000000000000014/.test(raw) ? `a token in "${raw}"` : "",
        /\]\(|\*bold\*|_thin_|~gone~|\|\|dark|:boom:/.test(plain) ? `a mark in "${plain}"` : "",
      ];
    }),
    ...embeds
      .flatMap(({ url, author, footer }) => [url, author?.url, author?.name, footer?.icon_url])
      .map((one) => (one === undefined ? "" : "an address")),
    unseenIn([texts.map((one) => one?.replace(/@\u200b/g, "@")), embeds.map((one) => one.footer?.text), components]),
  ].filter((one) => one !== "");
}

function unseenIn(value: unknown): string {
  const text = JSON.stringify(value);
  const at = text.search(unseen);
  return at < 0 ? "" : `something unseen in ${JSON.stringify(text.slice(Math.max(0, at - 40), at + 20))}`;
}

/** Everything that is shown on Discord: channels, threads and private answers. */
export function everyMessage(discord: DiscordPlatform, channels: readonly string[]): DiscordMessage[] {
  const threads = channels.flatMap((one) => discord.threads(one).map(({ id }) => id));
  return [...channels, ...threads].flatMap((one) => discord.messages(one));
}

export const hasUnseen = (text: string) => unseen.test(text);
