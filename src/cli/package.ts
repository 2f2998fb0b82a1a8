/** `quorate package`: a release package as a file, before any ceremony and without one. All but `build` are offline. */

import { readFile, writeFile } from "node:fs/promises";
import { openBuilds } from "../builds/open-builds.ts";
import { buildPackage, parsePackage } from "../ceremonies/build-package.ts";
import { toJson } from "../domain/canonical.ts";
import { packageDifference } from "../domain/package-difference.ts";
import { Refused } from "../domain/refusal.ts";
import { canonicalForm, packageHash, type ReleasePackage } from "../domain/release-package.ts";
import { readEnvironment } from "../env.ts";
import { CliFault } from "./fault.ts";
import { packageText } from "./package-text.ts";
import { policyNow } from "./policy-now.ts";
import { openChainsToRead } from "./read-only-chains.ts";
import { reasonOf } from "./safe-tx-file.ts";

export interface BuildFlags {
  target: string;
  release?: string;
  /** `contract=0x…`, any number of them. */
  implementation?: string[];
  title?: string;
  rationale?: string;
  lane?: string;
  out?: string;
}

/** Reads the chain, and writes the package in canonical form: to the file, or to standard output. */
export async function build(flags: BuildFlags): Promise<void> {
  const policy = await policyNow();
  const builds = openBuilds(readEnvironment().builds);
  const chains = openChainsToRead();
  try {
    const pkg = await buildPackage(
      {
        kind: "target",
        target: flags.target,
        release: flags.release,
        implementations: Object.fromEntries((flags.implementation ?? []).map(pair)),
        title: flags.title ?? `Upgrade ${flags.target}${flags.release === undefined ? "" : ` to ${flags.release}`}`,
        rationale: flags.rationale ?? "No rationale was given.",
        lane: flags.lane === "emergency" ? "emergency" : "routine",
      },
      policy,
      chains,
      builds,
    );
    await write(pkg, flags.out);
  } finally {
    chains.close();
    await builds.close();
  }
}

function pair(text: string): [string, string] {
  const [name = "", value] = text.split("=", 2);
  if (value === undefined || name === "")
    throw new CliFault(2, `An implementation is written CONTRACT=ADDRESS, such as vault=0x…, and not ${text}.`);
  return [name, value];
}

async function write(pkg: ReleasePackage, out: string | undefined): Promise<void> {
  const text = `${JSON.stringify(toJson(canonicalForm(pkg)), undefined, 2)}\n`;
  if (out === undefined) {
    process.stdout.write(text);
    return;
  }
  await writeFile(out, text).catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code === "ENOENT" ? "there is no such folder" : reasonOf(cause);
    throw new CliFault(2, `${out} cannot be written: ${reason}.`);
  });
  process.stdout.write(`Wrote ${out}.\nPackage hash ${packageHash(pkg)}\n`);
}

/** What the package will do, for people; with --json in canonical form, with its hash. */
export async function show(file: string, { json = false }: { json?: boolean }): Promise<void> {
  const pkg = await read(file);
  const whole = { packageHash: packageHash(pkg), package: toJson(canonicalForm(pkg)) };
  process.stdout.write(json ? `${JSON.stringify(whole)}\n` : packageText(pkg));
}

/** The packageHash: keccak256 of the RFC 8785 JSON of the canonical form, whatever the file's own order and spacing. */
export async function printHash(file: string, { json = false }: { json?: boolean }): Promise<void> {
  const hash = packageHash(await read(file));
  process.stdout.write(json ? `${JSON.stringify({ packageHash: hash })}\n` : `${hash}\n`);
}

/** Leaf by leaf. A difference is an answer, not a fault: the exit code is 0 either way. */
export async function diff(before: string, after: string, { json = false }: { json?: boolean }): Promise<void> {
  const [old, now] = [await read(before), await read(after)];
  const lines = packageDifference(old, now);
  const hashes = { before: packageHash(old), after: packageHash(now) };
  if (json) process.stdout.write(`${JSON.stringify({ same: lines.length === 0, ...hashes, lines })}\n`);
  else if (lines.length === 0) process.stdout.write(`The packages are the same: ${hashes.after}\n`);
  else process.stdout.write(`${lines.join("\n")}\n\nbefore ${hashes.before}\nafter  ${hashes.after}\n`);
}

async function read(file: string): Promise<ReleasePackage> {
  const text = await readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw new CliFault(2, `${file} cannot be read: ${reasonOf(cause)}.`);
  });
  try {
    return parsePackage(text);
  } catch (fault) {
    if (fault instanceof Refused) throw new CliFault(2, `${file}: ${fault.message}`);
    throw fault;
  }
}
