/** Opcodes: what new code can do that the present code cannot, read from the code itself, function by function. */

import type { CodeIdentity } from "../build-facts.ts";
import { type CodeUse, type CodeWalk, isWalkable } from "../domain/code-walk.ts";
import type { Finding } from "../domain/events.ts";
import { findings, type Gate } from "./gate.ts";
import { namedBuilds, newCodeOf } from "./new-code.ts";
import { judgeSelectors, type SelectorFacts } from "./opcodes-selectors.ts";
import { judgeUse } from "./opcodes-uses.ts";

const { flag, info } = findings("opcodes");

export const opcodesGate: Gate = {
  name: "opcodes",
  proof: () =>
    judgeUse(
      { op: "CALLCODE", selector: "", target: "", at: 0 },
      { name: "proof", where: "the fallback", keepsCode: true, linked: [], kind: "uups" },
    ),
  async run(input) {
    const { builds, chains, subject, progress } = input;
    const changes = (await newCodeOf(input)).filter((one) => one.toCode !== "0x");
    if (changes.length === 0) return { findings: [] };
    progress("Walking through the new code…");
    for (const { toCode, name } of changes)
      if (!isWalkable(toCode)) throw new Error(`The new code of ${name} is longer than any chain takes.`);
    const named = namedBuilds(subject);
    const ids = [...new Set(changes.map((one) => one.chain))];
    const [walks, next, present, keeps] = await Promise.all([
      builds.walk(changes.flatMap((one) => [one.toCode, one.fromCode, one.proxyCode])),
      builds.identify(
        changes.map((one) => one.toCode),
        named.length === 0 ? undefined : named,
      ),
      builds.identify(changes.map((one) => one.fromCode)),
      Promise.all(ids.map((id) => chains.get(id).keepsDestroyedCode())),
    ]);
    return {
      findings: changes.flatMap((change, index) => {
        const [to, from, proxy] = walks.slice(index * 3, index * 3 + 3);
        if (to === undefined || from === undefined || proxy === undefined) throw new Error("The code was not walked.");
        const identity = next[index]?.equal[0];
        const selectors: SelectorFacts = {
          name: change.name,
          kind: change.kind,
          now: { selectors: from.selectors, functions: present[index]?.equal[0]?.functions },
          next: { selectors: to.selectors, functions: identity?.functions },
          // What is no proxy answers to everything itself; preflight says so.
          proxy: change.from === undefined ? [] : proxy.selectors,
          complete: to.complete,
        };
        const keepsCode = keeps[ids.indexOf(change.chain)] ?? false;
        return [
          ...incomplete(change.name, to),
          ...newUses(to, from).flatMap((use) =>
            judgeUse(use, {
              ...{ name: change.name, keepsCode, kind: change.kind },
              where: place(use, identity),
              linked: identity?.comparison.equal ? identity.comparison.libraries.map((one) => one.address) : [],
            }),
          ),
          ...judgeSelectors(selectors),
        ];
      }),
    };
  },
};

/** What the same function of the present code did not do already; functions that are new have nothing to compare with. */
function newUses(next: CodeWalk, now: CodeWalk): CodeUse[] {
  const key = ({ op, selector, target }: CodeUse, exact: boolean) => `${op}/${exact ? selector : ""}/${target}`;
  const exact = next.complete && now.complete;
  const known = new Set(now.uses.map((one) => key(one, exact)));
  const fresh = new Map(next.uses.map((one) => [key(one, exact), one] as const).filter(([name]) => !known.has(name)));
  return [...fresh.values()];
}

function place({ selector, at }: CodeUse, identity: CodeIdentity | undefined): string {
  if (selector === "") return `code that every call goes through, or that no function owns (byte ${at})`;
  return `${identity?.functions[selector] ?? `the function ${selector}`} (byte ${at})`;
}

function incomplete(name: string, walk: CodeWalk): Finding[] {
  const evidence = `${walk.selectors.length} functions were told apart before that`;
  return walk.complete
    ? [info("walked", `Every path of the new code of ${name} was walked: ${walk.selectors.length} functions.`)]
    : [
        flag(
          "not-followed",
          `The new code of ${name} jumps to places that it works out as it runs, so its functions could not be told apart: everything that stands in it is judged as if anyone could reach it.`,
          {
            evidence,
            fix: "Have a person read the code; compilers other than solc write such jumps, and so does who wants to hide.",
          },
        ),
      ];
}
