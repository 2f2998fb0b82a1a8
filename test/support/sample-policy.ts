/** The sample policy of this checkout. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Builds } from "../../src/build-facts.ts";
import { openBuilds } from "../../src/builds/open-builds.ts";
import type { Policy } from "../../src/domain/policy.ts";
import { readPolicy } from "../../src/policy-folder/read-policy.ts";

export function samplePolicy(): Promise<Policy> {
  return readPolicy(join(import.meta.dirname, "../../policies"));
}

const folderOfBuilds = join(import.meta.dirname, "../../policies/builds");
let builds: Builds | undefined;

/** The builds that go with it. A thread takes two seconds to start: one serves all tests of a worker, to its end. */
export function sampleBuilds(): Builds {
  builds ??= { ...openBuilds(folderOfBuilds), close: async () => undefined };
  return builds;
}

/** The same for every folder that holds the very same files; undefined for others. */
export function sharedBuilds(folder: string): Builds | undefined {
  return existsSync(folder) && sameFiles(folder, folderOfBuilds) ? sampleBuilds() : undefined;
}

function sameFiles(one: string, other: string): boolean {
  const [here, there] = [one, other].map((folder) => readdirSync(folder).sort());
  const same = (name: string) => readFileSync(join(one, name)).equals(readFileSync(join(other, name)));
  return String(here) === String(there) && (here ?? []).every(same);
}
