/** What the layout gate says where it has nothing to compare. */

import type { CodeIdentity } from "../build-facts.ts";
import type { Finding } from "../domain/events.ts";
import { findings, type GateInput } from "./gate.ts";
import { codePolicyOf, type NewCode, namedBuilds } from "./new-code.ts";

const { refuse, flag, info } = findings("layout");

export function whyUnknown({ from }: NewCode, to: readonly CodeIdentity[]): string {
  return to.length === 0
    ? "The new code equals no contract of a build that is named."
    : `The present code at ${from ?? "the proxy"} equals no contract of any build.`;
}

/** Whoever names a source, or whose policy asks for one, relies on this comparison. */
export function isAsked(change: NewCode, input: GateInput): boolean {
  return namedBuilds(input.subject).length > 0 || codePolicyOf(input, change)?.requireSource === true;
}

/** Nobody keeps builds of this contract, old or new, and policy asks for none: told, and no more. */
export function notAsked({ name, from, to }: NewCode): Finding {
  return info(
    "not-asked",
    `The storage of ${name} before and after was not compared: nobody named a build, and policy does not ask for one. The simulation compares what both versions read from it.`,
    {
      evidence: `${from ?? "unknown code"} to ${to}`,
      fix: "Put the builds of the present and of the new code into the builds folder to have it compared.",
    },
  );
}

/** Where one of both is known, the other one is missing in plain sight. */
export function notCompared(change: NewCode, reason: string, input: GateInput): Finding {
  const wanted = isAsked(change, input);
  return (wanted ? refuse : flag)(
    "not-compared",
    `The storage of ${change.name} before and after was not compared, so the new code may read the old values as something else. ${reason}`,
    {
      evidence: `${change.from ?? "unknown code"} to ${change.to}`,
      fix: "Put the builds of the present and of the new code into the builds folder, with sources, syntax trees and storage layouts (forge build --build-info --ast --extra-output storageLayout).",
    },
  );
}
