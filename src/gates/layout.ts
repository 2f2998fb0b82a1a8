/** Layout: storage means after the upgrade what it meant before, and the new contract is fit to stand behind a proxy. */

import type { CodeIdentity, LayoutFact } from "../build-facts.ts";
import type { Finding } from "../domain/events.ts";
import { findings, type Gate, type GateInput } from "./gate.ts";
import { initialisersLocked } from "./initialiser-locks.ts";
import { isAsked, notAsked, notCompared, whyUnknown } from "./layout-missing.ts";
import { type NewCode, namedBuilds, newCodeOf } from "./new-code.ts";

const { refuse, flag, info } = findings("layout");

export const layoutGate: Gate = {
  name: "layout",
  proof: () =>
    judgeFact(
      "proof",
      { locked: true, usual: true },
      { kind: "inserted", subject: "Vault.fee", before: "", after: "uint256 fee at slot 0" },
    ),
  async run(input) {
    const { builds, subject, progress } = input;
    const changes = (await newCodeOf(input)).filter((one) => one.toCode !== "0x");
    if (changes.length === 0) return { findings: [] };
    progress("Comparing storage layouts…");
    const named = namedBuilds(subject);
    const [next, present, locks] = await Promise.all([
      builds.identify(
        changes.map((one) => one.toCode),
        named.length === 0 ? undefined : named,
      ),
      builds.identify(changes.map((one) => one.fromCode)),
      initialisersLocked(changes, input),
    ]);
    const perChange = await Promise.all(
      changes.map(async (change, index) => {
        const to = next[index]?.equal ?? [];
        const from = nearest(present[index]?.equal ?? [], to);
        if (from.length === 0 && to.length === 0 && !isAsked(change, input)) return [notAsked(change)];
        if (from.length === 0 || to.length === 0) return [notCompared(change, whyUnknown(change, to), input)];
        return compared(
          change,
          { from, to: to.slice(0, most.to), lock: locks[index] ?? { locked: false, usual: true } },
          input,
        );
      }),
    );
    return { findings: perChange.flat() };
  },
};

/** Contracts that share their code differ in comments and in what they do not use. */
const most = { from: 2, to: 3 };

/** The same code may be in several builds: the new code's own build tells most of what changed in the source. */
function nearest(equal: readonly CodeIdentity[], to: readonly CodeIdentity[]): CodeIdentity[] {
  const same = equal.filter((one) => to.some((other) => other.build === one.build));
  return (same.length > 0 ? same : equal).slice(0, most.from);
}

/** Of the implementation's own initialisers: locked, as the chain says; kept in the usual place, as the code says. */
interface Lock {
  locked: boolean;
  usual: boolean;
}

interface Compared {
  from: readonly CodeIdentity[];
  to: readonly CodeIdentity[];
  lock: Lock;
}

/** Where the code is that of several contracts, the comparison that goes best holds: it is the same code. */
async function compared(change: NewCode, { from, to, lock }: Compared, input: GateInput): Promise<Finding[]> {
  const pairs = from.flatMap((before) => to.map((after) => ({ from: before, to: after })));
  const kind = change.kind ?? "transparent";
  const answers = await input.builds.layouts(pairs.map((pair) => ({ ...pair, code: change.toCode, kind })));
  const judged = answers.map((answer, index) => {
    if ("reason" in answer) return [notCompared(change, answer.reason, input)];
    const found = causes(answer.facts).flatMap((fact) => judgeFact(change.name, lock, fact));
    const pair = pairs[index];
    const evidence = `${pair?.from.contract} of ${pair?.from.file} to ${pair?.to.contract} of ${pair?.to.file}`;
    return found.length > 0
      ? found
      : [info("kept", `Storage of ${change.name} means the same before and after.`, { evidence })];
  });
  const weight = (found: readonly Finding[]) =>
    found.reduce((sum, one) => sum + { refuse: 1000, flag: 1, info: 0 }[one.severity], 0);
  return judged.sort((a, b) => weight(a) - weight(b))[0] ?? [];
}

/** What moves because something was put in, taken out or grew is no news of its own. */
function causes(facts: readonly LayoutFact[]): LayoutFact[] {
  const others = facts.filter((one) => one.kind !== "moved");
  const caused = others.some(({ kind }) => ["inserted", "deleted", "replaced", "retyped", "gap"].includes(kind));
  return caused ? others : [...facts];
}

type Judgement = readonly [
  severity: typeof refuse,
  code: string,
  words: (fact: LayoutFact, name: string) => string,
  fix: string,
];

const atTheEnd = "New variables go behind all others, or into a gap that shrinks by as much.";
const keepNamespace = "Leave every ERC-7201 namespace at its slot, by its id, with its members in order.";
const deliberate = "If it is meant, say why in the rationale, so that every signer reads it.";

