/** Reads a policies folder into one Policy, or says which file is wrong, where in it, and why. */

import { readdir, readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
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
  workspacesFile,
} from "./file-shapes.ts";
import { issueSentences } from "./issue-sentence.ts";
import { linkProblems } from "./link-problems.ts";
import { PolicyFault } from "./policy-fault.ts";
import type { PolicyFile, PolicyFiles } from "./policy-files.ts";
import { policyProblems } from "./policy-problems.ts";

/**
 * Throws {@link PolicyFault} with every problem of every file; once each file is right by itself, with every problem of
 * what spans files. Lines start with the folder's own name.
 */
export async function readPolicy(folder: string): Promise<Policy> {
  const name = basename(resolve(folder));
  const files = await readFiles(folder, name);
  const merged = merge(files);
  const parsed = policy.safeParse(merged);
  const found = [...policyProblems(files), ...(await linkProblems(files))];
  // Of the policy's own complaints, those that follow from one of ours are left out.
  const own = parsed.error?.issues.filter((one) => one.code === "custom" || found.length === 0) ?? [];
  const problems = [...issueSentences(own, merged).map(inFile), ...found];
  if (!parsed.success || problems.length > 0) throw new PolicyFault(problems.map((one) => `${name}/${one}`));
  return parsed.data;
}

async function readFiles(folder: string, name: string): Promise<PolicyFiles> {
  const problems: string[] = [];
  const one = async <T extends z.ZodType>(file: string, shape: T): Promise<PolicyFile<T>> => {
    const read = await readFileAs(folder, file, shape);
    if ("problems" in read) problems.push(...read.problems.map((text) => `${name}/${file}: ${text}`));
    // A file that is wrong ends in a fault below; nothing looks at its value.
    return { file, value: "problems" in read ? (undefined as z.output<T>) : read.value };
  };
  const all = async <T extends z.ZodType>(kind: string, shape: T): Promise<PolicyFile<T>[]> => {
    const found = await yamlFiles(join(folder, kind));
    if (found.length === 0) problems.push(`${name}/${kind}: there must be a folder with at least one .yaml file in it`);
    return Promise.all(found.map((file) => one(join(kind, file), shape)));
  };
  const files: PolicyFiles = {
    council: await one("council.yaml", councilFile),
    roles: await one("roles.yaml", rolesFile),
    lanes: await one("lanes.yaml", lanesFile),
    chains: await one("chains.yaml", chainsFile),
    workspaces: await one("workspaces.yaml", workspacesFile),
    channels: await one("channels.yaml", channelsFile),
    onCall: await one("on-call.yaml", onCallFile),
    targets: await all("targets", targetFile),
    canaries: await all("canary", canaryFile),
    invariants: await all("invariants", invariantsFile),
  };
  if (problems.length > 0) throw new PolicyFault(problems);
  return files;
}

/** What the program works with: roles at their people, phases at their targets. */
function merge({
  council,
  roles,
  lanes,
  chains,
  workspaces,
  channels,
  onCall,
  targets,
  canaries,
  invariants,
}: PolicyFiles) {
  return {
    council: { name: council.value.name, version: council.value.version },
    people: council.value.people.map((one) => ({
      ...one,
      roles: role.options.filter((name) => roles.value[name].includes(one.id)),
    })),
    lanes: lanes.value,
    chains: chains.value.chains,
    targets: targets.map(({ value }) => {
      const { phases = [], fullExposure } = canaries.find((one) => one.value.target === value.id)?.value ?? {};
      return { ...value, phases, fullExposure };
    }),
    metrics: invariants.flatMap((one) => one.value.metrics),
    workspaces: workspaces.value,
    channels: channels.value,
    onCall: onCall.value,
  };
}

/** The merged policy's first step of a path names its file. */
function inFile(sentence: string): string {
  const files: Record<string, string> = {
    council: "council.yaml",
    people: "council.yaml",
    lanes: "lanes.yaml",
    chains: "chains.yaml",
    targets: "targets",
    metrics: "invariants",
    workspaces: "workspaces.yaml",
    channels: "channels.yaml",
    onCall: "on-call.yaml",
  };
  return `${files[sentence.split(/[.:]/)[0] ?? ""] ?? "(all files)"}: ${sentence}`;
}

async function yamlFiles(folder: string): Promise<string[]> {
  const found = await readdir(folder).catch(() => []);
  return found.filter((file) => /\.ya?ml$/.test(file)).sort();
}

async function readFileAs<T extends z.ZodType>(
  folder: string,
  file: string,
  shape: T,
): Promise<{ value: z.output<T> } | { problems: string[] }> {
  let text: string;
  try {
    text = await readFile(join(folder, file), "utf8");
  } catch {
    return { problems: [`the file ${join(folder, file)} cannot be read`] };
  }
  const document = parseDocument(text, { prettyErrors: true });
  const [broken] = document.errors;
  if (broken !== undefined)
    return { problems: [`not valid YAML: ${broken.message.split("\n")[0]?.replace(/:$/, "")}`] };
  const parsed = shape.safeParse(value(document));
  if (parsed.success) return { value: parsed.data };
  return { problems: issueSentences(parsed.error.issues, value(document)) };
}

/** Undefined for a file whose aliases would fill the memory: the shape refuses that. */
function value(document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS();
  } catch {
    return undefined;
  }
}
