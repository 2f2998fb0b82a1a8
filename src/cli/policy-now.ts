/** The policy as it counts now: the files, with what the log says of people where there is a log. */

import { existsSync } from "node:fs";
import type { Policy } from "../domain/policy.ts";
import { readEnvironment } from "../env.ts";
import { openPeopleLog } from "../people/people-log.ts";
import { readPolicy } from "../policy-folder/read-policy.ts";
import { databaseFile, openStoreToRead } from "../store/open-store.ts";

/** Beside a running Quorate; takes no lock. Without a database yet, the files alone count. */
export async function policyNow(): Promise<Policy> {
  const { policies, databaseUrl, dataDir } = readEnvironment();
  const files = await readPolicy(policies);
  if (databaseUrl === undefined && !existsSync(databaseFile(dataDir))) return files;
  const store = await openStoreToRead(databaseUrl === undefined ? { dataDir } : { databaseUrl });
  try {
    return (await openPeopleLog(store, files)).policy;
  } finally {
    await store.close();
  }
}
