/** All builds of a folder, read once and again where a file changed: what code is, and what changes between two contracts. */

import type { BuildInventory, CodeIdentity, Identified, LayoutAnswer, LayoutQuestion } from "../build-facts.ts";
import { contentHash } from "../content-hash.ts";
import { compareCode } from "../domain/code-match.ts";
import type { Hex } from "../domain/primitives.ts";
import { remembered } from "../domain/remembered.ts";
import { contractsOf, type IndexedContract } from "./contracts.ts";
import { BuildFault } from "./fault.ts";
import { buildFiles, type FoundFile, readFile } from "./folder.ts";
import type { ExaminedBuild } from "./layouts.ts";
import { readBuild } from "./read-build.ts";

interface Indexed {
  found: FoundFile;
  hash: Hex;
  compiler: string;
  compiledMs: number;
  contracts: IndexedContract[];
}

export interface Catalogue {
  inventory(): Promise<BuildInventory>;
  identify(codes: readonly Hex[], within?: readonly Hex[]): Promise<Identified[]>;
  layouts(questions: readonly LayoutQuestion[]): Promise<LayoutAnswer[]>;
}

/** Builds kept whole, with their syntax trees, for the next comparison. */
const mostExamined = 3;
/** Comparisons kept: each ceremony is checked several times. */
const mostCompared = 100;

/** `folder` undefined: there are no builds. */
export function openCatalogue(folder: string | undefined): Catalogue {
  const known = new Map<string, Indexed | { found: FoundFile; reason: string }>();
  const whole = new Map<Hex, ExaminedBuild | string>();
  /** By code and the builds it was compared with: several gates ask the same. */
  const identities = remembered<Identified>(200);
  /** By all that a comparison hangs on: builds go by their hash. */
  const comparisons = new Map<string, LayoutAnswer>();

  async function refresh(): Promise<BuildInventory["faults"]> {
    if (folder === undefined) return [];
    const files = buildFiles(folder);
    for (const file of known.keys()) if (!files.some((one) => one.file === file)) known.delete(file);
    for (const found of files)
      if (known.get(found.file)?.found.stamp !== found.stamp) known.set(found.file, await indexed(folder, found));
    return [...known].flatMap(([file, one]) => ("reason" in one ? [{ file, reason: one.reason }] : []));
  }

  const builds = () => [...known.values()].filter((one) => "hash" in one);

  function buildOf(hash: Hex): { folder: string; one: Indexed } {
    const one = builds().find((build) => build.hash === hash);
    if (one === undefined || folder === undefined) throw new BuildFault(`there is no build ${hash} any more`);
    return { folder, one };
  }

  async function examinedBuild(hash: Hex): Promise<ExaminedBuild | string> {
    const kept = whole.get(hash);
    if (kept !== undefined) return kept;
    const { folder, one } = buildOf(hash);
    const { text, bytes } = readFile(folder, one.found);
    if (contentHash(bytes) !== hash)
      throw new BuildFault(`${one.found.file} changed while it was looked at: check again`);
    const { examined } = await import("./layouts.ts");
    const result = examined(await readBuild(text));
    whole.set(hash, result);
    for (const oldest of [...whole.keys()].slice(0, -mostExamined)) whole.delete(oldest);
    return result;
  }

  async function compared(question: LayoutQuestion): Promise<LayoutAnswer> {
    const { from, to, code, kind } = question;
    for (const { build } of [from, to]) buildOf(build);
    const key = [from, to]
      .flatMap(({ build, file, contract }) => [build, file, contract])
      .concat(kind, code)
      .join("\n");
    const known = comparisons.get(key) ?? (await answer(question, examinedBuild));
    comparisons.set(key, known);
    for (const oldest of [...comparisons.keys()].slice(0, -mostCompared)) comparisons.delete(oldest);
    return known;
  }

  return {
    async inventory() {
      const faults = await refresh();
      const all = builds();
      const files = all.map(({ found, hash, compiler, contracts }) => ({
        file: found.file,
        hash,
        compiler,
        contracts: contracts.length,
      }));
      return { files, faults, compiledMs: all.reduce((sum, one) => sum + one.compiledMs, 0) };
    },
    async identify(codes, within) {
      await refresh();
      const among = builds().filter((one) => within?.includes(one.hash) ?? true);
      const hashes = among.map((one) => `${one.found.file} ${one.hash}`).join();
      return codes.map((code) => identities(`${hashes} ${code}`, () => identified(code, among)));
    },
    async layouts(questions) {
      await refresh();
      const answers: LayoutAnswer[] = [];
      for (const question of questions) answers.push(await compared(question));
      return answers;
    },
  };
}

async function indexed(folder: string, found: FoundFile): Promise<Indexed | { found: FoundFile; reason: string }> {
  try {
    const { text, bytes } = readFile(folder, found);
    const build = await readBuild(text);
    const { compiler, compiledMs } = build;
    return { found, hash: contentHash(bytes), compiler, compiledMs, contracts: contractsOf(build) };
  } catch (fault) {
    if (fault instanceof BuildFault) return { found, reason: fault.message };
    throw fault;
  }
}

function identified(code: Hex, among: readonly Indexed[]): Identified {
  const equal: CodeIdentity[] = [];
  let closest: CodeIdentity | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const { hash, found, contracts } of among)
    for (const one of contracts) {
      const comparison = compareCode(code, one.code);
      const identity = { build: hash, file: found.file, contract: one.contract, comparison, functions: one.functions };
      if (comparison.equal) equal.push(identity);
      else if (comparison.differing < fewest) [closest, fewest] = [identity, comparison.differing];
    }
  return { equal, closest: equal.length === 0 ? closest : undefined };
}

async function answer(
  question: LayoutQuestion,
  examinedBuild: (hash: Hex) => Promise<ExaminedBuild | string>,
): Promise<LayoutAnswer> {
  const [from, to] = [await examinedBuild(question.from.build), await examinedBuild(question.to.build)];
  for (const [side, file] of [
    [from, question.from.file],
    [to, question.to.file],
  ] as const)
    if (typeof side === "string") return { reason: `The storage of ${file} cannot be compared: ${side}.` };
  if (typeof from === "string" || typeof to === "string") return { reason: "" };
  const { compareLayouts } = await import("./layouts.ts");
  return compareLayouts(from, to, question);
}
