/** Who can do what to which contract, before and after an upgrade, in one picture: what comes is marked +, what goes −. */

import type { Power } from "../chain-facts.ts";
import type { Picture } from "../view.ts";
import { box, type Edge, margin, type Place, placesOf } from "./authority-layout.ts";

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
  const arrows = arrowsOf(before, after);
  const nodes = [...new Set(arrows.flatMap(({ from, to }) => [from, to]))];
  if (nodes.length === 0) return undefined;
  const places = placesOf(nodes, arrows);
  const all = [...places.values()];
  const width = Math.max(...all.map((one) => one.x), 420) + box.width + margin;
  const height = Math.max(...all.map((one) => one.y)) + box.height + margin + legendHeight;
  const changed = arrows.some((one) => one.change !== "stays");
  const title = `Authority ${changed ? "before and after" : "unchanged by the upgrade"}${label === "" ? "" : `, ${label}`}`;
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="DejaVu Sans, sans-serif" aria-hidden="true" focusable="false">`,
    `<rect width="${width}" height="${height}" rx="10" ${fill("ground")}/>`,
    ...arrows.map((one) => arrowPath(one, places)),
    ...nodes.map((one) => nodeBox(one, named(one), places)),
    ...arrows.map((one) => arrowLabel(one, arrows, places)),
    legend(changed, height),
    "</svg>",
  ].join("");
  return { title, alt: inWords(title, arrows, named), svg };
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
const origin: Place = { x: 0, y: 0 };

/** From the right side of a box to the left side of the next; sideways where both stand in one column. */
function curve({ from, to, change }: Arrow, places: ReadonlyMap<string, Place>): [Place, Place, Place, Place] {
  const [a, b] = [places.get(from) ?? origin, places.get(to) ?? origin];
  // What comes and what goes between the same two is not drawn over one another.
  const aside = { stays: 0, comes: -9, goes: 9 }[change];
  const start = { x: a.x + box.width, y: a.y + box.height / 2 + aside };
  const end = { x: b.x > a.x ? b.x - 7 : b.x + box.width + 7, y: b.y + box.height / 2 + aside };
  const bend = b.x > a.x ? Math.max(48, (end.x - start.x) * 0.45) : 70;
  return [start, { x: start.x + bend, y: start.y }, { x: end.x + (b.x > a.x ? -bend : bend), y: end.y }, end];
}

function arrowPath(arrow: Arrow, places: ReadonlyMap<string, Place>): string {
  const [a, b, c, d] = curve(arrow, places);
  const ink = colours[arrow.change];
  const dashed = arrow.change === "goes" ? ' stroke-dasharray="5 4"' : "";
  const back = d.x < c.x ? -1 : 1;
  const head = `M${d.x + 6 * back} ${d.y}l${-8 * back} -4.5v9z`;
  return `<path d="M${a.x} ${a.y}C${b.x} ${b.y} ${c.x} ${c.y} ${d.x} ${d.y}" fill="none" stroke-width="${arrow.change === "stays" ? 1.5 : 2.2}"${dashed} ${stroke(ink)}/><path d="${head}" ${fill(ink)}/>`;
}

/** Beside the box that fewer arrows touch on that side, so that labels do not pile up. */
function arrowLabel(arrow: Arrow, all: readonly Arrow[], places: ReadonlyMap<string, Place>): string {
  const [a, b, c, d] = curve(arrow, places);
  const out = all.filter((one) => one.from === arrow.from).length;
  const into = all.filter((one) => one.to === arrow.to).length;
  const t = out <= into ? 0.2 : 0.8;
  const at = (p: "x" | "y") =>
    (1 - t) ** 3 * a[p] + 3 * (1 - t) ** 2 * t * b[p] + 3 * (1 - t) * t ** 2 * c[p] + t ** 3 * d[p];
  const sign = { stays: "", comes: "+ ", goes: "− " }[arrow.change];
  const text = cut(`${sign}${arrow.label}`, 22);
  const width = text.length * 6.1 + 10;
  const x = t < 0.5 ? a.x + 6 : d.x - 8 - width;
  const side = d.x < c.x || arrow.from === arrow.to ? a.x + 8 : x;
  const ink: Ink = arrow.change === "stays" ? "quiet" : arrow.change;
  return `<rect x="${side}" y="${at("y") - 8}" width="${width}" height="16" rx="8" ${fill("ground")}/><text x="${side + width / 2}" y="${at("y") + 3.6}" text-anchor="middle" font-size="10" font-weight="${arrow.change === "stays" ? 400 : 700}" ${fill(ink)}>${escaped(text)}</text>`;
}

function nodeBox(address: string, { name, kind }: Named, places: ReadonlyMap<string, Place>): string {
  const { x, y } = places.get(address) ?? origin;
  const below = BigInt(address) === 0n ? "the zero address" : `${address.slice(0, 8)}…${address.slice(-6)}`;
  const known = kind === "unknown" ? `${below} · unknown` : below;
  return [
    `<rect x="${x}" y="${y}" width="${box.width}" height="${box.height}" rx="8" fill="${inks.card}" stroke="${inks.line}" class="fill-card stroke-line"/>`,
    `<rect x="${x}" y="${y}" width="5" height="${box.height}" rx="2.5" ${fill(kind)}/>`,
    `<text x="${x + 16}" y="${y + 19.5}" font-size="12" font-weight="700" ${fill("text")}>${escaped(cut(name, 24))}</text>`,
    `<text x="${x + 16}" y="${y + 35}" font-size="9.5" ${fill("quiet")}>${escaped(known)}</text>`,
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
    const said = list.map(({ from, to, label }) => `${named(from).name} can ${label} ${named(to).name}`);
    return ` ${start}: ${said.join("; ")}.`;
  };
  return `${title}.${part("comes", "Only after")}${part("goes", "Only before")}${part("stays", "Before and after")}`;
}

const cut = (text: string, most: number) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

function escaped(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ").replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);
}