const judgements: Record<LayoutFact["kind"], Judgement> = {
  inserted: [
    refuse,
    "inserted",
    ({ subject }, name) =>
      `${name} has a new variable ${subject} in front of or over others: every value behind it would be read from the wrong place.`,
    atTheEnd,
  ],
  deleted: [
    refuse,
    "deleted",
    ({ subject }, name) =>
      `${name} loses the variable ${subject}: what follows it moves up and is read from the wrong place.`,
    "Keep the variable in its place, if need be unused.",
  ],
  replaced: [
    refuse,
    "replaced",
    ({ subject, before, after }, name) =>
      `In ${name} the place of ${before} is taken by ${after || subject}: the old value would be read as the new variable.`,
    atTheEnd,
  ],
  retyped: [
    refuse,
    "retyped",
    ({ subject, before, after }, name) =>
      `${subject} of ${name} changes its type from ${before} to ${after}: its stored value would mean something else.`,
    "Keep the type, and put a variable of the new type behind all others.",
  ],
  renamed: [
    flag,
    "renamed",
    ({ before, after }, name) =>
      `${name} calls a stored value by another name: ${before} becomes ${after}. Either it was renamed, or something else is now kept there.`,
    deliberate,
  ],
  moved: [
    refuse,
    "moved",
    ({ subject, before, after }, name) => `${subject} of ${name} moves from ${before} to ${after}.`,
    atTheEnd,
  ],
  gap: [
    refuse,
    "gap",
    ({ before, after }, name) =>
      `${name} uses a gap without shrinking it by as much: ${before} becomes ${after}, and everything behind it moves.`,
    atTheEnd,
  ],
  "namespace-deleted": [
    refuse,
    "namespace",
    ({ subject }, name) =>
      `${name} gives up the storage namespace ${subject}: its values would be zero, so owners and initialisers could be set anew by anyone.`,
    keepNamespace,
  ],
  "namespace-slot": [
    refuse,
    "namespace-slot",
    ({ subject }, name) =>
      `The comment above a storage struct of ${name} says ${subject}, and the code uses another slot.`,
    "Use the slot that the comment's id gives, or correct the comment and compare again.",
  ],
  "namespace-unseen": [
    refuse,
    "namespace-slot",
    ({ subject }, name) =>
      `The comment above a storage struct of ${name} says ${subject}, and that slot does not stand in the code.`,
    "Use the slot that the comment's id gives, as a constant.",
  ],
  "namespace-unclear": [
    flag,
    "namespace-unclear",
    ({ subject }, name) =>
      `The comment above a storage struct of ${name} says ${subject}; that slot stands in the code, but how the struct gets there could not be followed.`,
    "Give the slot as a constant, or have a person read that function.",
  ],
  "namespace-moved": [
    refuse,
    "namespace",
    ({ subject }, name) => `${name} keeps ${subject} at another slot than before: its values would be zero.`,
    keepNamespace,
  ],
  "namespace-members": [
    refuse,
    "namespace-members",
    ({ subject }, name) =>
      `The members of ${subject} of ${name} are not the old ones with new ones behind them: values would be read as something else.`,
    keepNamespace,
  ],
  "namespace-shared": [
    refuse,
    "namespace-shared",
    ({ subject, before }, name) =>
      `In ${name} the structs ${subject} and ${before} lie at the same slot: each would overwrite the other.`,
    "Give each struct an id of its own.",
  ],
  "declared-change": [
    flag,
    "declared",
    ({ subject, before }, name) =>
      `A comment in the source of ${name} asks to let a change of ${subject} (from ${before}) through, so it was not compared.`,
    deliberate,
  ],
  "upgrade-missing": [
    refuse,
    "upgrade-missing",
    (_fact, name) =>
      `The new code of ${name} has no upgrade function of its own, and it is a UUPS proxy: it could never be upgraded or rolled back again.`,
    "Inherit UUPSUpgradeable, or keep upgradeToAndCall(address,bytes) in another way.",
  ],
  "upgrade-open": [
    refuse,
    "upgrade-open",
    ({ after }, name) => `Nothing in ${after} of ${name} refuses anybody: whoever comes first could replace its code.`,
    "Guard it, such as with onlyOwner.",
  ],
  initialisers: [
    refuse,
    "initialiser-open",
    ({ after }, name) =>
      `The initialisers of the new code of ${name} are not locked in itself, so anyone may call ${after} on the implementation and own it.`,
    "Call _disableInitializers() in the constructor.",
  ],
  delegatecall: [
    refuse,
    "delegatecall",
    ({ subject }, name) =>
      `The source of ${name} runs foreign code with the proxy's storage by a delegatecall at ${subject}.`,
    "Take the delegatecall out, or call a library that is linked at compile time.",
  ],
  selfdestruct: [
    refuse,
    "selfdestruct",
    ({ subject }, name) => `The source of ${name} has a selfdestruct at ${subject}.`,
    "Take it out.",
  ],
  constructor: [
    flag,
    "constructor",
    ({ after }, name) =>
      `The constructor of ${name} sets ${after} in the implementation: behind the proxy it will be zero.`,
    "Set values in an initialiser.",
  ],
  "initial-value": [
    flag,
    "initial-value",
    ({ subject }, name) =>
      `A variable of ${name} at ${subject} is given its value where it is declared: behind the proxy it will be zero.`,
    "Make it constant, or set it in an initialiser.",
  ],
  "function-pointer": [
    flag,
    "function-pointer",
    ({ subject }, name) =>
      `${name} stores an internal function at ${subject}: after the upgrade it points to other code.`,
    "Do not keep internal functions in storage.",
  ],
};

/** What the chain says counts; where the mark is not in its usual place, what the constructor does. */
function judgeFact(name: string, { locked, usual }: Lock, fact: LayoutFact): Finding[] {
  if (fact.kind === "initialisers" && (locked || (!usual && fact.before === "locked"))) return [];
  const [severity, code, words, fix] = judgements[fact.kind];
  const values = [fact.subject, fact.before && `before: ${fact.before}`, fact.after && `after: ${fact.after}`];
  return [severity(code, words(fact, name), { evidence: values.filter((one) => one !== "").join("; "), fix })];
}
