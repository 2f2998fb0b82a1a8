/** A private answer as a message; what does not fit is in a text file beside it. Pure. */

import type { APIEmbed } from "discord-api-types/v10";
import type { Notice } from "../../view.ts";
import { actionRows } from "./action-rows.ts";
import type { Drawing, Drawn } from "./drawn.ts";
import { embedBody } from "./embed-body.ts";
import { limits } from "./limits.ts";
import { allowedMentions, nobody } from "./mentions.ts";
import { noteRoom, pageNote } from "./missing-note.ts";
import { mostPictures, pictureEmbeds, picturesInWords } from "./picture-embeds.ts";
import { colours, symbols, words } from "./tones.ts";
import { wholeName, wholeText } from "./whole-text.ts";

export function noticeMessage(notice: Notice, drawing: Drawing): Drawn {
  const color = colours[notice.tone];
  const pictures = pictureEmbeds(notice.pictures, color);
  const sections = [...notice.sections, ...picturesInWords(notice.pictures.slice(mostPictures))];
  const mark = `${symbols[notice.tone]} **${words[notice.tone]}:** `;
  const room = limits.embedTotal - pictures.length - noteRoom - mark.length - 150;
  const body = embedBody(notice.text, notice.facts, sections, room);
  const rows = actionRows(notice.actions, drawing);
  const cut = body.missing > 0;
  const note = cut ? `\n\n✂️ Cut to fit: ${body.missing} characters are missing here. The file has all of it.` : "";
  const page = notice.about === undefined || cut ? "" : pageNote(notice.about, drawing);
  const first: APIEmbed = {
    description: [`${mark}${body.lead}${note}`, page].filter((one) => one !== "").join("\n\n"),
    color,
  };
  if (body.fields.length > 0) first.fields = body.fields;
  const more = body.sections === "" ? [] : [{ description: body.sections, color }];
  const file = { id: `${pictures.attachments.length}`, filename: wholeName, description: "The answer in full." };
  return {
    body: {
      content: "",
      embeds: [first, ...more, ...pictures.embeds],
      components: rows.components,
      attachments: cut ? [...pictures.attachments, file] : pictures.attachments,
      allowed_mentions: allowedMentions(nobody),
    },
    buttons: rows.buttons,
    files: [
      ...notice.pictures.slice(0, mostPictures),
      ...(cut ? [wholeText(notice.text, notice.facts, notice.sections)] : []),
    ],
  };
}
