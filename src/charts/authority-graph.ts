/** Who can do what to which contract, before and after an upgrade, in one picture: what comes is marked +, what goes −. */

import type { Power } from "../chain-facts.ts";
import type { Picture } from "../view.ts";
import { type Box, boxWidth, type Edge, layoutOf, margin, type Point } from "./authority-layout.ts";

/** What stands on a box. */
export interface Named {
  name: string;
  kind: "person" | "safe" | "timelock" | "contract" | "unknown";
}

interface Arrow extends Edge {
  /** "upgrade, own". */
  label: string;
  change: "stays" | "comes" | "goes";
}

/** In light; the page's style gives each class its colour in dark. */
const inks = {
  ground: "#ffffff",
  card: "#f7f8fb",
  line: "#aab2c5",
  text: "#1f2430",
  quiet: "#5d6579",
  comes: "#1a7f4b",
  goes: "#c92a2a",
  person: "#0b8a8f",
  safe: "#7048c8",
  timelock: "#3b5bdb",
  contract: "#4a5878",
  unknown: "#c77700",
} as const;
type Ink = keyof typeof inks;

/** Attributes of a colour, as an attribute for pictures of their own and as a class for pages. */
const fill = (ink: Ink) => `fill="${inks[ink]}" class="fill-${ink}"`;
const stroke = (ink: Ink) => `stroke="${inks[ink]}" class="stroke-${ink}"`;

/** Height below the boxes in which the signs are explained. */
const legendHeight = 34;

