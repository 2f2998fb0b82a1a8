/** Artefact: new code is there, is what was built from the named source, holds the values it should, and is not old code. */

import type { BuildInventory, CodeIdentity, Identified } from "../build-facts.ts";
import { delegateOf, withoutAddress } from "../domain/bytecode.ts";
import type { Finding } from "../domain/events.ts";
import { type Address, chainNumber, type Hex, zeroAddress } from "../domain/primitives.ts";
import { type HistoryFacts, judgeHistory } from "./artefact-history.ts";
import { type ImmutableValue, judgeImmutables } from "./artefact-immutables.ts";
import { judgeLibraries, type LinkedLibrary, librariesOf } from "./artefact-libraries.ts";
import { judgeSource, type SourceFacts } from "./artefact-source.ts";
import { judgeOwnStorage, storedIn } from "./artefact-storage.ts";
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
    const [inventory, identified, present, pasts] = await Promise.all([
      builds.inventory(),
      builds.identify(
        changes.map((one) => one.toCode),
        named.length === 0 ? undefined : named,
      ),
      builds.identify(changes.map((one) => one.fromCode)),
      Promise.all(changes.map((one) => pastOf(one, input))),
    ]);
    const perChange = await Promise.all(
      changes.map((change, index) =>
        judged(change, input, {
          inventory,
          identified: identified[index] ?? { equal: [], closest: undefined },
          present: present[index]?.equal[0],
          past: pasts[index] ?? [],
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
  past: readonly { implementation: Address; setBy: Address; block: bigint; code: Hex }[];
}

async function judged(change: NewCode, input: GateInput, gathered: Gathered): Promise<Finding[]> {
  const { inventory, identified, present, past } = gathered;
  const { name, to, toCode, from, fromCode } = change;
  const demands = codePolicyOf(input, change);
  const source: SourceFacts = {
    ...{ name, to, code: toCode, codeHash: codeHashOf(toCode), inventory, identified },
    named: namedBuilds(input.subject),
    mayName: input.subject.kind === "package",
    requireSource: demands?.requireSource ?? false,
    denied: demands?.denied ?? [],
  };
  const { identity, findings: found } = judgeSource(source);
  if (toCode === "0x" || delegateOf(toCode) !== undefined) return found;
  const [alike, libraries, stored, versions] = await Promise.all([
    alikeIn(past, change, identity, input),
    librariesOf(change, identity, present, input),
    storedIn(change, input),
    versionsOf(change, input),
  ]);
  const history: HistoryFacts = {
    ...{ name, from, to, versions },
    past: past.map((one, index) => ({ ...one, alike: alike[index] ?? false })),
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

/** Logs of the proxy, and of its beacon where it has one; the code at each address now. */
async function pastOf({ chain, proxy, through, from }: NewCode, { chains }: GateInput): Promise<Gathered["past"]> {
  const at = chains.get(chain);
  const past = (await at.implementationsOf([...new Set([proxy, through])])).filter(
    (one) => one.implementation !== from,
  );
  const codes = await at.codes(past.map((one) => one.implementation));
  return past.map((one, index) => ({ ...one, code: codes[index] ?? "0x" }));
}

/** Which past code is the new code again: byte for byte but for its own address, or the same contract of the same build. */
async function alikeIn(
  past: Gathered["past"],
  { to, toCode }: NewCode,
  identity: CodeIdentity | undefined,
  { builds }: GateInput,
): Promise<boolean[]> {
  const known = await builds.identify(past.map((one) => one.code));
  return past.map(
    ({ code, implementation }, index) =>
      sameSource(toCode, to, code, implementation) ||
      (identity !== undefined &&
        known[index]?.equal.some((one) => one.build === identity.build && one.contract === identity.contract) === true),
  );
}

function sameSource(code: Hex, own: Address, other: Hex, otherOwn: Address): boolean {
  return other !== "0x" && withoutAddress(code, own) === withoutAddress(other, otherOwn);
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
  return faults.map(({ file, reason }) =>
    info("build-unreadable", `The build file ${file} cannot be used: ${reason}.`, {
      fix: "Replace it or take it away.",
    }),
  );
}
