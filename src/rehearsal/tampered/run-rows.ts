/** Tries rows, each on a copy of log and chain, and sees whether the right layer refused and nothing was changed. */

import type { Rules } from "../../domain/decision.ts";
import { whatIf } from "../branch.ts";
import { photograph, type Subjects } from "../judge.ts";
import { standingOf } from "../raw-chain.ts";
import { CEREMONY, type Stage } from "../stage.ts";
import type { Attempt, Row } from "./row.ts";

export interface TriedRow extends Pick<Row, "at" | "step" | "field" | "layer"> {
  refusedBy: string;
  /** What was changed all the same, in words; undefined where nothing was. */
  changed: string | undefined;
  ok: boolean;
}

export interface RunOptions {
  subjects: Subjects;
  /** The rules that the tampered copy runs under; the ceremony itself runs under all. */
  rules: Rules;
  without: readonly string[];
}

/** The stage has to be paused. */
export async function runRows(stage: Stage, rows: readonly Row[], options: RunOptions): Promise<TriedRow[]> {
  const tried: TriedRow[] = [];
  for (const row of rows) tried.push(await runRow(stage, row, options));
  return tried;
}

async function runRow(stage: Stage, row: Row, { subjects, rules, without }: RunOptions): Promise<TriedRow> {
  const policy = row.policy?.(stage.running.policy);
  const options = {
    rules,
    ...(policy === undefined ? {} : { policy }),
    ...(row.chain === undefined ? {} : { chain: row.chain }),
  };
  const { at, step, field, layer } = row;
  const { refusedBy, changed } = await whatIf(stage, options, async (branch) => {
    const it: Attempt = { stage, branch, subjects, without };
    await row.prepare?.(it);
    await row.tamper?.(it);
    const before = await seen(it);
    const refusedBy = await row.attempt(it);
    await branch.quorate.outbox.settled();
    return { refusedBy, changed: difference(before, await seen(it), row.leads ?? []) };
  });
  return { at, step, field, layer, refusedBy, changed, ok: refusedBy === layer && changed === undefined };
}

interface Seen {
  log: string[];
  chain: string;
}

/** The log's kinds of events, and everything that the judge looks at. */
async function seen({ branch, subjects }: Attempt): Promise<Seen> {
  const [log, { block: _block, ...photo }, standing] = await Promise.all([
    branch.store.read(`ceremony/${CEREMONY}`),
    photograph(subjects),
    standingOf(subjects.url, subjects.timelock),
  ]);
  const chain = JSON.stringify({ photo, standing }, (_key, value) => (typeof value === "bigint" ? `${value}` : value));
  return { log: log.map((one) => one.type), chain };
}

function difference(before: Seen, after: Seen, leads: readonly string[]): string | undefined {
  const fresh = after.log.slice(before.log.length).filter((type) => type !== "refused" && !leads.includes(type));
  if (fresh.length > 0) return `the log says ${fresh.join(", ")}`;
  return before.chain === after.chain ? undefined : "the chain is not as it was";
}
