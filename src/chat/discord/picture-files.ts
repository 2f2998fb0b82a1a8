/** Pictures and texts as files of a message; a picture that cannot be drawn is told in words instead. */

import type { RawFile } from "discord.js";
import type { Picture, Section } from "../../view.ts";
import type { Drawn } from "./drawn.ts";
import { picturesInWords } from "./picture-embeds.ts";

export type Png = (picture: Picture) => Promise<Uint8Array>;

/** Milliseconds that drawing one picture may take. */
const patience = 5000;

interface Pictured {
  pictures: Picture[];
  sections: Section[];
}

/** What can be shown of a view, with the bytes of its pictures. */
export interface DrawnPictures<View extends Pictured> {
  view: View;
  bytes: ReadonlyMap<Picture, Uint8Array>;
}

export async function drawPictures<View extends Pictured>(
  view: View,
  png: Png,
  onFault: (fault: unknown) => void,
): Promise<DrawnPictures<View>> {
  const bytes = new Map<Picture, Uint8Array>();
  await Promise.all(
    view.pictures.map(async (picture) => {
      try {
        bytes.set(picture, await inTime(png(picture)));
      } catch (fault) {
        onFault(fault);
      }
    }),
  );
  const failed = view.pictures.filter((one) => !bytes.has(one));
  return { view: inWords(view, failed), bytes };
}

/** The view with these pictures told in words. */
export function inWords<View extends Pictured>(view: View, pictures: readonly Picture[]): View {
  if (pictures.length === 0) return view;
  return {
    ...view,
    pictures: view.pictures.filter((one) => !pictures.includes(one)),
    sections: [...view.sections, ...picturesInWords(pictures)],
  };
}

export function filesOf({ body, files }: Drawn, bytes: ReadonlyMap<Picture, Uint8Array>): RawFile[] {
  return files.map((file, index) => ({
    name: body.attachments[index]?.filename ?? `file-${index}`,
    ...(typeof file === "string"
      ? { data: Buffer.from(file), contentType: "text/plain; charset=utf-8" }
      : { data: Buffer.from(bytes.get(file) ?? []), contentType: "image/png" }),
  }));
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`A picture was not drawn within ${patience / 1000} s.`)), patience);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
