/** Facts and sections as the inside of embeds, sharing the room there is; what does not fit is counted. */

import type { APIEmbedField } from "discord-api-types/v10";
import type { Fact, Section } from "../../view.ts";
import { inertLines } from "../inert-text.ts";
import { fairShares } from "./fair-shares.ts";
import { codeBlock, codeSpan, fitted, markdown, markdownLines } from "./inert-markdown.ts";
import { limits } from "./limits.ts";

export interface EmbedBody {
  lead: string;
  fields: APIEmbedField[];
  sections: string;
  /** Characters that did not fit. */
  missing: number;
}

/** The most of a card's sections that is laid out at all; a share of the room below this would say nothing. */
const mostSections = 30;
/** Room that a line of a list costs besides its text, and the line that counts what is missing. */
const moreLines = (lines: number) => `… and ${lines} more ${lines === 1 ? "line" : "lines"}`;
const reservedForMore = moreLines(99_999).length + 1;

/** `lead` is foreign text; all three parts together take at most `room`. */
export function embedBody(lead: string, facts: readonly Fact[], sections: readonly Section[], room: number): EmbedBody {
  const shownFacts = facts.length > limits.fields ? facts.slice(0, limits.fields - 1) : facts;
  const shownSections = sections.slice(0, mostSections);
  const unseen = [
    ...facts.slice(shownFacts.length).map(factLength),
    ...sections.slice(mostSections).map(sectionLength),
  ];
  const more = facts.length - shownFacts.length;
  const moreField = more === 0 ? [] : [{ name: "And more", value: `${more} more facts` }];
  const moreSections = sections.length > mostSections ? `\n… and ${sections.length - mostSections} more parts` : "";
  const spare = moreSections.length + moreField.reduce((sum, one) => sum + one.name.length + one.value.length, 0);
  const wants = [
    Math.min(markdownLines(lead).length, limits.embedDescription / 2),
    ...shownFacts.map((one) => Math.min(wantOfFact(one), limits.fieldName + limits.fieldValue)),
    ...shownSections.map((one) => Math.min(wantOfSection(one), limits.embedDescription)),
  ];
  const [leadShare = 0, ...shares] = fairShares(wants, room - spare);
  const sectionShares = fairShares(shares.slice(shownFacts.length), limits.embedDescription - moreSections.length);
  const text = fitted(lead, leadShare, markdownLines);
  const fields = shownFacts.map((one, index) => factField(one, shares[index] ?? 0));
  const parts = shownSections.map((one, index) => sectionText(one, sectionShares[index] ?? 0));
  return {
    lead: text.text,
    fields: [...fields.map((one) => one.field), ...moreField],
    sections: `${parts.map((one) => one.text).join("")}${moreSections}`.trim(),
    missing: [text, ...fields, ...parts].reduce((sum, one) => sum + one.missing, 0) + unseen.reduce((a, b) => a + b, 0),
  };
}

const factLength = ({ label, value }: Fact) => label.length + value.length;
const sectionLength = ({ title, lines }: Section) => title.length + lines.join("\n").length;
const shownValue = ({ code, value }: Fact) => (code ? codeSpan(value) : markdownLines(value));
const orDash = (text: string) => (text.trim() === "" ? "—" : text);

function wantOfFact(fact: Fact): number {
  return Math.max(1, markdown(fact.label).length) + Math.max(1, shownValue(fact).length);
}

function factField(fact: Fact, share: number): { field: APIEmbedField; missing: number } {
  const value = Math.max(1, shownValue(fact).length);
  const nameRoom = Math.min(limits.fieldName, Math.max(share - value, Math.floor(share / 2)));
  const name = fitted(fact.label, nameRoom);
  const nameText = orDash(name.text);
  const shown = fitted(
    fact.value,
    Math.min(limits.fieldValue, share - nameText.length),
    fact.code ? codeSpan : markdownLines,
  );
  const short = !fact.code && value <= 40;
  return {
    field: { name: nameText, value: orDash(shown.text), ...(short ? { inline: true } : {}) },
    missing: name.missing + shown.missing,
  };
}

function headed(title: string): string {
  return title.trim() === "" ? "" : `**${markdown(title)}**\n`;
}

function lineText(section: Section, line: string): string {
  if (section.style === "list") return `- ${markdownLines(line).split("\n").join("\n  ")}`;
  return section.style === "code" ? line : markdownLines(line);
}

function wantOfSection(section: Section): number {
  const lines = section.lines.map((one) => lineText(section, one)).join("\n");
  return headed(section.title).length + (section.style === "code" ? codeBlock(lines) : lines).length + 2;
}

/** The title, and as many whole lines as fit; of the first that does not, its beginning. */
function sectionText(section: Section, share: number): { text: string; missing: number } {
  const room = share - 2;
  const title = fitted(section.title, Math.max(0, Math.min(200, Math.floor(room / 2)) - 5));
  const head = title.text.trim() === "" ? "" : `**${title.text}**\n`;
  const body = linesText(section, room - head.length);
  const text = `${head}${body.text}`;
  return { text: text.trim() === "" ? "" : `${text}\n\n`, missing: title.missing + body.missing };
}

function linesText(section: Section, room: number): { text: string; missing: number } {
  const close = (text: string) => (section.style === "code" && text !== "" ? codeBlock(text) : text);
  const whole = close(section.lines.map((one) => lineText(section, one)).join("\n"));
  if (whole.length <= room) return { text: whole, missing: 0 };
  const free = room - reservedForMore - (section.style === "code" ? codeBlock("x").length : 0);
  const kept: string[] = [];
  let used = 0;
  let missing = 0;
  for (const [index, line] of section.lines.entries()) {
    const asLine = (part: string) => lineText(section, part);
    const fits = fitted(line, Math.max(0, free - used), section.style === "code" ? inertLines : asLine);
    if (fits.missing > 0) {
      const partly = free - used > 60;
      if (partly) kept.push(fits.text);
      missing = (partly ? fits.missing : line.length) + section.lines.slice(index + 1).join("\n").length;
      const rest = section.lines.length - index - (partly ? 1 : 0);
      const more = rest > 0 && room >= reservedForMore ? moreLines(rest) : "";
      return { text: [close(kept.join("\n")), more].filter((one) => one !== "").join("\n"), missing };
    }
    kept.push(fits.text);
    used += fits.text.length + 1;
  }
  return { text: close(kept.join("\n")), missing };
}
