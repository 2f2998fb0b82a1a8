/** `quorate rehearse`: a whole ceremony without hands. Exit code 0 only where it ended as it should. */

import { readEnvironment } from "../env.ts";
import { rehearse as play } from "../rehearsal/rehearse.ts";
import { scenarioGroups, scenarioNamed } from "../rehearsal/scenarios.ts";
import { CliFault } from "./fault.ts";

export interface RehearseFlags {
  /** As `--scenario`, which is the older way to name it. */
  scenario?: string;
  json?: boolean;
}

const write = (line: string) => void process.stdout.write(`${line}\n`);

/** Without a name it lists what can be rehearsed. */
export async function rehearse(given: string | undefined, { scenario: flag, json }: RehearseFlags): Promise<void> {
  const name = given ?? flag;
  if (name === undefined) return list();
  const scenario = scenarioNamed(name);
  if (scenario === undefined)
    throw new CliFault(2, `There is no rehearsal "${name}". quorate rehearse lists those that there are.`);
  const { policies } = readEnvironment();
  const result = await play({ scenario, policies, write, style: { colour: process.stdout.isTTY === true } });
  if (json) write(JSON.stringify(result));
  if (!result.ok) throw new CliFault(1, `The rehearsal "${scenario.name}" did not end as it should.`);
}

function list(): void {
  const all = scenarioGroups.flatMap((group) => group.scenarios);
  const width = Math.max(...all.map((one) => one.name.length));
  for (const { title, scenarios } of scenarioGroups) {
    write(`${title}:`);
    for (const { name, summary } of scenarios) write(`  ${name.padEnd(width)}  ${summary}`);
    write("");
  }
  write("Play one: quorate rehearse NAME");
}
