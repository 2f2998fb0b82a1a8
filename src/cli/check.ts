/** `quorate check FILE`: whether a release package or a Safe transaction may proceed, and why. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { openBuilds } from "../builds/open-builds.ts";
import { preconditionsCodeHash } from "../chain/preconditions/preconditions.ts";
import { findingLines, type GateVerdict, verdictOf, verdictWords, worstFirst } from "../domain/check-words.ts";
import type { Finding } from "../domain/events.ts";
import type { Hex } from "../domain/primitives.ts";
import { Refused } from "../domain/refusal.ts";
import { readEnvironment } from "../env.ts";
import { examine } from "../gates/index.ts";
import { judgeText } from "../gates/text.ts";
import { readPolicy } from "../policy-folder/read-policy.ts";
import { inertLine } from "../terminal/inert-line.ts";
import { checkable } from "./checkable.ts";
import { CliFault } from "./fault.ts";
import { openChainsToRead } from "./read-only-chains.ts";
import { reasonOf } from "./safe-tx-file.ts";

export interface CheckFlags {
  policies?: string;
  builds?: string;
  json?: boolean;
}

/** What --json prints. */
interface CheckReport {
  verdict: GateVerdict;
  packageHash?: Hex;
  findings: Finding[];
  seconds: number;
}

/** Returns the exit code: 0 where it may proceed (flags are for people to weigh), 1 where it is refused. Throws {@link CliFault} 2. */
export async function check(file: string, flags: CheckFlags): Promise<0 | 1> {
  const started = performance.now();
  const text = await readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw new CliFault(2, `${file} cannot be read: ${reasonOf(cause)}.`);
  });
  const report = await examined(file, text, flags);
  const whole = { ...report, seconds: Math.round(performance.now() - started) / 1000 };
  process.stdout.write(flags.json ? `${JSON.stringify(whole)}\n` : forPeople(whole));
  return whole.verdict === "refuse" ? 1 : 0;
}

async function examined(file: string, text: string, flags: CheckFlags): Promise<Omit<CheckReport, "seconds">> {
  const environment = readEnvironment();
  const policies = flags.policies ?? environment.policies;
  const policy = await readPolicy(policies);
  const builds = openBuilds(
    flags.builds ?? (flags.policies === undefined ? environment.builds : join(policies, "builds")),
  );
  const chains = openChainsToRead();
  try {
    const found = await checkable(file, text, policy, chains);
    if ("findings" in found) return { verdict: verdictOf(found.findings), findings: found.findings };
    const { subject, texts } = found;
    const progress = (line: string) => void (process.stderr.isTTY && process.stderr.write(`${line}\n`));
    const { findings: judged } = await examine({ subject, policy, chains, builds, preconditionsCodeHash, progress });
    const all = [...judged, ...texts.flatMap(([what, one]) => judgeText(what, one))];
    return {
      verdict: verdictOf(all),
      ...(subject.kind === "package" ? { packageHash: subject.packageHash } : {}),
      findings: all,
    };
  } catch (fault) {
    if (fault instanceof Refused) throw new CliFault(2, `${file}: ${fault.message}`);
    throw fault;
  } finally {
    chains.close();
    await builds.close();
  }
}

function forPeople({ verdict, packageHash, findings, seconds }: CheckReport): string {
  const lines = worstFirst(findings).flatMap(findingLines).map(inertLine);
  const head = packageHash === undefined ? "" : `Package hash ${packageHash}\n`;
  return `${verdictWords[verdict]}\n${head}\n${lines.join("\n")}\n\n${seconds} seconds.\n`;
}
