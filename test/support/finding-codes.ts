/** Every finding that a gate can give, read out of the gates' own source. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

interface GivenFinding {
  /** `layout/shifted`; `layout/…` where only the run tells the code. */
  code: string;
  severity: "refuse" | "flag" | "info";
  /** The call as it is written. */
  source: string;
  file: string;
}

const root = join(import.meta.dirname, "../..");

/** Of everything in src/gates, and of what `quorate check` says of a file before any gate is asked. */
export function givenFindings(): GivenFinding[] {
  const files = (readdirSync(join(root, "src/gates"), { recursive: true }) as string[])
    .filter((one) => one.endsWith(".ts") && one !== "gate.ts")
    .map((one) => join("src/gates", one));
  return [...files, "src/cli/checkable.ts"].flatMap((file) => findingsIn(file, readFileSync(join(root, file), "utf8")));
}

/** `refuse("code", …)`, `rehearsal.refuse(…)` and `findings("simulation").flag(…)`. */
const call = /(?:\bfindings\("([a-z]+)"\)\.|\b(\w+)\.|(?<=\.\.\.)|(?<![.\w]))(refuse|flag|info)\(/g;
/** `[refuse, "code", …]` of a table, `say("code", …)` and `{ code: "code" }` of what a loop refuses. */
const listed = /\b(refuse|flag|info),\s*"([a-z-]+)"|\bsay\(\s*"([a-z-]+)"|\{\s*code: "([a-z-]+)"/g;
/** `(wanted ? refuse : flag)("code", …)`. */
const choice = /\(\w+ \? (refuse|flag|info) : (refuse|flag|info)\)\(\s*"([a-z-]+)"/g;

function findingsIn(file: string, text: string): GivenFinding[] {
  const gates = new Map<string, string>();
  for (const [, names = "", gate = "…"] of text.matchAll(
    /const (\{[^}]*\}|\w+) = findings(?:Of)?\((?:"([a-z]+)"|[^)]*)\)/g,
  ))
    for (const [name] of names.matchAll(/\w+/g)) gates.set(name, gate);
  const called = [...text.matchAll(call)].flatMap((match) => {
    const [start, direct, owner, severity = ""] = match;
    const gate = direct ?? gates.get(owner ?? severity);
    if (gate === undefined) return [];
    const inside = parts(text, match.index + start.length);
    const codes = codesIn(inside.first, text);
    return codes.map((code) => ({
      ...{ code: `${gate}/${code}`, file, source: inside.all },
      severity: severity as GivenFinding["severity"],
    }));
  });
  const inTables = [...text.matchAll(listed)].flatMap(([source, severity = "refuse", ...codes]) => {
    const gate = gates.get(severity);
    const code = codes.find((one) => one !== undefined);
    if (gate === undefined || gate === "…") return [];
    return [{ code: `${gate}/${code}`, severity: severity as GivenFinding["severity"], source, file }];
  });
  const either = [...text.matchAll(choice)].flatMap(([source, ...found]) => {
    const code = found.pop();
    return found.map((severity) => ({
      ...{ code: `${gates.get(severity)}/${code}`, source, file },
      severity: severity as GivenFinding["severity"],
    }));
  });
  return [...called, ...inTables, ...either];
}

/** Of an argument: what it says, or may say; `…` where it is made at run time. None where a table has it. */
function codesIn(argument: string, text: string): string[] {
  const word = argument.trim();
  if (word === "code") return [];
  const made = /^\w+$/.test(word) ? new RegExp(`const ${word} = [^;]*\\?([^;]*);`).exec(text)?.[1] : word;
  return made?.match(/"[a-z-]+"/g)?.map((one) => one.slice(1, -1)) ?? ["…"];
}

/** The first argument of a call, and all of them, from behind its opening bracket on. */
function parts(text: string, from: number): { first: string; all: string } {
  let depth = 0;
  let quote = "";
  let first: string | undefined;
  for (let at = from; at < text.length; at += 1) {
    const one = text[at] ?? "";
    if (quote !== "") {
      if (one === "\\") at += 1;
      else if (one === quote) quote = "";
    } else if (one === '"' || one === "`") quote = one;
    else if ("([{".includes(one)) depth += 1;
    else if (one === "," && depth === 0) first ??= text.slice(from, at);
    else if (")]}".includes(one)) {
      if (depth === 0) return { first: first ?? text.slice(from, at), all: text.slice(from, at) };
      depth -= 1;
    }
  }
  throw new Error(`A call at ${from} has no end.`);
}
