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
  /** Plays it; hands back what the script itself proved, a sentence each. Throws OffScript where it went another way. */
  play(stage: Stage): Promise<string[]>;
}

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
