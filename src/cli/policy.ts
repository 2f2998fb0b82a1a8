/** `quorate policy`: is this policy right, and what may its files say. */

import { mkdir, stat, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { authorityPolicyHash, metricsHash } from "../domain/policy.ts";
import { readEnvironment } from "../env.ts";
import { catalogueWarnings } from "../policy-folder/catalogue-problems.ts";
import { jsonSchemas } from "../policy-folder/json-schemas.ts";
import { onCallWarnings } from "../policy-folder/on-call-problems.ts";
import { PolicyFault } from "../policy-folder/policy-fault.ts";
import { readPolicy } from "../policy-folder/read-policy.ts";
import { CliFault } from "./fault.ts";

/** Reads the folder as a start would; every problem is a line on standard error, and the exit code is 1. */
export async function validatePolicy(folder: string | undefined, { json = false }: { json?: boolean }): Promise<void> {
  const path = folder ?? readEnvironment().policies;
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) throw new CliFault(2, `There is no folder ${path}.`);
  try {
    const policy = await readPolicy(path);
    const summary = {
      ok: true,
      council: policy.council.name,
      version: policy.council.version,
      people: policy.people.length,
      targets: policy.targets.map((one) => one.id),
      invariants: policy.metrics.length,
      authorityPolicyHash: authorityPolicyHash(policy),
      metricsHash: metricsHash(policy),
      warnings: [...onCallWarnings(policy.onCall), ...catalogueWarnings(policy)],
    };
    process.stdout.write(json ? `${JSON.stringify(summary)}\n` : inWords(summary));
  } catch (fault) {
    if (!(fault instanceof PolicyFault)) throw fault;
    if (json) process.stdout.write(`${JSON.stringify({ ok: false, problems: fault.problems })}\n`);
    throw new CliFault(1, fault.message);
  }
}

function inWords(policy: {
  council: string;
  version: number;
  people: number;
  targets: readonly string[];
  invariants: number;
  authorityPolicyHash: string;
  metricsHash: string;
  warnings: readonly string[];
}): string {
  return [
    `The policy of ${policy.council}, version ${policy.version}, is right: ${policy.people} people, ${policy.invariants} invariants, targets ${policy.targets.join(", ")}.`,
    `Authority  ${policy.authorityPolicyHash}`,
    `Invariants ${policy.metricsHash}`,
    ...policy.warnings.map((one) => `Warning    ${one}.`),
    "",
  ].join("\n");
}

/** Prints the JSON Schemas by file name, or writes them to policies/schema of this checkout. */
export async function policySchema({ write = false }: { write?: boolean }): Promise<void> {
  const schemas = jsonSchemas();
  if (!write) {
    const all = Object.fromEntries([...schemas].map(([name, text]) => [name, JSON.parse(text)]));
    process.stdout.write(`${JSON.stringify(all, undefined, 2)}\n`);
    return;
  }
  const folder = new URL("../../policies/schema/", import.meta.url);
  await mkdir(folder, { recursive: true });
  for (const [name, text] of schemas) await writeFile(new URL(name, folder), text);
  process.stdout.write(`Wrote ${schemas.size} schemas to ${fileURLToPath(folder)}.\n`);
}
