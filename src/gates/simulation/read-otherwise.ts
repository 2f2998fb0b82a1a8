/** Answers that change although nothing was written: the new code reads the old storage as something else. */

import type { StepReport } from "../../chain-facts.ts";
import type { Finding } from "../../domain/events.ts";
import { slots } from "../../domain/known-slots.ts";
import type { Address, Hex } from "../../domain/primitives.ts";
import type { Fork } from "../../fork.ts";
import { findings } from "../gate.ts";
import type { Upgrade } from "../upgrades.ts";
import { prices } from "./changed-answers.ts";
import { numberIn, powerGetters, type Survey } from "./survey.ts";

const { flag } = findings("simulation");

interface Seen {
  before: Survey;
  after: Survey;
  /** When nobody has done anything for a while: what time changes by itself is left out. */
  later: readonly Survey[];
  steps: readonly StepReport[];
}

/** Written by every upgrade. */
const usual: readonly Hex[] = [slots.implementation, slots.initializable];

/** Powers, zeros and prices have judgements of their own. One request, and only where something changed. */
export async function judgeReadOtherwise(fork: Fork, upgrades: readonly Upgrade[], seen: Seen): Promise<Finding[]> {
  const changed = upgrades.filter((one) => isUnwritten(one.proxy, seen.steps)).flatMap((one) => changedIn(one, seen));
  if (changed.length === 0) return [];
  // What the bare code answers alike is a constant of it, such as its version.
  const bare = await fork.read(changed.map(({ upgrade, selector }) => ({ to: upgrade.to, data: selector })));
  return changed
    .filter(({ is }, index) => bare[index] !== is)
    .map(({ upgrade, selector, was, is }) =>
      flag(
        "reads-otherwise",
        `After it, ${upgrade.name} answers something else to the function ${selector}, though nothing was written there: the new code reads the old storage in another place, or works it out in another way.`,
        {
          evidence: `${upgrade.proxy} ${selector}: ${was.slice(0, 140)} before, ${is.slice(0, 140)} after`,
          fix: "Compare the storage layouts of both versions; if it is meant, say why in the rationale.",
        },
      ),
    );
}

function isUnwritten(proxy: Address, steps: readonly StepReport[]): boolean {
  return !steps.some((step) => step.storage.some((one) => one.address === proxy && !usual.includes(one.slot)));
}

interface Changed {
  upgrade: Upgrade;
  selector: Hex;
  was: Hex;
  is: Hex;
}

function changedIn(upgrade: Upgrade, { before, after, later }: Seen): Changed[] {
  const of = (survey: Survey, selector: Hex) => survey.answers.get(upgrade.proxy)?.get(selector);
  return [...(after.answers.get(upgrade.proxy) ?? [])].flatMap(([selector, is]) => {
    const was = of(before, selector);
    if (!was || !is || was === "0x" || is === "0x" || isAlike(was, is)) return [];
    if (powerGetters.has(selector) || prices.has(selector) || numberIn(is) === 0n) return [];
    return later.some((one) => of(one, selector) !== is) ? [] : [{ upgrade, selector, was, is }];
  });
}

/** Within a hundredth: rounding is what upgrades mend. */
function isAlike(was: Hex, is: Hex): boolean {
  if (was === is) return true;
  const [a, b] = [numberIn(was), numberIn(is)];
  if (a === undefined || b === undefined || a === 0n) return false;
  return ((b > a ? b - a : a - b) * 100n) / a === 0n && (a < b ? b - a : a - b) * 100n <= a;
}
