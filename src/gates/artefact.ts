/** Artefact: new code is there, is what was built from the named source, holds the values it should, and is not old code. */

import type { BuildInventory, CodeIdentity, Identified } from "../build-facts.ts";
import { delegateOf } from "../domain/bytecode.ts";
import type { Finding } from "../domain/events.ts";
import { chainNumber, zeroAddress } from "../domain/primitives.ts";
import { type HistoryFacts, judgeHistory } from "./artefact-history.ts";
import { type ImmutableValue, judgeImmutables } from "./artefact-immutables.ts";
import { judgeLibraries, type LinkedLibrary, librariesOf } from "./artefact-libraries.ts";
import { isAlike, type PastCode, pastOf, sameSource } from "./artefact-past.ts";
import { judgeSource, type SourceFacts } from "./artefact-source.ts";
import { judgeOwnStorage, type StoredWord, storedIn } from "./artefact-storage.ts";
import { versionsOf } from "./artefact-versions.ts";
import { findings, type Gate, type GateInput } from "./gate.ts";
import { codeHashOf, codePolicyOf, knownAddresses, type NewCode, namedBuilds, newCodeOf } from "./new-code.ts";

const { refuse, info } = findings("artefact");

export const artefactGate: Gate = {
  name: "artefact",
  proof: () =>
    judgeImmutables({
      name: "proof",
      chainNumber: 1n,
      now: { address: zeroAddress, values: [{ name: "feeTo", type: "address", value: `0x${"11".repeat(32)}` }] },
      before: undefined,
      declared: {},
      known: new Set(),
    }),
  async run(input) {
    const { builds, subject, progress } = input;
    const changes = await newCodeOf(input);
    if (changes.length === 0) return { findings: [] };
    progress("Comparing new code with the builds it is said to come from…");
    const named = namedBuilds(subject);
    const there = changes.filter((one) => one.toCode !== "0x");
    const [inventory, identified, present, past, stored, versions] = await Promise.all([
      builds.inventory(),
      builds.identify(
        changes.map((one) => one.toCode),
        named.length === 0 ? undefined : named,
      ),
      builds.identify(changes.map((one) => one.fromCode)),
      pastOf(there, input),
      storedIn(there, input),
      versionsOf(there, input),
    ]);
    const perChange = await Promise.all(
      changes.map((change, index) =>
        judged(change, input, {
          inventory,
          identified: identified[index] ?? { equal: [], closest: undefined },
          present: present[index]?.equal[0],
          past: past.get(change) ?? [],
          stored: stored.get(change) ?? [],
          versions: versions.get(change) ?? { now: undefined, next: undefined },
        }),
      ),
    );
    return { findings: [...brokenBuilds(inventory), ...perChange.flat()] };
  },
};

interface Gathered {
  inventory: BuildInventory;
  identified: Identified;
  present: CodeIdentity | undefined;
  past: readonly PastCode[];
  stored: readonly StoredWord[];
  versions: HistoryFacts["versions"];
}

async function judged(change: NewCode, input: GateInput, gathered: Gathered): Promise<Finding[]> {
  const { inventory, identified, present, past, stored, versions } = gathered;
  const { name, to, toCode, from, fromCode } = change;
  const demands = codePolicyOf(input, change);
  const source: SourceFacts = {
    ...{ name, to, code: toCode, codeHash: codeHashOf(toCode), inventory, identified },
    named: namedBuilds(input.subject),
    mayName: input.subject.kind === "package",
    requireSource: demands?.requireSource ?? false,
    presentIsBuilt: present !== undefined,
    denied: demands?.denied ?? [],
  };
  const { identity, findings: found } = judgeSource(source);
  if (toCode === "0x" || delegateOf(toCode) !== undefined) return found;
  const libraries = await librariesOf(change, identity, present, input);
  const history: HistoryFacts = {
    ...{ name, from, to, versions },
    past: past.map((one) => ({ ...one, alike: isAlike(one, change, identity) })),
    likePresent: from !== undefined && sameSource(toCode, to, fromCode, from),
  };
  return [
    ...found,
    ...judgeHistory(history),
    ...judgeImmutables({
      name,
      chainNumber: chainNumber(change.chain),
      now: { address: to, values: valuesOf(identity) },
      before: present === undefined || from === undefined ? undefined : { address: from, values: valuesOf(present) },
      declared: demands?.immutables[name] ?? {},
      known: knownAddresses(input, change.chain),
    }),
    ...judgeLibraries(name, libraries satisfies LinkedLibrary[], demands?.libraries ?? {}),
    ...judgeOwnStorage(name, to, stored),
    ...judgeAudit(name, source, identity, input, demands?.requireAudit ?? false),
  ];
}

function valuesOf(identity: CodeIdentity | undefined): readonly ImmutableValue[] {
  return identity?.comparison.equal ? identity.comparison.immutables : [];
}

function judgeAudit(
  name: string,
  { codeHash }: SourceFacts,
  identity: CodeIdentity | undefined,
  { subject }: GateInput,
  required: boolean,
): Finding[] {
  if (subject.kind === "transaction" && !required) return [];
  const audits = subject.kind === "package" ? subject.package.audits : [];
  const fitting = audits.filter((one) => one.hash === codeHash || one.hash === identity?.build);
  if (fitting.length > 0)
    return [
      info("audited", `The new code of ${name} was audited: ${fitting.map((one) => one.name).join(", ")}.`, {
        evidence: fitting.map((one) => `${one.url} for ${one.hash}`).join("; "),
      }),
    ];
  const severity = required ? refuse : info;
  return [
    severity(
      "no-audit",
      `No audit is named for the new code of ${name}${audits.length === 0 ? "" : "; those named are of other code"}.`,
      {
        evidence: [`code hash ${codeHash}`, ...audits.map((one) => `${one.name} is for ${one.hash}`)].join("; "),
        fix: "Name the audit of exactly this code or build, by its hash, in the release of the policy target.",
      },
    ),
  ];
}

/** A file that could not be read may be the one that somebody relies on. */
function brokenBuilds({ faults }: BuildInventory): Finding[] {
  const fix = "Replace them or take them away.";
  const told = faults
    .slice(0, mostTold)
    .map(({ file, reason }) => info("build-unreadable", `The build file ${file} cannot be used: ${reason}.`, { fix }));
  const more = faults.length - told.length;
  return more === 0
    ? told
    : [...told, info("build-unreadable", `${more} more files cannot be used as builds.`, { fix })];
}

const mostTold = 5;
