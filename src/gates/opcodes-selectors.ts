/** Functions by their four bytes: who answers to them now, and who will. */

import type { ProxyKind } from "../chain-facts.ts";
import type { Finding } from "../domain/events.ts";
import type { Hex } from "../domain/primitives.ts";
import { findings } from "./gate.ts";
import { upgradeSelectors } from "./opcodes-uses.ts";

const { refuse, flag, info } = findings("opcodes");

interface Side {
  /** As the code tells them apart. */
  selectors: readonly Hex[];
  /** Full signatures, where a build is known. */
  functions: Readonly<Record<Hex, string>> | undefined;
}

export interface SelectorFacts {
  name: string;
  kind: ProxyKind | undefined;
  now: Side;
  next: Side;
  /** What the proxy answers itself. */
  proxy: readonly Hex[];
  /** Every path of the new code was walked. */
  complete: boolean;
}

const rename = "Rename the function: its four bytes change with its name.";

export function judgeSelectors(facts: SelectorFacts): Finding[] {
  return [
    ...twins(facts),
    ...shadowed(facts),
    ...secondPath(facts),
    ...upgradeKept(facts),
    ...unlisted(facts),
    ...removed(facts),
  ];
}

/** Another function under the same four bytes: callers that were written for the old one would run it. */
function twins({ name, now, next }: SelectorFacts): Finding[] {
  return Object.entries(next.functions ?? {}).flatMap(([selector, signature]) => {
    const before = now.functions?.[selector as Hex];
    if (before === undefined || before === signature) return [];
    return [
      refuse(
        "twin",
        `In ${name} calls to ${before} would run ${signature} after the upgrade: both have the same four bytes.`,
        {
          evidence: `${selector} is ${before} now and ${signature} then`,
          fix: rename,
        },
      ),
    ];
  });
}

/** The proxy answers first: a function of the same four bytes behind it could not be reached, or only by some. */
function shadowed({ name, now, next, proxy }: SelectorFacts): Finding[] {
  return next.selectors
    .filter((one) => proxy.includes(one) && !now.selectors.includes(one) && !upgradeSelectors.includes(one))
    .map((selector) =>
      refuse(
        "shadowed",
        `The proxy of ${name} itself answers to the four bytes of ${next.functions?.[selector] ?? selector}, which the new code brings: callers would reach another function than they mean.`,
        {
          evidence: selector,
          fix: rename,
        },
      ),
    );
}

/** Code that can upgrade the proxy from inside is a way past the ProxyAdmin or the beacon. */
function secondPath({ name, kind, now, next }: SelectorFacts): Finding[] {
  if (kind === undefined || kind === "uups") return [];
  return next.selectors
    .filter((one) => upgradeSelectors.includes(one) && !now.selectors.includes(one))
    .map((selector) =>
      refuse(
        "second-upgrade",
        `The new code of ${name} has an upgrade function of its own, and its proxy is upgraded from outside: that is a second way to replace the code.`,
        {
          evidence: `${selector} in the code behind a ${kind} proxy`,
          fix: "Take UUPSUpgradeable out of the implementation.",
        },
      ),
    );
}

/** Without it a UUPS proxy can never be upgraded again, and its rollback fails too; the code says so even without its source. */
function upgradeKept({ name, kind, now, next, complete }: SelectorFacts): Finding[] {
  const has = (side: Side) => side.selectors.some((one) => upgradeSelectors.includes(one));
  if (kind !== "uups" || !complete || has(next) || !has(now)) return [];
  return [
    refuse(
      "upgrade-missing",
      `The new code of ${name} does not answer to upgradeToAndCall, and it is a UUPS proxy: it could never be upgraded or rolled back again.`,
      {
        evidence: upgradeSelectors.join(", "),
        fix: "Inherit UUPSUpgradeable, or keep upgradeToAndCall(address,bytes) in another way.",
      },
    ),
  ];
}

function unlisted({ name, next }: SelectorFacts): Finding[] {
  const { functions } = next;
  if (functions === undefined) return [];
  const hidden = next.selectors.filter((one) => functions[one] === undefined);
  if (hidden.length === 0) return [];
  return [
    flag(
      "unlisted",
      `The new code of ${name} looks for ${hidden.length === 1 ? "a function" : "functions"} in calls that its build does not list: nobody who read the source has seen what it does there.`,
      {
        evidence: hidden.join(", "),
        fix: "Have a person read the fallback function.",
      },
    ),
  ];
}

/** Functions that a sentence names; evidence has all of them. */
const mostNamed = 5;

function removed({ name, now, next }: SelectorFacts): Finding[] {
  const gone = now.selectors.filter((one) => !next.selectors.includes(one));
  if (gone.length === 0) return [];
  const names = gone.map((one) => now.functions?.[one] ?? one);
  const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : "";
  const shown = `${names.slice(0, mostNamed).join(", ")}${more}`;
  return [info("removed", `The contract ${name} no longer answers to ${shown}.`, { evidence: gone.join(", ") })];
}
