/** What a renderer hands over: a message body, and what has to be there before it is sent. */

import type { APIActionRowComponent, APIAllowedMentions, APIButtonComponent, APIEmbed } from "discord-api-types/v10";
import type { StoredButton } from "../../ports.ts";
import type { Picture } from "../../view.ts";

export interface Drawn {
  body: {
    content: string;
    embeds: APIEmbed[];
    components: APIActionRowComponent<APIButtonComponent>[];
    attachments: { id: string; filename: string; description?: string }[];
    allowed_mentions: APIAllowedMentions;
  };
  /** To be kept in the store before anybody can press them. */
  buttons: StoredButton[];
  /** The files behind the attachments, in their order. */
  files: (Picture | string)[];
}

/** What a pressed button means: ask first, do it, open the form it carries, or take the form that was filled in. */
export type Step = "ask" | "do" | "open" | "submit";

/** What renderers are told of the world. */
export interface Drawing {
  token(row: StoredButton, step: Step): string;
  /** See {@link import("../adapter.ts").AdapterParts.fullView}. */
  fullView(key: string): string | undefined;
}
