import { OffScript } from "../council.ts";
import { closed, type Scenario } from "../scenario.ts";
import type { Stage } from "../stage.ts";
import { approve, execute, passCanary, passDelay, proposeAndCheck, schedule, sign, windDown } from "../steps.ts";
import { subjectsOf } from "../subjects.ts";
import { chainRows } from "./chain-rows.ts";
import { logRows } from "./log-rows.ts";
import type { Moment, Row } from "./row.ts";
import { runRows, type TriedRow } from "./run-rows.ts";
import { sendingRows } from "./sending-rows.ts";
import { signingRows } from "./signing-rows.ts";
import { rowLines, tableHead } from "./table.ts";
import { timelockRows } from "./timelock-rows.ts";

export const allRows: readonly Row[] = [...logRows, ...signingRows, ...chainRows, ...sendingRows, ...timelockRows];

export interface TamperedOptions {
  /** Tries only these. */
  only?(row: Row): boolean;
  /** Solidity signatures of Preconditions calls that the batches are built without. */
  without?: readonly string[];
}

/**
 * One honest ceremony; at each step what was approved is changed by a byte, on a copy, and the honest next step is
 * tried. The stage's rules hold for the copies too: with one taken out, what it refuses gets through.
 */
export function tampered({ only = () => true, without = [] }: TamperedOptions = {}): Scenario {
  return {
    name: "tampered",
    summary: "One byte changed after approval, at each step in turn: every try is refused.",
    executor: "eve",
    release: "2.0.0",
    promises: closed,
    async play(stage) {
      const tried = await ceremonyWithRows(stage, allRows.filter(only), without);
      const wrong = tried.filter((one) => !one.ok);
      if (tried.length === 0 || wrong.length > 0)
        throw new OffScript(`${wrong.length} of ${tried.length} tries were not refused as they should be`);
      return [
        `All ${tried.length} tries were refused by the layer that should, and changed nothing`,
        "The same ceremony, untouched, went through to its end",
      ];
    },
  };
}

async function ceremonyWithRows(stage: Stage, rows: readonly Row[], without: readonly string[]): Promise<TriedRow[]> {
  const tried: TriedRow[] = [];
  const tries = async (at: Moment) => void tried.push(...(await tryAt(stage, rows, at, without)));
  await proposeAndCheck(stage, "ada", "2.0.0");
  await approve(stage, ["ben", "caro", "dev"]);
  await tries("approved");
  await sign(stage, ["ben", "caro", "dev"]);
  await tries("signed");
  await schedule(stage, "ben");
  await tries("scheduled");
  await passDelay(stage);
  await tries("ready");
  await execute(stage, "eve");
  await tries("canary");
  await passCanary(stage, "ben");
  await stage.reaches("ready");
  await execute(stage, "eve");
  await passCanary(stage, "ben");
  await windDown(stage, ["caro", "dev"]);
  await stage.reaches("closed");
  return tried;
}

/** Tries the rows of one moment, and prints them as a part of the table. */
export async function tryAt(
  stage: Stage,
  rows: readonly Row[],
  at: Moment,
  without: readonly string[] = [],
): Promise<TriedRow[]> {
  const here = rows.filter((one) => one.at === at);
  if (here.length === 0) return [];
  stage.printer.heading(`Tampering while it is ${at}: step, field, the layer that refused`);
  stage.printer.say(tableHead);
  const subjects = subjectsOf(stage.running.world, "eve", "2.0.0");
  await stage.pause();
  const tried: TriedRow[] = [];
  for (const row of here) {
    const [one] = await runRows(stage, [row], { subjects, rules: stage.rules, without });
    if (one === undefined) continue;
    tried.push(one);
    for (const line of rowLines(one)) stage.printer.say(line);
  }
  stage.resume();
  await stage.quorate.settle();
  return tried;
}
