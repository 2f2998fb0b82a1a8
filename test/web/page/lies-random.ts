/** Random single changes of a brief, anywhere in it: what a server could get wrong, or want to. */

import fc from "fast-check";

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
type Path = readonly (string | number)[];

export interface Mutation {
  /** Chooses the place, among all that the brief has. */
  place: number;
  how: (typeof ways)[number];
  /** Chooses within the way. */
  which: number;
}

const ways = [
  "one digit",
  "another value of the brief",
  "another number",
  "left out",
  "twice",
  "in another order",
  "a field more",
  "nothing in it",
  "in other letters",
  "a script",
] as const;

export const script = "<img src=x onerror=globalThis.pwned=1><script>globalThis.pwned=1</script>";

export const mutations: fc.Arbitrary<Mutation> = fc.record({
  place: fc.nat(),
  how: fc.constantFrom(...ways),
  which: fc.nat(),
});

/** The brief with that change; undefined where the way does not fit the place, or changes nothing. */
export function mutated(brief: object, { place, how, which }: Mutation): Json | undefined {
  const copy = structuredClone(brief) as Json;
  const paths = pathsOf(copy);
  const path = paths[place % paths.length] ?? [];
  const changed = changedAt(copy, path, (value) => change(value, how, which, copy));
  return changed === undefined || JSON.stringify(changed) === JSON.stringify(brief) ? undefined : changed;
}

/** Of every value inside, containers included. */
function pathsOf(value: Json, here: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [here];
  const inside = Object.entries(value).flatMap(([key, one]) =>
    pathsOf(one, [...here, Array.isArray(value) ? Number(key) : key]),
  );
  return [here, ...inside];
}

const gone = Symbol("gone");
type Changed = Json | undefined | typeof gone;

function changedAt(root: Json, path: Path, change: (value: Json) => Changed): Json | undefined {
  const [key, ...rest] = path;
  if (key === undefined) {
    const whole = change(root);
    return whole === gone ? undefined : whole;
  }
  const parent = root as Record<string | number, Json>;
  if (rest.length > 0) {
    const below = changedAt(parent[key] as Json, rest, change);
    return below === undefined ? undefined : root;
  }
  const next = change(parent[key] as Json);
  if (next === undefined) return undefined;
  if (next !== gone) parent[key] = next;
  else if (Array.isArray(root)) root.splice(Number(key), 1);
  else delete parent[key];
  return root;
}

function change(value: Json, how: Mutation["how"], which: number, brief: Json): Changed {
  switch (how) {
    case "one digit":
      return typeof value === "string" ? otherDigit(value, which) : undefined;
    case "another value of the brief": {
      const all = stringsOf(brief);
      return typeof value === "string" ? all[which % all.length] : undefined;
    }
    case "another number":
      return otherNumber(value, which);
    case "left out":
      return gone;
    case "twice":
      return Array.isArray(value) && value.length > 0 ? [...value, value[which % value.length] as Json] : undefined;
    case "in another order":
      return Array.isArray(value) && value.length > 1 ? [...value.slice(1), value[0] as Json] : undefined;
    case "a field more":
      return typeof value === "object" && value !== null && !Array.isArray(value)
        ? { ...value, safeTxHash: `0x${"5a".repeat(32)}` }
        : undefined;
    case "nothing in it":
      return typeof value === "string" ? "" : Array.isArray(value) ? [] : null;
    case "in other letters":
      return typeof value === "string" ? (which % 2 === 0 ? value.toUpperCase() : value.toLowerCase()) : undefined;
    case "a script":
      return typeof value === "string" ? script : undefined;
  }
}

function otherDigit(text: string, which: number): string | undefined {
  const at = text === "" ? -1 : which % text.length;
  const next = { "0": "1", "9": "a", f: "0" }[text[at] ?? ""] ?? "0";
  return at < 0 ? undefined : text.slice(0, at) + next + text.slice(at + 1);
}

function otherNumber(value: Json, which: number): Json | undefined {
  const by = [1, -1, 1_000_000][which % 3] ?? 1;
  if (typeof value === "number") return value + by;
  if (typeof value === "string" && /^\d+$/.test(value)) return String(BigInt(value) + BigInt(by));
  return typeof value === "boolean" ? !value : undefined;
}

function stringsOf(value: Json | unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsOf) : [];
}
