/** What is tried with a tampered ceremony: the honest next step, by the person whose turn it is. */

import type { PersonName } from "../../embedded/people.ts";
import { CEREMONY } from "../stage.ts";
import { type Attempt, refusing } from "./row.ts";

export const by = (person: PersonName) => ({ person, account: `console:${person}` });

/** Finn adds an approval to those that are there. */
export function approvesLate(it: Attempt): Promise<string> {
  return refusing(() => it.branch.quorate.services.vote({ kind: "approve", by: by("finn") }, CEREMONY));
}

export function schedules(it: Attempt): Promise<string> {
  return refusing(() => it.branch.quorate.services.schedule(by("ben"), CEREMONY));
}

export function executes(it: Attempt): Promise<string> {
  return refusing(() => it.branch.quorate.services.execute(by("eve"), CEREMONY));
}

export function rollsBack(it: Attempt): Promise<string> {
  return refusing(() => it.branch.quorate.services.rollback(by("eve"), CEREMONY, "A rehearsal."));
}
