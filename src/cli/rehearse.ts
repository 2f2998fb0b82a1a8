/** `quorate rehearse`: a whole ceremony without hands. Exit code 0 only where it ended as it should. */

import { readEnvironment } from "../env.ts";
import { rehearse as play, scenarios } from "../rehearsal/rehearse.ts";
import { CliFault } from "./fault.ts";

export interface RehearseFlags {
  scenario: string;
  json?: boolean;
}

export async function rehearse(flags: RehearseFlags): Promise<void> {
  const scenario = scenarios.find((one) => one.name === flags.scenario);
  if (scenario === undefined)
    throw new CliFault(
      2,
      `There is no scenario "${flags.scenario}". There are ${scenarios.map((one) => one.name).join(", ")}.`,
    );
  const write = (line: string) => void process.stdout.write(`${line}\n`);
  const { policies } = readEnvironment();
  const result = await play({ scenario, policies, write, style: { colour: process.stdout.isTTY === true } });
  if (flags.json) write(JSON.stringify(result));
  if (!result.ok) throw new CliFault(1, `The rehearsal "${scenario.name}" did not end as it should.`);
}
