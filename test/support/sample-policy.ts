/** The sample policy of this checkout. */

import { join } from "node:path";
import type { Policy } from "../../src/domain/policy.ts";
import { readPolicy } from "../../src/policy-folder/read-policy.ts";

export function samplePolicy(): Promise<Policy> {
  return readPolicy(join(import.meta.dirname, "../../policies"));
}
