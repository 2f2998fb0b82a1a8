/** When a ceremony was without a way out: recorded from the block on at which one broke, to the block at which it was mended. */

import type { BlockRef, CeremonyState } from "../ceremony.ts";
import type { LoggedEvent } from "../events.ts";
import { exitsOf } from "./exit.ts";
import type { ExitReading } from "./judge.ts";

/** One that broke; `open` until it was mended, or nobody needs it any more. */
export interface LostExit {
  /** See {@link import("./exit.ts").Exit.id}. */
  exit: string;
  /** What was wrong, by code: another sentence of the same kind is nothing new. */
  reasons: string[];
  sentence: string;
  block: BlockRef;
  open: boolean;
}

export type ExitObservation =
  | { what: "exitLost"; exit: string; reasons: string[]; sentence: string; block: BlockRef }
  | { what: "exitMended"; exit: string; block: BlockRef };

/** What a look changes in the log; nothing where the log says the same. What could not be proved changes nothing. */
export function exitChanges(state: CeremonyState, readings: readonly ExitReading[]): ExitObservation[] {
  return readings.flatMap(({ exit, verdict, reasons, block }): ExitObservation[] => {
    const known = state.lostExits.find((one) => one.exit === exit.id && one.open);
    if (verdict === "broken") {
      const codes = [...new Set(reasons.map((one) => one.code))].sort();
      if (known !== undefined && known.reasons.join() === codes.join()) return [];
      const sentence = reasons.map((one) => one.sentence).join(" ");
      return [{ what: "exitLost", exit: exit.id, reasons: codes, sentence: sentence.slice(0, 2000), block }];
    }
    const isMended = verdict === "ready" || verdict === "armed" || verdict === "over";
    return known !== undefined && isMended ? [{ what: "exitMended", exit: exit.id, block }] : [];
  });
}

/** The fold's part. */
export function lostExitsAfter(state: CeremonyState, one: LoggedEvent): LostExit[] {
  const { lostExits } = state;
  switch (one.type) {
    case "exitLost":
      return [...lostExits.filter((item) => item.exit !== one.data.exit), { ...one.data, open: true }];
    case "exitMended":
      return lostExits.map((item) => (item.exit === one.data.exit ? { ...item, open: false } : item));
    // Those of an earlier review had the same names.
    case "reviewOpened":
      return lostExits.map((item) => ({ ...item, open: false }));
    default:
      return lostExits;
  }
}

/** Exits that are broken now, and still wanted. */
export function openLosses(state: CeremonyState): LostExit[] {
  const wanted = exitsOf(state).filter((one) => one.stage !== "over");
  return state.lostExits.filter((one) => one.open && wanted.some((exit) => exit.id === one.exit));
}
