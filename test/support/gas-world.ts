/** One embedded Quorate whose policy leaves execution to the gas key; whether the gas key may is up to the timelock. */

import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeFunctionData, parseAbi } from "viem";
import { embeddedGasAccount } from "../../src/embedded/people.ts";
import { timelockRoles } from "../../src/embedded/timelock.ts";
import type { World } from "../../src/embedded/world.ts";
import { actAs } from "../embedded/act.ts";
import { type TestCouncil, walk } from "./embedded.ts";
import { type KeptCouncil, keepCouncil } from "./kept-council.ts";
import { settleIncidents } from "./settle-incidents.ts";

/** The sample policies, with `executor: gas-key`. Removed by the caller. */
export async function gasPolicies(): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "quorate-gas-"));
  await cp(join(import.meta.dirname, "../../policies"), folder, { recursive: true });
  const file = join(folder, "chains.yaml");
  await writeFile(file, `${(await readFile(file, "utf8")).trimEnd()}\n    executor: gas-key\n`);
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

const abi = parseAbi(["function grantRole(bytes32 role, address account)"]);

/** The timelock grants the gas key EXECUTOR_ROLE, as the council would have it do. */
export async function letGasKeyExecute(world: World): Promise<void> {
  const args = [timelockRoles.executor, embeddedGasAccount.address] as const;
  const data = encodeFunctionData({ abi, functionName: "grantRole", args });
  if (!(await actAs(world, world.timelock, world.timelock, data))) throw new Error("The role was not granted.");
}

/** As {@link letGasKeyExecute}, in sight of the program. */
export async function wantGasKey(council: TestCouncil): Promise<void> {
  await letGasKeyExecute(council.world);
  await settleIncidents(council);
}

/** A council whose pilot the gas key may execute. */
export async function keepGasCouncil(): Promise<KeptCouncil> {
  const policies = await gasPolicies();
  const kept = await keepCouncil({ policies: policies.folder }, async (first) => {
    await wantGasKey(first);
    await walk(first, "ready");
  });
  return {
    anew: kept.anew,
    async stop() {
      await kept.stop();
      await policies.remove();
    },
  };
}
