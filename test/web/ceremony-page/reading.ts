/** The page as somebody reads it: its text, part by part. */

const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };

/** Text of a piece of markup, white space as one blank. */
export function textOf(html: string): string {
  return html
    .replace(/<(style|script|svg)\b[\s\S]*?<\/\1>/g, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/&([a-z]+|#39);/g, (all, name: string) => entities[name] ?? all)
    .replace(/\s+/g, " ")
    .replace(/ ([.,:;)])/g, "$1")
    .replace(/\( /g, "(")
    .trim();
}

/** The text of the section with this id; the whole page's head for "top", its way for "timeline". */
export function part(html: string, id: string): string {
  const bounds: Record<string, RegExp> = {
    top: /<header[\s\S]*?<\/header>/,
    timeline: /<nav class="panel timeline"[\s\S]*?<\/nav>/,
  };
  const [found] = (bounds[id] ?? new RegExp(`<section[^>]* id="${id}"[\\s\\S]*?</section>`)).exec(html) ?? [];
  if (found === undefined) throw new Error(`The page has no part ${id}.`);
  return textOf(found);
}
