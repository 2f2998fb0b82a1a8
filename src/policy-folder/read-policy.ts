/** Reads a policies folder into one Policy, or says which file is wrong, where in it, and why. */

import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { parseDocument } from "yaml";
import type { z } from "zod";
import { type Policy, policy, role } from "../domain/policy.ts";
import {
  canaryFile,
  chainsFile,
  channelsFile,
  councilFile,
  invariantsFile,
  lanesFile,
  onCallFile,
  rolesFile,
  targetFile,
} from "./file-shapes.ts";
import { policyProblems } from "./policy-problems.ts";

/** The message names the file, the path in it and the reason. */
export class PolicyFault extends Error {
  override readonly name = "PolicyFault";
}

/** Throws {@link PolicyFault} with every problem of the first file that has any, or of what spans files. */
export async function readPolicy(folder: string): Promise<Policy> {
  const council = await readFileAs(folder, "council.yaml", councilFile);
  const roles = await readFileAs(folder, "roles.yaml", rolesFile);
  const lanes = await readFileAs(folder, "lanes.yaml", lanesFile);
  const { chains } = await readFileAs(folder, "chains.yaml", chainsFile);
  const channels = await readFileAs(folder, "channels.yaml", channelsFile);
  const onCall = await readFileAs(folder, "on-call.yaml", onCallFile);
  const targets = await readFolder(folder, "targets", targetFile);
  const canaries = await readFolder(folder, "canary", canaryFile);
  const invariants = await readFolder(folder, "invariants", invariantsFile);
  const merged = {
    council: { name: council.name, version: council.version },
    people: council.people.map((one) => ({
      ...one,
      roles: role.options.filter((name) => roles[name]?.includes(one.id)),
    })),
    lanes,
    chains,
    targets: targets.map((one) => ({
      ...one,
      phases: canaries.find((canary) => canary.target === one.id)?.phases ?? [],
    })),
    metrics: invariants.flatMap((one) => one.metrics),
    channels,
    onCall,
  };
  const phaseless = merged.targets.find((one) => one.phases.length === 0);
  if (phaseless !== undefined)
    throw new PolicyFault(`policies/canary: no file says the phases of the target ${phaseless.id}.`);
  const complete = checked("policies", policy, merged);
  const problems = policyProblems(complete, roles);
  if (problems.length > 0) throw new PolicyFault(problems.join("\n"));
  return complete;
}

async function readFolder<T extends z.ZodType>(folder: string, name: string, shape: T): Promise<z.output<T>[]> {
  const files = (await names(join(folder, name))).filter((file) => file.endsWith(".yaml")).sort();
  if (files.length === 0) throw new PolicyFault(`policies/${name}: there is no .yaml file in it.`);
  return Promise.all(files.map((file) => readFileAs(folder, join(name, file), shape)));
}

async function names(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    throw new PolicyFault(`policies/${basename(folder)}: the folder ${folder} cannot be read.`);
  }
}

async function readFileAs<T extends z.ZodType>(folder: string, file: string, shape: T): Promise<z.output<T>> {
  let text: string;
  try {
    text = await readFile(join(folder, file), "utf8");
  } catch {
    throw new PolicyFault(`policies/${file}: the file ${join(folder, file)} cannot be read.`);
  }
  const document = parseDocument(text, { prettyErrors: true });
  const [broken] = document.errors;
  if (broken !== undefined) throw new PolicyFault(`policies/${file}: not valid YAML: ${broken.message.split("\n")[0]}`);
  return checked(`policies/${file}`, shape, document.toJS());
}

function checked<T extends z.ZodType>(file: string, shape: T, value: unknown): z.output<T> {
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map(
    (issue) => `${file}: ${issue.path.join(".") || "(whole file)"}: ${issue.message}`,
  );
  throw new PolicyFault(lines.join("\n"));
}
