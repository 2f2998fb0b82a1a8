/** What cards and private answers share: facts, sections and pictures. */

import type { ImageBlock, KnownBlock, RichTextBlock } from "@slack/types";
import type { Fact, Picture, Section } from "../../view.ts";
import { inertLines, inertText } from "../inert-text.ts";
import type { Rendering } from "./rendering.ts";
import { bold, bullets, code, fixedWidth, line, plain, plainText, richText } from "./rich-text.ts";
import type { Space } from "./space.ts";

/** Characters of one fact or line: a long reason leaves room for the others. */
const mostOfLine = 2_000;
const mostPictures = 5;

/** One block with a line for each fact. */
export function factsBlock(facts: readonly Fact[], space: Space): RichTextBlock[] {
  const lines = facts.flatMap((fact) => {
    const label = space.fit(inertText(fact.label), 200);
    const value = label === undefined ? undefined : space.fit(inertText(fact.value), mostOfLine);
    if (label === undefined || value === undefined) return [];
    return [line(bold(`${label}: `), fact.code === true ? code(value) : plain(value))];
  });
  space.characters -= 2 * lines.length;
  return lines.length === 0 ? [] : [richText(lines)];
}

/** One block a section; the last ones are left out and counted where there are no blocks for them. */
export function sectionBlocks(sections: readonly Section[], blocks: number, space: Space): RichTextBlock[] {
  const shown = sections.slice(0, Math.max(0, blocks));
  for (const section of sections.slice(shown.length)) space.leaveOut([section.title, ...section.lines]);
  return shown.flatMap((section) => {
    const title = space.fit(inertText(section.title), 200);
    if (title === undefined) {
      space.leaveOut(section.lines);
      return [];
    }
    const lines = section.lines.flatMap((text) => {
      const inert = section.style === "list" ? inertText(text) : inertLines(text);
      return space.fit(inert, mostOfLine) ?? [];
    });
    space.characters -= lines.length;
    const heading = line(bold(title));
    if (lines.length === 0) return [richText([heading])];
    if (section.style === "list") return [richText([heading, bullets(lines)])];
    if (section.style === "code") return [richText([heading, fixedWidth(lines)])];
    return [richText([heading, ...lines.map((text) => line(plain(text)))])];
  });
}

/** Each as an image, or as its description where there is no file of it. */
export function pictureBlocks(pictures: readonly Picture[], render: Rendering, space: Space): KnownBlock[] {
  for (const picture of pictures.slice(mostPictures)) space.leaveOut([picture.title]);
  return pictures.slice(0, mostPictures).flatMap((picture): KnownBlock[] => {
    const file = render.pictureFile(picture);
    if (file !== undefined) return [image(picture, file, space)];
    const title = space.fit(inertText(picture.title), 200);
    const said = space.fit(inertText(picture.alt), 1_000);
    if (title === undefined || said === undefined) return [];
    return [richText([line(bold(`Picture: ${title}`)), line(plain(said))])];
  });
}

function image(picture: Picture, file: string, space: Space): ImageBlock {
  const title = plainText(picture.title, 200);
  space.characters -= title.text.length;
  return { type: "image", slack_file: { id: file }, alt_text: plainText(picture.alt, 1_000).text, title };
}