/** Undefined where nobody has any power that was found. `label` says which chain, where there are several. */
export function authorityGraph(
  { before, after }: { before: readonly Power[]; after: readonly Power[] },
  named: (address: string) => Named,
  label: string,
): Picture | undefined {
  const all = arrowsOf(before, after);
  const arrows = all.filter((one) => one.from !== one.to);
  const nodes = [...new Set(all.flatMap(({ from, to }) => [from, to]))];
  if (nodes.length === 0) return undefined;
  const { boxes, ways, ...size } = layoutOf(nodes, arrows);
  const width = Math.max(size.width, 460);
  const height = size.height + legendHeight;
  const changed = all.some((one) => one.change !== "stays");
  const title = `Authority ${changed ? "before and after" : "unchanged by the upgrade"}${label === "" ? "" : `, ${label}`}`;
  const own = (address: string) => all.filter((one) => one.from === address && one.to === address);
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="DejaVu Sans, sans-serif" aria-hidden="true" focusable="false">`,
    `<rect width="${width}" height="${height}" rx="10" ${fill("ground")}/>`,
    ...arrows.map((one, at) => arrowPath(one, ways[at] ?? [])),
    ...nodes.map((one) => nodeBox(one, named(one), own(one), boxes.get(one))),
    ...arrows.map((one, at) => arrowLabel(one, ways[at] ?? [])),
    legend(changed, height),
    "</svg>",
  ].join("");
  return { title, alt: inWords(title, all, named), svg };
}

/** One arrow between two for each fate of a power. */
function arrowsOf(before: readonly Power[], after: readonly Power[]): Arrow[] {
  const key = ({ holder, can, what }: Power) => `${holder}/${can}/${what}`;
  const [was, is] = [new Set(before.map(key)), new Set(after.map(key))];
  const found = new Map<string, Arrow>();
  for (const one of [...before, ...after.filter((power) => !was.has(key(power)))]) {
    const change = !is.has(key(one)) ? "goes" : was.has(key(one)) ? "stays" : "comes";
    const place = `${one.holder}/${one.what}/${change}`;
    const known = found.get(place);
    if (known === undefined) found.set(place, { from: one.holder, to: one.what, label: one.can, change });
    else if (!known.label.split(", ").includes(one.can)) known.label += `, ${one.can}`;
  }
  return [...found.values()];
}

const colours = { stays: "line", comes: "comes", goes: "goes" } as const;
const signs = { stays: "", comes: "+ ", goes: "− " } as const;

/** Through every point of the way, level where it touches a box or passes a column. */
function arrowPath({ change }: Arrow, way: readonly Point[]): string {
  const ink = colours[change];
  const dashed = change === "goes" ? ' stroke-dasharray="5 4"' : "";
  const [start, ...rest] = way;
  const end = way.at(-1);
  if (start === undefined || end === undefined) return "";
  let [from, d] = [start, `M${start.x} ${start.y}`];
  for (const to of rest) {
    const bend = to.x > from.x ? (to.x - from.x) * 0.45 : 90;
    d += `C${from.x + bend} ${from.y} ${to.x - bend} ${to.y} ${to.x - (to === end ? 6 : 0)} ${to.y}`;
    from = to;
  }
  const head = `M${end.x - 1} ${end.y}l-8 -4.5v9z`;
  return `<path d="${d}" fill="none" stroke-width="${change === "stays" ? 1.5 : 2.2}"${dashed} ${stroke(ink)}/><path d="${head}" ${fill(ink)}/>`;
}

/** Right before the box that the power is over: arrows stand apart there. */
function arrowLabel({ label, change }: Arrow, way: readonly Point[]): string {
  const end = way.at(-1);
  if (end === undefined) return "";
  const text = cut(`${signs[change]}${label}`, 22);
  const width = text.length * (change === "stays" ? 5.9 : 6.6) + 8;
  const x = end.x - 12 - width;
  const ink: Ink = change === "stays" ? "quiet" : change;
  return `<rect x="${x}" y="${end.y - 8}" width="${width}" height="16" rx="8" ${fill("ground")}/><text x="${x + width / 2}" y="${end.y + 3.6}" text-anchor="middle" font-size="10" font-weight="${change === "stays" ? 400 : 700}" ${fill(ink)}>${escaped(text)}</text>`;
}

/** `own`: what it can do to itself, such as a timelock that grants its own roles. */
function nodeBox(address: string, { name, kind }: Named, own: readonly Arrow[], box: Box | undefined): string {
  if (box === undefined) return "";
  const { x, y, height } = box;
  const short = BigInt(address) === 0n ? "the zero address" : `${address.slice(0, 8)}…${address.slice(-6)}`;
  const lines = [short, ...own.map(({ label, change }) => `${signs[change]}can ${label} on itself`)];
  const top = y + height / 2 - (lines.length * 15 + 12) / 2;
  const below = lines.map(
    (line, at) =>
      `<text x="${x + 16}" y="${top + 27 + at * 14}" font-size="9.5" ${fill(/^[+−]/.test(line) ? (line.startsWith("+") ? "comes" : "goes") : "quiet")}>${escaped(cut(line, 32))}</text>`,
  );
  return [
    `<rect x="${x}" y="${y}" width="${boxWidth}" height="${height}" rx="8" fill="${inks.card}" stroke="${inks.line}" class="fill-card stroke-line"/>`,
    `<rect x="${x}" y="${y}" width="5" height="${height}" rx="2.5" ${fill(kind)}/>`,
    `<text x="${x + 16}" y="${top + 11}" font-size="12" font-weight="700" ${fill("text")}>${escaped(cut(name, 24))}</text>`,
    ...below,
  ].join("");
}

function legend(changed: boolean, height: number): string {
  const y = height - 16;
  const words = changed
    ? [
        { text: "as before", ink: "quiet" as const },
        { text: "+ after the upgrade", ink: "comes" as const },
        { text: "− no longer", ink: "goes" as const },
      ]
    : [{ text: "The same before and after, on a fork with the upgrade executed", ink: "quiet" as const }];
  let x = margin;
  return words
    .map(({ text, ink }) => {
      const here = `<text x="${x}" y="${y}" font-size="10.5" ${fill(ink)}>${escaped(text)}</text>`;
      x += text.length * 6.6 + 22;
      return here;
    })
    .join("");
}

/** "Before and after: Timelock can upgrade Vault; … After only: …". */
function inWords(title: string, arrows: readonly Arrow[], named: (address: string) => Named): string {
  const part = (change: Arrow["change"], start: string) => {
    const list = arrows.filter((one) => one.change === change);
    if (list.length === 0) return "";
    const parts = list.map(
      ({ from, to, label }) => `${said(from, named)} can ${label} ${from === to ? "itself" : said(to, named)}`,
    );
    return ` ${start}: ${parts.join("; ")}.`;
  };
  return `${title}.${part("comes", "Only after")}${part("goes", "Only before")}${part("stays", "Before and after")}`;
}

/** What nobody knows by name is told by its address. */
function said(address: string, named: (address: string) => Named): string {
  const { name, kind } = named(address);
  return kind === "unknown" ? `${name} (${address})` : name;
}

const cut = (text: string, most: number) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

function escaped(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ").replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);
}
