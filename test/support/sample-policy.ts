/** The sample policy of this checkout. */

import { join } from "node:path";
import type { Builds } from "../../src/build-facts.ts";
import { openBuilds } from "../../src/builds/open-builds.ts";
import type { Policy } from "../../src/domain/policy.ts";
import { readPolicy } from "../../src/policy-folder/read-policy.ts";

export function samplePolicy(): Promise<Policy> {
  return readPolicy(join(import.meta.dirname, "../../policies"));
}

let builds: Builds | undefined;

/** The builds that go with it, one thread a test file. */
export function sampleBuilds(): Builds {
  builds ??= openBuilds(join(import.meta.dirname, "../../policies/builds"));
  return builds;
}
