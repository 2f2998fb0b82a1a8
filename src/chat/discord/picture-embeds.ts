/** Pictures as embeds of attached files, each with what it says for those who do not see it. */

import type { APIEmbed } from "discord-api-types/v10";
import type { Picture, Section } from "../../view.ts";
import { cut, inertText } from "../inert-text.ts";
import { fitted } from "./inert-markdown.ts";
import { limits } from "./limits.ts";

/** Two embeds of a message are for its text. */
export const mostPictures = limits.embeds - 2;
const titleRoom = 100;

export interface PictureEmbeds {
  embeds: APIEmbed[];
  attachments: { id: string; filename: string; description: string }[];
  /** Characters of the embeds' text. */
  length: number;
}

export function pictureEmbeds(pictures: readonly Picture[], color: number): PictureEmbeds {
  const shown = pictures.slice(0, mostPictures);
  const embeds = shown.map((picture, index) => ({
    ...(picture.title.trim() === "" ? {} : { title: fitted(picture.title, titleRoom).text }),
    color,
    image: { url: `attachment://${filename(index)}` },
  }));
  return {
    embeds,
    attachments: shown.map((picture, index) => ({
      id: `${index}`,
      filename: filename(index),
      description: cut(inertText(picture.alt), limits.attachmentDescription).trim() || "A picture.",
    })),
    length: embeds.reduce((sum, one) => sum + (one.title?.length ?? 0), 0),
  };
}

const filename = (index: number) => `picture-${index + 1}.png`;

/** For pictures that could not be drawn or sent: what they say, as text. */
export function picturesInWords(pictures: readonly Picture[]): Section[] {
  return pictures.map(({ title, alt }) => ({ title: `Picture: ${title}`, style: "plain", lines: [alt] }));
}
