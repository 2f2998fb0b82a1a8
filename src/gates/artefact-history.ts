/** Whether new code is old code: what this contract ran before comes back only as a rollback. */

import type { PastImplementation } from "../code-facts.ts";
import type { Finding } from "../domain/events.ts";
import type { Address } from "../domain/primitives.ts";
import { findings } from "./gate.ts";

const { refuse, info } = findings("artefact");

export interface HistoryFacts {
  name: string;
  from: Address | undefined;
  to: Address;
  /** What its events say it ran, oldest first, and whether that is the same source as the new code. */
  past: readonly (PastImplementation & { alike: boolean })[];
  /** The new code is the present code under another address. */
  likePresent: boolean;
  /** What `version()` of both answers, where it answers like "1.2.3". */
  versions: { now: string | undefined; next: string | undefined };
}

const asRollback =
  "Old code comes back only as the rollback of an upgrade, on its own schedule; if this one is wanted, deploy it as a new release with a version and a review of its own.";

export function judgeHistory({ name, from, to, past, likePresent, versions }: HistoryFacts): Finding[] {
  if (to === from)
    return [
      refuse("same", `The contract ${name} runs this code already: there is nothing to upgrade.`, {
        evidence: to,
        fix: "Name the implementation that is really new.",
      }),
    ];
  const again = likePresent ? undefined : past.find((one) => one.alike);
  if (again !== undefined) {
    const copied = again.implementation === to ? "" : ", at another address,";
    return [
      refuse("downgrade", `The new code of ${name} is${copied} code that it ran before: this is a downgrade.`, {
        evidence: `${to} is ${again.implementation}, which was set in block ${again.block}`,
        fix: asRollback,
      }),
    ];
  }
  const { now, next } = versions;
  if (now !== undefined && next !== undefined && isLower(next, now))
    return [
      refuse("version-lower", `The new code of ${name} says that it is version ${next}, and ${now} runs now.`, {
        evidence: `version() of ${to} is ${next}, of ${from} ${now}`,
        fix: asRollback,
      }),
    ];
  return likePresent
    ? [info("redeployed", `The new code of ${name} is the present code at another address.`, { evidence: to })]
    : [];
}

function isLower(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => text.split(".").map(Number));
  for (let index = 0; index < 3; index++) {
    const difference = (left?.[index] ?? 0) - (right?.[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
