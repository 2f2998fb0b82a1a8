/** What a scenario is: a script, and what the judge must find on the chain when it has been played. */

import type { PersonName } from "../embedded/people.ts";
import type { Promises } from "./judge.ts";
import type { Stage } from "./stage.ts";
import type { ReleaseName } from "./subjects.ts";

export interface Scenario {
  name: string;
  /** One line, printed first. */
  summary: string;
  /** Whose wallet executes. */
  executor: PersonName;
  release: ReleaseName;
  promises: Promises;
  /** Faults of the background work that the script brings about; any other is one of the program's. */
  faults?: RegExp;
  /** Several nodes that can be made to mislead stand between the bot and its chain. */
  misleading?: true;
  /** What happens before: scenarios with the same may be played on copies of one stage. */
  opening?(stage: Stage): Promise<void>;
  /** Plays it; hands back what the script itself proved, a sentence each. Throws OffScript where it went another way. */
  play(stage: Stage): Promise<string[]>;
}

/** A node that takes its time, on a machine with much else to do, is no fault of the program's where nodes are to blame. */
export const slowNodes = /did not answer within/;

/** A phase that runs, with its way back still in the timelock; and one that waits for it. */
export const running = { runs: "new", upgrade: "executed", rollback: "waits" } as const;
export const waiting = { runs: "old", upgrade: "waits", rollback: "waits" } as const;

/** What a whole, honest ceremony promises. */
export const closed: Promises = {
  phases: {
    pilot: { runs: "new", upgrade: "executed", rollback: "cancelled" },
    main: { runs: "new", upgrade: "executed", rollback: "cancelled" },
  },
  councilSent: 4n,
  guardianSent: 2n,
  paused: [],
  broken: [],
  tooLate: false,
};
